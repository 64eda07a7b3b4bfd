// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a plan means: the design's row "planning".
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

//! All examples seen at epoch 0, with losses 1, 2, ….
gs::sieve seen_once(const gs::sieve_options& options) {
  gs::sieve sieve(options);
  const auto n = static_cast<std::size_t>(options.examples);
  sieve.observe(support::ids_from(0, n), support::ramp(n));
  return sieve;
}

}  // namespace

TEST_CASE("planning: an example that was never seen is trained") {
  gs::sieve sieve({.examples = 6, .policy = gs::uniform{0.0}, .refresh = gs::max_age{100}});
  const gs::plan_view all = sieve.plan(0);
  CHECK_FALSE(all.selective());  // no loss is known
  CHECK(to_vector(all.train()) == support::ids_from(0, 6));
  sieve.observe(ids{1, 3, 4}, floats{1, 2, 3});
  const gs::plan_view plan = sieve.plan(1);
  CHECK(plan.selective());
  CHECK(to_vector(plan.train()) == ids{0, 2, 5});
  CHECK(plan.forced() == 3);
  CHECK(plan.refresh().empty());
}

TEST_CASE("planning: overdue examples are trained with probability 1 and reported") {
  gs::sieve sieve = seen_once(
      {.examples = 100, .policy = gs::uniform{0.0}, .history = 16, .refresh = gs::max_age{3}});
  for (std::uint32_t epoch = 1; epoch < 3; ++epoch) {
    CHECK(sieve.plan(epoch).size() == 0);
    CHECK(sieve.plan(epoch).forced() == 0);
  }
  sieve.observe(ids{5, 6}, floats{1, 1});  // visited at epoch 2
  const gs::plan_view plan = sieve.plan(3);
  CHECK(plan.size() == 98);
  CHECK(plan.forced() == 98);
  CHECK(std::count(plan.train().begin(), plan.train().end(), 5) == 0);
  CHECK(sieve.plan(4).size() == 98);  // still overdue: nobody trained them
  CHECK(sieve.plan(5).size() == 100);
}

TEST_CASE("planning: overdue examples above a band's cap are only refreshed") {
  gs::sieve sieve = seen_once({.examples = 100,
                               .policy = gs::band{0.8, 1.0, 0.0},
                               .history = 10,
                               .refresh = gs::max_age{2}});
  const gs::plan_view fresh = sieve.plan(1);
  CHECK(fresh.forced() == 0);
  CHECK(fresh.refresh().empty());
  const gs::plan_view plan = sieve.plan(2);
  // Of ten quantiles 0 … 9 the cap of 0.8 spares rank 9 on: losses above the ninth quantile, 86.
  CHECK(plan.forced() == plan.size());
  CHECK(to_vector(plan.train()) == support::ids_from(0, 86));
  CHECK(to_vector(plan.refresh()) == support::ids_from(86, 14));
  sieve.observe(support::ids_from(0, 86), support::ramp(86));
  sieve.refresh(support::ids_from(86, 14), floats(14, 99.0f));
  CHECK(sieve.plan(3).refresh().empty());
  CHECK(sieve.plan(4).refresh().size() == 14);
}

TEST_CASE("planning: an example spared by a band is drawn by the band's floor") {
  gs::sieve sieve = seen_once({.examples = 2000,
                               .policy = gs::band{0.5, 1.0, 0.5},
                               .history = 100,
                               .refresh = gs::max_age{1}});
  const gs::plan_view plan = sieve.plan(1);
  const ids train = to_vector(plan.train()), refresh = to_vector(plan.refresh());
  CHECK(plan.forced() < 1100);
  CHECK(train.size() > plan.forced());
  CHECK(train.size() + refresh.size() == 2000);  // each spared one is in one of the two
  ids both;
  std::set_intersection(train.begin(), train.end(), refresh.begin(), refresh.end(),
                        std::back_inserter(both));
  CHECK(both.empty());
  CHECK(std::is_sorted(refresh.begin(), refresh.end()));
}

TEST_CASE("planning: a plan is idempotent within its epoch, even after observing") {
  gs::sieve sieve = seen_once(
      {.examples = 500, .policy = gs::power{1.0, 0.05}, .history = 64, .refresh = gs::max_age{9}});
  const gs::plan_view first = sieve.plan(1);
  const ids train = to_vector(first.train());
  const gs::work_counters work = sieve.work();
  const double keep_rate = sieve.keep_rate();
  CHECK(to_vector(sieve.plan(1).train()) == train);
  CHECK(sieve.work() == work);
  CHECK(sieve.keep_rate() == Approx(keep_rate));
  for (const auto batch : sieve.plan(1).batches(64)) sieve.observe(batch, floats(batch.size()));
  CHECK(to_vector(sieve.plan(1).train()) == train);
  CHECK(to_vector(sieve.plan(2).train()) != train);
}

