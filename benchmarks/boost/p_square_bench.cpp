// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The P² history against the exact window: what a loss costs, and how far percentiles are
//! off. And what it costs to watch a sieve.
#include "../support/losses.hpp"

#include <benchmark/benchmark.h>
#include <gradsieve/boost.hpp>
#include <gradsieve/gradsieve.hpp>

#include "support/rank_error.hpp"

#include <string>

namespace {

using gradsieve::loss_key;
using gradsieve::statistics::p_square_history;

constexpr std::size_t batch_size = 64;
constexpr std::size_t for_good = std::size_t{1} << 40;

std::vector<loss_key> keys(std::size_t n) {
  std::vector<loss_key> result;
  for (const float loss : bench::losses(n)) result.push_back(gradsieve::to_key(loss));
  return result;
}

void count_losses(benchmark::State& state, std::size_t batch) {
  const auto losses = static_cast<double>(state.iterations()) * static_cast<double>(batch);
  state.counters["ns_per_loss"] =
      benchmark::Counter(losses * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

//! What a sieve asks of its history for each batch.
template <class History>
void push(benchmark::State& state, History past) {
  const std::vector<loss_key> losses = keys(1 << 18);
  past.push_keys(losses);
  std::vector<loss_key> sorted(past.size());
  std::size_t at = 0;
  for (auto _ : state) {
    past.push_keys(std::span(losses).subspan(at, batch_size));
    past.write_sorted_keys(sorted);
    benchmark::DoNotOptimize(sorted.data());
    at = (at + batch_size) % losses.size();
  }
  count_losses(state, batch_size);
}

void watch(benchmark::State& state, std::vector<double> quantiles) {
  gradsieve::statistics::observer observer({.quantiles = std::move(quantiles)});
  const std::vector<loss_key> losses = keys(4096);
  std::vector<std::uint32_t> selected;
  for (std::uint32_t i = 0; i < losses.size(); i += 3) selected.push_back(i);
  for (auto _ : state) observer.decided({losses, selected, true});
  count_losses(state, losses.size());
  if (observer.all().count() != observer.selected().count() + observer.skipped().count()) {
    state.SkipWithError("the parts are not the whole");
  }
}

void rank_error(benchmark::State& state, const support::loss_stream& stream, std::size_t span,
                std::size_t markers) {
  support::rank_error error;
  for (auto _ : state) {
    error = support::rank_error_against_window(p_square_history(span, markers), stream, 1024, 2000);
  }
  state.counters["mean_error"] = error.mean;
  state.counters["largest_error"] = error.largest;
  if (span != for_good && error.mean > 0.05) state.SkipWithError("these are no quantiles");
}

template <class Streams>
void add_rank_errors(const Streams& streams) {
  for (const support::loss_stream& stream : streams) {
    for (const std::size_t span : {std::size_t{1024}, for_good}) {
      for (const std::size_t markers : {32u, 64u, 128u}) {
        const std::string name = std::string("rank_error/") + stream.name +
                                 (span == for_good ? "/no forgetting/" : "/span 1024/") +
                                 std::to_string(markers) + " markers";
        benchmark::RegisterBenchmark(name.c_str(), rank_error, stream, span, markers)
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
}

const int registered = [] {
  using gradsieve::loss_window;
  for (const std::size_t length : {std::size_t{1024}, std::size_t{100'000}}) {
    const std::string last = std::to_string(length);
    benchmark::RegisterBenchmark(("push/loss_window/" + last).c_str(), push<loss_window>,
                                 loss_window(length));
    for (const std::size_t markers : {32u, 64u, 128u}) {
      const std::string name = "push/p_square/" + last + "/" + std::to_string(markers) + " markers";
      benchmark::RegisterBenchmark(name.c_str(), push<p_square_history>,
                                   p_square_history(length, markers));
    }
  }
  benchmark::RegisterBenchmark("watch/5 quantiles", watch,
                               gradsieve::statistics::options().quantiles);
  benchmark::RegisterBenchmark("watch/1 quantile", watch, std::vector{0.5});
  add_rank_errors(support::stationary_losses);
  add_rank_errors(support::tied_losses);
  add_rank_errors(support::falling_losses);
  add_rank_errors(support::dropping_losses);
  return 0;
}();

}  // namespace
