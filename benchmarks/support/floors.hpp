// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What this machine's memory allows: below these times nothing can go.
#pragma once

#include "harness.hpp"
#include "losses.hpp"

#include <atomic>
#include <cstring>
#include <numeric>
#include <thread>

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

//! An executor that starts threads for each call; each takes the next task when it is free.
struct threads_of_a_call {
  std::size_t threads;

  template <class Body>
  void operator()(std::size_t tasks, const Body& body) const {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> pool;
    for (std::size_t t = 0; t < threads; ++t) {
      pool.emplace_back([&] {
        for (std::size_t task = next++; task < tasks; task = next++) body(task);
      });
    }
  }
};

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

//! The same by several threads at a time, each reading a part.
inline void read_once_by(benchmark::State& state, std::size_t n, std::size_t threads) {
  const std::vector<std::uint64_t> entries(n, 1);
  const threads_of_a_call run{threads};
  double read = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    std::vector<std::uint64_t> sums(threads);
    run(threads, [&](std::size_t part) {
      sums[part] = std::accumulate(entries.data() + n * part / threads,
                                   entries.data() + n * (part + 1) / threads, std::uint64_t{0});
    });
    sum = std::accumulate(sums.begin(), sums.end(), std::uint64_t{0});
    benchmark::DoNotOptimize(sum);
    read += static_cast<double>(n);
  }
  per_example(state, read);
  if (sum != n) fail(state, "the sum is " + std::to_string(sum));
}

}  // namespace bench
