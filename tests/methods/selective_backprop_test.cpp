// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/selective_backprop.hpp>
#include <gradsieve/methods/stale_selective_backprop.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frequency.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

//! The probabilities of a batch: weights only, which draws nothing.
template <class Sieve>
std::vector<double> probabilities(Sieve& sieve, const std::vector<float>& losses) {
  // A weight is a probability over the batch's mean; their scale is that of the largest.
  const auto weights = support::to_vector(sieve.weights(losses));
  return {weights.begin(), weights.end()};
}

void check_proportional(const std::vector<double>& a, const std::vector<double>& b) {
  const double x = std::accumulate(a.begin(), a.end(), 0.0);
  const double y = std::accumulate(b.begin(), b.end(), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] / x == Approx(b[i] / y).margin(1e-6));
}

//! A method at work: no warm-up, a window of 8 that decides from the first loss on.
template <class History = gs::loss_window>
auto working(double beta, std::size_t history = 8, double floor = 0) {
  auto options =
      ms::selective_backprop{
          .beta = beta, .floor = floor, .history = history, .queued = false, .warm_up = 0}
          .options({.seed = 7});
  options.min_fill = 1;
  return gs::basic_sieve<History>(options);
}

}  // namespace

TEST_CASE("selective_backprop: the published percentiles, powers and floor") {
  const std::vector<float> first = {.1f, .4f, .2f, .3f}, second = {.5f, .05f, .25f, .4f},
                           third = {.05f, .05f, .6f, 1.0f};
  auto one = working(1), two = working(2), three = working(3);
  check_proportional(probabilities(one, first), {0, .75, .25, .5});
  check_proportional(probabilities(two, first), {0, .5625, .0625, .25});
  check_proportional(probabilities(three, first), {0, .421875, .015625, .125});
  check_proportional(probabilities(one, second), {.875, 0, .375, .625});
  check_proportional(probabilities(two, second), {.765625, 0, .140625, .390625});
  check_proportional(probabilities(one, third), {0, 0, .75, .875});
  check_proportional(probabilities(two, third), {0, 0, .5625, .765625});
  auto longer = working(1, 4);  // a batch longer than the history
  check_proportional(probabilities(longer, {1, 2, 3, 4, 5, 6}), {0, 0, 0, .25, .5, .75});
  auto floored = working(2, 8, .25);
  check_proportional(probabilities(floored, first), {.25, .5625, .25, .25});
}

TEST_CASE("selective_backprop: ties strict, mid-rank, inclusive and averaged") {
  const std::vector<float> pairs = {1, 1, 2, 2};
  auto strict = working(1, 4);
  auto middle = working<gs::mid_rank_history<gs::loss_window>>(1, 4);
  auto inclusive = working<gs::inclusive_history<gs::loss_window>>(1, 4);
  check_proportional(probabilities(strict, pairs), {0, 0, .5, .5});
  check_proportional(probabilities(middle, pairs), {.25, .25, .75, .75});
  check_proportional(probabilities(inclusive, pairs), {.5, .5, 1, 1});
  auto options =
      ms::selective_backprop{.beta = 1, .history = 4, .tied = gs::ties::averaged, .queued = false}
          .options({});
  options.min_fill = 1;
  options.active = gs::always{};
  gs::sieve averaged(options);
  check_proportional(probabilities(averaged, pairs), {.125, .125, .625, .625});
}

// alpha < 2e-6 each: 4000 x 16 draws of the stated probability, 5 standard deviations.
TEST_CASE("selective_backprop: of equal losses P(0), P(.5), P(1) and the mean are selected") {
  const std::vector<float> equal(16, 1.5f);
  const auto rate = [&](auto sieve) {
    std::uint64_t all = 0;
    for (const std::uint64_t count : picking::counts(sieve, equal, 4000)) all += count;
    return static_cast<double>(all) / (4000 * 16);
  };
  const auto near = [](double p) { return Approx(p).margin(5 * std::sqrt(p * (1 - p) / 64000)); };
  CHECK(rate(working(2, 16)) == 0.0);
  CHECK(rate(working<gs::mid_rank_history<gs::loss_window>>(2, 16)) == near(0.25));
  CHECK(rate(working<gs::inclusive_history<gs::loss_window>>(2, 16)) == 1.0);
}

// alpha = 1e-4, n = 20000 picks of the same eight losses, 7 degrees of freedom.
TEST_CASE("selective_backprop: frequencies are the probabilities, within the batch as well") {
  const std::vector<double> p = {1.0 / 8, 2.0 / 8, 3.0 / 8, 4.0 / 8, 5.0 / 8, 6.0 / 8, 7.0 / 8};
  const auto check = [&](auto sieve) {
    auto counts = picking::counts(sieve, support::ramp(8), 20000);
    CHECK(counts[0] == 0);
    counts.erase(counts.begin());
    CHECK(support::chi_squared_binomial(counts, p, 20000) < support::chi_squared_critical(7));
  };
  check(working(1, 8));
  auto method =
      ms::selective_backprop{.beta = 1, .queued = false, .warm_up = 0}.make<gs::batch_history>(
          {.batch_size = 8, .seed = 1});
  check(method);
}

