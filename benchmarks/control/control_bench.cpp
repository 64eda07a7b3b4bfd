// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What it costs to be steered: a pick with a controller against one without, and what the
//! guard and the gate do between epochs against their obvious forms.
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"

#include <gradsieve/control/break_even_gate.hpp>
#include <gradsieve/control/keep_controller.hpp>
#include <gradsieve/control/label_guard.hpp>

#include <cmath>
#include <optional>

namespace {

constexpr double keep = 0.3;
constexpr std::uint32_t epochs = 8;

void pick(benchmark::State& state, std::size_t n, bool controlled) {
  gradsieve::sieve sieve({.policy = gradsieve::power{.beta = 2}, .seed = 1});
  std::optional<gradsieve::keep_controller> control;
  if (controlled) control.emplace(sieve, gradsieve::keep_options{.keep = keep});
  bench::batches<float> batches(n);
  for (std::size_t filled = 0; filled < 1024; filled += n) sieve.pick(batches.next());
  double offered = 0, selected = 0;
  for (auto _ : state) {
    const auto picked = sieve.pick(batches.next());
    if (control) control->after(sieve, picked);
    offered += static_cast<double>(picked.offered());
    selected += static_cast<double>(picked.size());
  }
  bench::per_example(state, offered);
  const double wanted = controlled ? keep : 1.0 / 3;
  // A controlled share is exact but for the last step; a quick run has few steps.
  const double tolerated = 0.02 + 4 / std::sqrt(offered);
  if (std::fabs(selected / offered - wanted) > tolerated) {
    bench::fail(state, "a share of " + std::to_string(selected / offered) + " was selected");
  }
}

gradsieve::loss_ledger seen_twice(std::size_t n) {
  gradsieve::loss_ledger ledger(static_cast<std::int64_t>(n));
  for (int visit = 0; visit < 2; ++visit) bench::fill(ledger, epochs);
  return ledger;
}

void guard(benchmark::State& state, std::size_t n) {
  const auto ledger = seen_twice(n);
  gradsieve::label_guard looking;
  double examples = 0;
  for (auto _ : state) {
    looking.look(ledger);
    benchmark::DoNotOptimize(looking.cap());
    examples += static_cast<double>(n);
  }
  bench::per_example(state, examples);
  if (looking.found()) bench::fail(state, "a second hill was found in losses that have one");
}

//! Two normal components on the logarithm of the losses, by ten steps of expectation and
//! maximisation, as published guards have it.
void two_normals(benchmark::State& state, std::size_t n) {
  const auto ledger = seen_twice(n);
  double examples = 0, share = 0;
  for (auto _ : state) {
    double mean[2] = {-3, 1}, variance[2] = {1, 1}, weight[2] = {.5, .5};
    for (int step = 0; step < 10; ++step) {
      double mass[2] = {}, sum[2] = {}, squares[2] = {};
      for (const auto& entry : ledger.entries()) {
        const double x = std::log(static_cast<double>(entry.loss()) + 1e-12);
        double p[2];
        for (int c = 0; c < 2; ++c) {
          p[c] = weight[c] / std::sqrt(variance[c]) *
                 std::exp(-(x - mean[c]) * (x - mean[c]) / (2 * variance[c]));
        }
        for (int c = 0; c < 2; ++c) {
          const double part = p[c] / (p[0] + p[1] + 1e-300);
          mass[c] += part;
          sum[c] += part * x;
          squares[c] += part * x * x;
        }
      }
      for (int c = 0; c < 2; ++c) {
        mean[c] = sum[c] / mass[c];
        variance[c] = std::max(squares[c] / mass[c] - mean[c] * mean[c], 1e-6);
        weight[c] = mass[c] / static_cast<double>(n);
      }
    }
    share = weight[1];
    benchmark::DoNotOptimize(share);
    examples += static_cast<double>(n);
  }
  bench::per_example(state, examples);
  if (!(share > 0 && share < 1)) bench::fail(state, "no mixture was found");
}

void gate(benchmark::State& state, std::size_t n) {
  const auto ledger = seen_twice(n);
  std::uint32_t epoch = 0;
  gradsieve::break_even_gate deciding;
  double examples = 0;
  bool open = false;
  for (auto _ : state) {
    open = deciding.decide(++epoch, ledger, {.offered = n, .trained = n / 3}, {}).open();
    examples += static_cast<double>(n);
  }
  bench::per_example(state, examples);
  if (!open) bench::fail(state, "the gate is shut: " + deciding.reason());
}

//! The same questions to sorted losses.
void sorted(benchmark::State& state, std::size_t n) {
  const auto ledger = seen_twice(n);
  std::vector<float> losses;
  double examples = 0;
  bool open = false;
  for (auto _ : state) {
    losses.clear();
    for (const auto& entry : ledger.entries()) losses.push_back(entry.loss());
    std::sort(losses.begin(), losses.end());
    const float decile = losses[n * 9 / 10], median = losses[n / 2];
    const auto fitted = std::lower_bound(losses.begin(), losses.end(), decile / 8);
    open = static_cast<std::size_t>(fitted - losses.begin()) > n / 5 && decile > 2 * median;
    benchmark::DoNotOptimize(open);
    examples += static_cast<double>(n);
  }
  bench::per_example(state, examples);
  if (!open) bench::fail(state, "the obvious gate is shut");
}

const bench::suite control_suite([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {128, 65536}, 16)) {
    bench::add("controlled_pick", "gradsieve", {{"N", n}, {"H", 1024}},
               [n](benchmark::State& state) { pick(state, n, true); });
    bench::add("controlled_pick", "uncontrolled", {{"N", n}, {"H", 1024}},
               [n](benchmark::State& state) { pick(state, n, false); });
  }
  for (const std::size_t n : bench::sizes(asked, {60'000, 1'000'000}, 16)) {
    bench::add("label_guard", "gradsieve", {{"N", n}},
               [n](benchmark::State& state) { guard(state, n); });
    bench::add("label_guard", "two_normals", {{"N", n}},
               [n](benchmark::State& state) { two_normals(state, n); });
    bench::add("break_even_gate", "gradsieve", {{"N", n}},
               [n](benchmark::State& state) { gate(state, n); });
    bench::add("break_even_gate", "sorted", {{"N", n}},
               [n](benchmark::State& state) { sorted(state, n); });
  }
});

}  // namespace
