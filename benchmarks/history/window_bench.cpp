// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Taking a batch into the window of the last H losses: against a sorted copy made anew, a
//! multiset, and an estimate of a few quantiles that keeps no losses at all.
#include "../support/harness.hpp"
#include "../support/losses.hpp"
#include "../support/rivals.hpp"

#include <gradsieve/history/loss_window.hpp>

#if __has_include(<boost/accumulators/statistics/extended_p_square.hpp>)
#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/extended_p_square.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#define GRADSIEVE_BENCH_BOOST 1
#endif

#include <set>

namespace {

struct problem {
  std::size_t n = 128, h = 1024;
};

constexpr double exact = 1e-4;  // a few losses are equal

//! Repeats `push`, then holds `median()` against that of h losses pushed at last.
template <class Push, class Median>
void repeat(benchmark::State& state, const problem& p, double tolerance, Push push, Median median) {
  bench::batches batches(p.n);
  push(bench::losses(p.h));
  double pushed = 0;
  for (auto _ : state) {
    push(batches.next());
    pushed += static_cast<double>(p.n);
  }
  bench::per_example(state, pushed);
  const auto final = bench::losses(p.h);
  push(final);
  std::vector<float> last(final.begin(), final.end());
  std::sort(last.begin(), last.end());
  const auto place = [&](float value) {
    return static_cast<double>(std::lower_bound(last.begin(), last.end(), value) - last.begin()) /
           static_cast<double>(p.h);
  };
  if (std::fabs(place(median()) - 0.5) > tolerance) {
    bench::fail(state, "its median is at " + std::to_string(place(median())));
  }
}

void window(benchmark::State& state, const problem& p) {
  gradsieve::loss_window window(p.h);
  repeat(
      state, p, exact, [&](std::span<const float> batch) { window.push(batch); },
      [&] { return window.quantile(0.5); });
}

void sorted_copy(benchmark::State& state, const problem& p) {
  bench::sorted_copy<float> window(p.h);
  repeat(
      state, p, exact,
      [&](std::span<const float> batch) {
        window.push(batch);
        window.sort();
        benchmark::DoNotOptimize(window.sorted().data());
      },
      [&] { return window.sorted()[p.h / 2]; });
}

void multiset(benchmark::State& state, const problem& p) {
  std::deque<float> window;
  std::multiset<float> sorted;
  repeat(
      state, p, exact,
      [&](std::span<const float> batch) {
        for (const float loss : batch) {
          window.push_back(loss);
          sorted.insert(loss);
          if (window.size() <= p.h) continue;
          sorted.erase(sorted.find(window.front()));
          window.pop_front();
        }
      },
      [&] { return *std::next(sorted.begin(), static_cast<std::ptrdiff_t>(p.h / 2)); });
}

#if defined(GRADSIEVE_BENCH_BOOST)
//! Nine deciles of all losses so far; an approximation, and of no window.
void p_square(benchmark::State& state, const problem& p) {
  namespace acc = boost::accumulators;
  const std::vector<double> deciles{.1, .2, .3, .4, .5, .6, .7, .8, .9};
  acc::accumulator_set<double, acc::stats<acc::tag::extended_p_square>> estimate(
      acc::tag::extended_p_square::probabilities = deciles);
  repeat(
      state, p, 5 * std::sqrt(.25 / static_cast<double>(p.h)) + .02,
      [&](std::span<const float> batch) {
        for (const float loss : batch) estimate(static_cast<double>(loss));
      },
      [&] { return static_cast<float>(acc::extended_p_square(estimate)[4]); });
}
#endif

const bench::suite all([](const bench::request& asked) {
  for (const std::size_t h : bench::sizes(asked, {64, 256, 1024, 4096, 16384, 65536}, 20)) {
    const auto add = [p = problem{.h = h}](const char* who,
                                           void (*run)(benchmark::State&, const problem&)) {
      bench::add("window", who, {{"N", p.n}, {"H", p.h}},
                 [p, run](benchmark::State& s) { run(s, p); });
    };
    add("gradsieve", &window);
    add("sorted_copy", &sorted_copy);
    add("multiset", &multiset);
#if defined(GRADSIEVE_BENCH_BOOST)
    if (h == 1024) add("boost_p_square_deciles", &p_square);
#endif
  }
});

}  // namespace