// alpha < 6e-7 each, 5 standard errors of about 30000 draws.
TEST_CASE("selective_backprop: a share of 1 / (1 + beta) of continuous losses") {
  for (const double beta : {1.0, 2.0, 3.0}) {
    auto method = ms::selective_backprop{.beta = beta, .queued = false, .warm_up = 0}.make({});
    double selected = 0;
    for (std::uint32_t step = 0; step < 300; ++step) {
      const std::size_t count = method.pick(support::random_losses(128, step)).size();
      if (step >= 8) selected += static_cast<double>(count);  // the window is full
    }
    const double p = 1 / (1 + beta), n = 292 * 128;
    // The window's own spread adds to the draws': its mean percentile has a deviation of .3 / 32.
    CHECK(selected / n == Approx(p).margin(5 * (std::sqrt(p * (1 - p) / n) + 0.3 / std::sqrt(n))));
  }
}

TEST_CASE(
    "selective_backprop: the first epoch trains on all, the chosen queue up for full batches") {
  auto method = ms::selective_backprop{.beta = 1, .history = 32}.make(
      {.examples = 64, .batch_size = 16, .seed = 1});
  const auto ids = support::ids_from(0, 32);
  CHECK(method.pick(ids, support::ramp(32)).size() == 32);
  std::size_t batches = 0;
  while (method.queue().next()) ++batches;
  CHECK(batches == 2);
  method.begin_epoch(1);
  const std::size_t chosen = method.pick(ids, support::ramp(32)).size();
  CHECK(chosen < 32);
  CHECK(method.queue().size() == chosen);
  // One with NaN losses is neither chosen nor remembered.
  CHECK(method.pick(std::vector{1, 2}, std::vector<float>(2, support::nan_f())).empty());
}

TEST_CASE("stale_selective_backprop: forwards again from max_age on, by each example's own age") {
  auto method = ms::stale_selective_backprop{}.make({.examples = 3, .batch_size = 2, .seed = 1});
  const std::vector<std::int64_t> ids = {0, 1, 2};
  using positions = std::vector<std::uint32_t>;
  CHECK(support::to_vector(method.due(ids)) == positions{0, 1, 2});
  method.refresh(ids, std::vector<float>{1, 2, 3});
  method.begin_epoch(1);
  method.refresh(std::vector{1}, std::vector<float>{2});
  method.begin_epoch(2);
  CHECK(method.due(ids).empty());
  method.begin_epoch(3);
  CHECK(support::to_vector(method.due(ids)) == positions{0, 2});
  method.begin_epoch(4);
  CHECK(support::to_vector(method.due(ids)) == positions{0, 1, 2});
  const auto forwards = method.work().forwards;
  method.pick_cached(ids);
  CHECK(method.work().forwards == forwards);  // decided without a forward pass
}

TEST_CASE("stale_selective_backprop: a plan ranks within the ledger") {
  const ms::stale_selective_backprop method{.decision = {.beta = 1, .history = 40},
                                            .refresh = gs::max_age{9}};
  auto sieve = method.make({.examples = 40, .seed = 3});
  CHECK(sieve.plan(0).size() == 40);
  sieve.observe(support::ids_from(0, 40), support::ramp(40));
  std::size_t selected = 0;
  for (std::uint32_t epoch = 1; epoch < 9; ++epoch) {
    const auto plan = sieve.plan(epoch);
    for (const std::int64_t id : plan.train()) {
      CHECK(plan.probability(id) == Approx(static_cast<double>(id) / 40));
    }
    selected += plan.size();
  }
  CHECK(static_cast<double>(selected) / (8 * 40) == Approx(0.49).margin(0.1));
}

TEST_CASE("stale_selective_backprop: every n-th epoch, or staggered") {
  const auto due = [](const gs::staleness& rule, std::uint32_t epoch) {
    auto method = ms::stale_selective_backprop{.refresh = rule}.make({.examples = 300});
    const auto ids = support::ids_from(0, 300);
    method.refresh(ids, support::ramp(300));
    method.begin_epoch(epoch);
    return method.due(ids).size();
  };
  CHECK(due(gs::every_n_epochs{3}, 2) == 0);
  CHECK(due(gs::every_n_epochs{3}, 3) == 300);
  for (std::uint32_t epoch = 1; epoch < 4; ++epoch) {
    CHECK(due(gs::staggered{3}, epoch) > 70);
    CHECK(due(gs::staggered{3}, epoch) < 130);
  }
  CHECK(due(gs::staggered{3}, 1) + due(gs::staggered{3}, 2) + due(gs::staggered{3}, 3) == 300);
}

TEST_CASE("stale_selective_backprop: without examples there is no ledger to decide from") {
  CHECK_THROWS_AS(ms::stale_selective_backprop{}.make({}), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::stale_selective_backprop{}.make({}), contains("examples is 0"));
}
