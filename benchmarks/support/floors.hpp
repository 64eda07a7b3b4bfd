// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What this machine's memory allows: below these times nothing can go.
#pragma once

#include "harness.hpp"
#include "losses.hpp"

#include <cstring>
#include <numeric>

namespace bench {

//! A copy of a batch of losses.
template <class T>
void copy(benchmark::State& state, std::size_t n) {
  batches<T> pool(n);
  std::vector<T> to(n);
  std::span<const T> from;
  double copied = 0;
  for (auto _ : state) {
    from = pool.next();
    std::memcpy(to.data(), from.data(), from.size_bytes());
    benchmark::ClobberMemory();
    copied += static_cast<double>(n);
  }
  per_example(state, copied);
  if (!std::equal(from.begin(), from.end(), to.begin())) fail(state, "not a copy");
}

//! One pass over a ledger of n: the sum of its entries' 8 bytes each.
inline void read_once(benchmark::State& state, std::size_t n) {
  const std::vector<std::uint64_t> entries(n, 1);
  double read = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = std::accumulate(entries.begin(), entries.end(), std::uint64_t{0});
    benchmark::DoNotOptimize(sum);
    read += static_cast<double>(n);
  }
  per_example(state, read);
  if (sum != n) fail(state, "the sum is " + std::to_string(sum));
}

}  // namespace bench
