// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Planning an epoch over a ledger of ten million losses: the sieve against a sort.
#include "../losses.hpp"

#include <benchmark/benchmark.h>
#include <gradsieve/gradsieve.hpp>

#include <algorithm>
#include <numeric>

namespace {

constexpr double beta = 2.0;

void check(benchmark::State& state, std::size_t planned, std::size_t examples) {
  const auto n = static_cast<double>(examples);
  if (!bench::plausible(static_cast<double>(planned) / n, 1 / (1 + beta), n)) {
    state.SkipWithError("the share planned is not 1 / (1 + beta)");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(examples));
}

void sieve(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  gradsieve::sieve s({.examples = state.range(0),
                      .policy = gradsieve::power{beta},
                      .seed = 1,
                      .refresh = gradsieve::max_age{4095}});
  const std::vector<float> losses = bench::losses(n);
  std::vector<std::int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  s.observe(ids, losses);
  std::uint32_t epoch = 0;
  std::size_t planned = 0;
  for (auto _ : state) planned = s.plan(++epoch).size();
  check(state, planned, n);
}

//! Sorts the examples by loss for their percentiles, draws each, and shuffles the chosen.
void sort_and_shuffle(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<float> losses = bench::losses(n);
  std::vector<std::int64_t> order(n), chosen;
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> uniform;
  for (auto _ : state) {
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return losses[static_cast<std::size_t>(a)] < losses[static_cast<std::size_t>(b)];
    });
    chosen.clear();
    for (std::size_t rank = 0; rank < n; ++rank) {
      const double percentile = static_cast<double>(rank) / static_cast<double>(n);
      if (uniform(engine) < std::pow(percentile, beta)) chosen.push_back(order[rank]);
    }
    std::shuffle(chosen.begin(), chosen.end(), engine);
    benchmark::DoNotOptimize(chosen.data());
  }
  check(state, chosen.size(), n);
}

BENCHMARK(sieve)->Arg(60'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(sort_and_shuffle)->Arg(60'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