TEST_CASE("planning: a pure function of ledger, seed and epoch") {
  const gs::sieve_options options{.examples = 300, .policy = gs::power{1.0, 0.05}, .seed = 4};
  gs::sieve a = seen_once(options), b = seen_once(options);
  a.plan(1);
  a.plan(2);
  CHECK(to_vector(a.plan(7).train()) == to_vector(b.plan(7).train()));
  gs::sieve_options other = options;
  other.seed = 5;
  CHECK(to_vector(seen_once(other).plan(7).train()) != to_vector(a.plan(7).train()));
  other = options;
  other.replica = 1;
  CHECK(to_vector(seen_once(other).plan(7).train()) != to_vector(a.plan(7).train()));
}

TEST_CASE("planning: needs a positive floor or a max_age") {
  gs::sieve lost({.examples = 4, .policy = gs::power{1.0}});
  CHECK_THROWS_AS(lost.plan(0), gs::invalid_argument);
  CHECK_THROWS_WITH(lost.plan(0), contains("floor") && contains("max_age"));
  CHECK(lost.epoch() == 0);
  gs::sieve above_cap({.examples = 4, .policy = gs::band{}});
  CHECK_THROWS_AS(above_cap.plan(0), gs::invalid_argument);
  CHECK_NOTHROW(gs::sieve({.examples = 4, .policy = gs::power{1.0, 0.01}}).plan(0));
  const gs::sieve_options revisited{
      .examples = 4, .policy = gs::power{1.0}, .refresh = gs::max_age{8}};
  CHECK_NOTHROW(gs::sieve(revisited).plan(0));
}

TEST_CASE("planning: needs a ledger") {
  gs::sieve sieve({.policy = gs::uniform{1.0}});
  CHECK_THROWS_AS(sieve.plan(0), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.plan(0), contains("examples"));
}

TEST_CASE("planning: everything while selection is off") {
  gs::sieve sieve =
      seen_once({.examples = 50, .policy = gs::uniform{0.25}, .active = gs::after_epochs{2}});
  CHECK(sieve.plan(1).size() == 50);
  CHECK_FALSE(sieve.plan(1).selective());
  CHECK(sieve.plan(1).forced() == 0);
  CHECK(sieve.keep_rate() == Approx(1.0));
  CHECK(sieve.work().skipped == 0);
  const gs::plan_view plan = sieve.plan(2);
  CHECK(plan.selective());
  CHECK(plan.size() < 30);
  CHECK(sieve.work().skipped == 50 - plan.size());
  CHECK(sieve.keep_rate() == Approx(static_cast<double>(plan.size()) / 50));
}

TEST_CASE("planning: the steps of a schedule are epochs") {
  gs::sieve sieve =
      seen_once({.examples = 50, .policy = gs::uniform{0.25}, .active = gs::every_nth{3}});
  for (std::uint32_t epoch = 0; epoch < 9; ++epoch) {
    CHECK(sieve.plan(epoch).selective() == (epoch % 3 == 0));
  }
}

TEST_CASE("planning: losses that were never finite") {
  const ids all = support::ids_from(0, 4);
  const floats losses = {1, support::nan_f(), 2, 3};
  const auto trained = [&](gs::non_finite rule, std::uint32_t epoch) {
    gs::sieve sieve({.examples = 4,
                     .policy = gs::uniform{0.0},
                     .on_non_finite = rule,
                     .refresh = gs::max_age{4}});
    sieve.observe(all, losses);
    return to_vector(sieve.plan(epoch).train());
  };
  CHECK(trained(gs::non_finite::skip, 1) == ids{1});  // or it would never get a loss
  CHECK(trained(gs::non_finite::select, 1) == ids{1});
  CHECK(trained(gs::non_finite::skip, 4) == all);  // overdue as any other
}

// Each id's rank among H = 100 quantiles of 20000 losses is known, so its probability is.
// Chi-squared over the 100 ranks (df 99 or less), n = 200 ids each and 20 epochs, alpha = 1e-4.
TEST_CASE("planning: every rank is planned with its policy's probability") {
  constexpr std::size_t entries = 100, share = 200;
  const gs::curve policy = GENERATE(gs::curve(gs::power{1.0, 0.05}),
                                    gs::curve(gs::power{2.0, 0.05}), gs::curve(gs::uniform{0.3}));
  gs::sieve sieve = seen_once({.examples = 20000, .policy = policy, .history = entries});
  std::vector<std::uint64_t> counts(entries + 1);
  std::vector<double> p(entries + 1);
  constexpr std::uint32_t epochs = 20;
  // Quantile j is the loss of rank 200 j + 100: ids up to that one have rank j.
  const auto rank_of = [](std::int64_t id) {
    return (static_cast<std::size_t>(id) + share / 2 - 1) / share;
  };
  for (std::uint32_t epoch = 1; epoch <= epochs; ++epoch) {
    for (const std::int64_t id : sieve.plan(epoch).train()) ++counts[rank_of(id)];
  }
  for (std::size_t rank = 0; rank <= entries; ++rank) {
    p[rank] = policy(static_cast<double>(rank) / entries);
  }
  // The outermost ranks have half as many ids; leave them to the exact tests.
  const auto inner = std::span(counts).subspan(1, entries - 1);
  const auto result = support::bernoulli_counts(inner, std::span(p).subspan(1, entries - 1),
                                                double{share} * epochs);
  CAPTURE(result.statistic, result.degrees);
  CHECK(result.plausible());
}
