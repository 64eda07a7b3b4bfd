// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses to integer keys, NaN and infinities replaced: against a copy.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/key/loss_batch.hpp>

namespace {

template <class T>
void keys(benchmark::State& state, std::size_t n) {
  bench::batches<T> batches(n);
  gradsieve::loss_batch batch;
  std::span<const T> last;
  double converted = 0;
  for (auto _ : state) {
    last = batches.next();
    batch.assign(last, gradsieve::non_finite::skip);
    benchmark::ClobberMemory();
    converted += static_cast<double>(n);
  }
  bench::per_example(state, converted);
  const auto made = batch.view();
  for (std::size_t i = 0; i < n; ++i) {
    if (made[i] != gradsieve::to_key(last[i])) return bench::fail(state, "a key is wrong");
  }
  if (batch.rejected() != 0) bench::fail(state, "finite losses were rejected");
}

template <class T>
void add(const std::string& variant) {
  const std::size_t n = 65536;
  bench::add(
      "keys", "gradsieve", {{"N", n}}, [](benchmark::State& s) { keys<T>(s, n); }, variant);
  bench::add(
      "keys", "copy", {{"N", n}}, [](benchmark::State& s) { bench::copy<T>(s, n); }, variant);
}

const bench::suite all([](const bench::request&) {
  add<float>("float");
  add<double>("double");
});

}  // namespace
