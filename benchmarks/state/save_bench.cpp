// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Saving and loading a sieve with its ledger, checksum included: against a copy of the
//! bytes.
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"

#include <gradsieve/sieve.hpp>

namespace {

gradsieve::sieve made(std::size_t n) {
  gradsieve::sieve sieve({.examples = static_cast<std::int64_t>(n), .seed = 1});
  bench::fill(sieve.ledger(), 8);
  return sieve;
}

void save(benchmark::State& state, std::size_t n) {
  const gradsieve::sieve sieve = made(n);
  std::vector<std::byte> bytes;
  double saved = 0;
  for (auto _ : state) {
    bytes = sieve.save();
    benchmark::DoNotOptimize(bytes.data());
    saved += static_cast<double>(n);
  }
  bench::per_example(state, saved);
  gradsieve::sieve other({.examples = static_cast<std::int64_t>(n), .seed = 1});
  other.load(bytes);
  if (other.save() != bytes) bench::fail(state, "what was loaded is not what was saved");
}

void load(benchmark::State& state, std::size_t n) {
  const auto bytes = made(n).save();
  gradsieve::sieve sieve({.examples = static_cast<std::int64_t>(n), .seed = 1});
  double loaded = 0;
  for (auto _ : state) {
    sieve.load(bytes);
    loaded += static_cast<double>(n);
  }
  bench::per_example(state, loaded);
  if (sieve.save() != bytes) bench::fail(state, "what was loaded is not what was saved");
}

void copy(benchmark::State& state, std::size_t n) {
  const auto bytes = made(n).save();
  std::vector<std::byte> to;
  double copied = 0;
  for (auto _ : state) {
    to = std::vector<std::byte>(bytes.begin(), bytes.end());
    benchmark::DoNotOptimize(to.data());
    copied += static_cast<double>(n);
  }
  bench::per_example(state, copied);
  if (to != bytes) bench::fail(state, "not a copy");
}

const bench::suite all([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {60'000, 1'000'000}, 32)) {
    bench::add("save", "gradsieve", {{"N", n}}, [n](benchmark::State& s) { save(s, n); });
    bench::add("save", "copy", {{"N", n}}, [n](benchmark::State& s) { copy(s, n); });
    bench::add("load", "gradsieve", {{"N", n}}, [n](benchmark::State& s) { load(s, n); });
    bench::add("load", "copy", {{"N", n}}, [n](benchmark::State& s) { copy(s, n); });
  }
});

}  // namespace
