// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selective-Backprop's own numbers, worked out by hand from its public code's formula, and
//! the share and the ranks that a whole sieve selects.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/take_all.hpp"

namespace gs = gradsieve;
using support::probabilities;
using floats = std::vector<float>;

namespace {

support::sieve_of_all with(const gs::power& policy, std::size_t history = 8) {
  return support::sieve_of_all({.policy = policy, .history = history, .min_fill = 1});
}

}  // namespace

TEST_CASE("Selective-Backprop: the first batch against itself") {
  const floats losses = {.1f, .4f, .2f, .3f};
  auto beta1 = with({1.0}), beta2 = with({2.0}), beta3 = with({3.0}), floor = with({2.0, .25});
  CHECK(probabilities(beta1, losses) == floats{0, .75f, .25f, .5f});
  CHECK(probabilities(beta2, losses) == floats{0, .5625f, .0625f, .25f});
  CHECK(probabilities(beta3, losses) == floats{0, .421875f, .015625f, .125f});
  CHECK(probabilities(floor, losses) == floats{.25f, .5625f, .25f, .25f});
}

TEST_CASE("Selective-Backprop: later batches against a window that fills, then slides") {
  auto beta1 = with({1.0}), beta2 = with({2.0});
  const floats first = {.1f, .4f, .2f, .3f};
  const floats second = {.5f, .05f, .25f, .4f};
  const floats third = {.05f, .05f, .6f, 1.0f};
  probabilities(beta1, first);
  probabilities(beta2, first);
  CHECK(probabilities(beta1, second) == floats{.875f, 0, .375f, .625f});
  CHECK(probabilities(beta2, second) == floats{.765625f, 0, .140625f, .390625f});
  CHECK(probabilities(beta1, third) == floats{0, 0, .75f, .875f});
  CHECK(probabilities(beta2, third) == floats{0, 0, .5625f, .765625f});
}

TEST_CASE("Selective-Backprop: a window of four") {
  auto sieve = with({1.0}, 4);
  sieve.pick(floats{1, 2, 3, 4});
  CHECK(sieve.history().percentile(3.0f) == .5);
  sieve.pick(floats{5});
  CHECK(sieve.history().percentile(3.0f) == .25);
  CHECK(sieve.history().percentile(5.0f) == .75);
}

TEST_CASE("Selective-Backprop: a batch longer than the window, and ties") {
  auto small = with({1.0}, 4);
  CHECK(probabilities(small, {1, 2, 3, 4, 5, 6}) == floats{0, 0, 0, .25f, .5f, .75f});
  auto ties = with({1.0}, 4);
  CHECK(probabilities(ties, {1, 1, 2, 2}) == floats{0, 0, .5f, .5f});
}

// The share of n = 102400 continuous losses that is selected: binomial with p = 1 / (1 + beta), so
// within 3.89 standard errors but for alpha = 1e-4. Strict percentiles of a window of H = 1024 make
// it smaller by 1 / (2 H).
TEST_CASE("Selective-Backprop: selects one in 1 + beta of continuous losses") {
  const double beta = GENERATE(1.0, 2.0, 3.0);
  gs::sieve sieve({.policy = gs::power{beta}, .history = 1024, .seed = 11});
  sieve.pick(support::random_losses(1023, 1000));  // all of them: the window is not full yet
  for (std::uint32_t step = 0; step < 200; ++step) sieve.pick(support::random_losses(512, step));
  const double p = 1 / (1 + beta);
  CHECK(std::abs(sieve.keep_rate() - p) < 3.89 * std::sqrt(p * (1 - p) / 102400) + 1.0 / 2048);
}

// Chi-squared over the 32 ranks of a window that always holds the batch itself (df 31 with beta:
// the lowest is never selected), n = 6000 draws each, alpha = 1e-4.
TEST_CASE("Selective-Backprop: a whole sieve selects every rank as often as it should") {
  const double beta = GENERATE(1.0, 2.0, 3.0);
  const gs::draw_by keying = GENERATE(gs::draw_by::position, gs::draw_by::id);
  gs::sieve sieve({.policy = gs::power{beta}, .history = 32, .seed = 12, .keying = keying});
  constexpr std::size_t n = 32;
  constexpr std::uint32_t steps = 6000;
  std::vector<std::uint64_t> counts(n);
  std::vector<double> p(n), shifted(n), level(n);
  const floats ramp = support::ramp(n);
  floats losses(n);
  const std::vector<std::int64_t> ids = support::ids_from(0, n);
  for (std::uint32_t step = 0; step < steps; ++step) {
    // Every loss visits every position.
    for (std::size_t i = 0; i < n; ++i) losses[i] = ramp[(i + step) % n];
    for (const std::uint32_t position : sieve.pick(ids, losses).positions()) {
      ++counts[(position + step) % n];
    }
  }
  for (std::size_t rank = 0; rank < n; ++rank) {
    p[rank] = std::pow(static_cast<double>(rank) / n, beta);
    shifted[rank] = std::pow(static_cast<double>(rank + 1) / n, beta);  // also <= instead of <
    level[rank] = 1 / (1 + beta);
  }
  CHECK(support::bernoulli_counts(counts, p, steps).plausible());
  CHECK(support::bernoulli_counts(counts, shifted, steps).severity() > 2);
  CHECK(support::bernoulli_counts(counts, level, steps).severity() > 10);
}
