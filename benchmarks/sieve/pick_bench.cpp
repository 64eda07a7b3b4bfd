// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selecting from a batch of losses: the sieve against what one writes in an afternoon.
#include "../losses.hpp"

#include <benchmark/benchmark.h>
#include <gradsieve/gradsieve.hpp>

#include <algorithm>
#include <deque>

namespace {

constexpr double beta = 2.0;
constexpr std::size_t history = 1024;

//! Repeats `select` (which returns how many it selected) over one batch; reports ns per example and
//! fails when the share selected is not the policy's.
template <class Select>
void run(benchmark::State& state, Select select) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<float> batch = bench::losses(n);
  for (std::size_t warm = 0; warm <= history / n; ++warm) select(batch);
  double selected = 0, offered = 0;
  for (auto _ : state) {
    selected += static_cast<double>(select(batch));
    offered += static_cast<double>(n);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(offered));
  state.counters["ns_per_example"] =
      benchmark::Counter(offered * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  if (!bench::plausible(selected / offered, 1 / (1 + beta), std::min(offered, 1e4))) {
    state.SkipWithError("the share selected is not 1 / (1 + beta)");
  }
}

void sieve(benchmark::State& state) {
  gradsieve::sieve s({.policy = gradsieve::power{beta},
                      .max_batch = static_cast<std::size_t>(state.range(0)),
                      .seed = 1});
  run(state, [&](const std::vector<float>& batch) { return s.pick(batch).size(); });
}

//! A sorted copy of the window, a binary search, pow, and the standard engine, for each example.
void binary_search_and_pow(benchmark::State& state) {
  std::deque<float> window;
  std::vector<float> sorted;
  std::vector<std::uint32_t> chosen;
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> uniform;
  run(state, [&](const std::vector<float>& batch) {
    for (const float loss : batch) {
      window.push_back(loss);
      if (window.size() > history) window.pop_front();
    }
    sorted.assign(window.begin(), window.end());
    std::sort(sorted.begin(), sorted.end());
    chosen.clear();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const auto rank = std::lower_bound(sorted.begin(), sorted.end(), batch[i]) - sorted.begin();
      const double percentile = static_cast<double>(rank) / static_cast<double>(sorted.size());
      if (uniform(engine) < std::pow(percentile, beta)) chosen.push_back(i);
    }
    benchmark::DoNotOptimize(chosen.data());
    return chosen.size();
  });
}

//! The published Python code's arithmetic, line by line: the whole window is counted per example.
void count_and_pow(benchmark::State& state) {
  std::deque<float> window;
  std::vector<std::uint32_t> chosen;
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> uniform;
  run(state, [&](const std::vector<float>& batch) {
    for (const float loss : batch) {
      window.push_back(loss);
      if (window.size() > history) window.pop_front();
    }
    chosen.clear();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const auto below =
          std::count_if(window.begin(), window.end(), [&](float past) { return past < batch[i]; });
      const double percentile = static_cast<double>(below) / static_cast<double>(window.size());
      if (uniform(engine) < std::pow(percentile, beta)) chosen.push_back(i);
    }
    benchmark::DoNotOptimize(chosen.data());
    return chosen.size();
  });
}

BENCHMARK(sieve)->Arg(128)->Arg(4096)->Arg(65536)->Arg(1 << 20);
BENCHMARK(binary_search_and_pow)->Arg(128)->Arg(4096)->Arg(65536)->Arg(1 << 20);
BENCHMARK(count_and_pow)->Arg(128)->Arg(4096)->Arg(65536);

}  // namespace
