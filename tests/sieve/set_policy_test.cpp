// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve that is given another policy in the middle of a run.
#include <gradsieve/gradsieve.hpp>

#include <cmath>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

std::vector<float> losses_of(std::uint32_t step) { return support::random_losses(64, step); }

}  // namespace

TEST_CASE("set_policy: from the next pick on a sieve decides as one that was made so") {
  const std::size_t min_fill = GENERATE(std::size_t{1}, std::size_t{256});  // filling, and full
  const auto made = [&](const gs::curve& policy) {
    return gs::sieve({.policy = policy, .history = 256, .min_fill = min_fill, .seed = 4});
  };
  gs::sieve changed = made(gs::power{3}), other = made(gs::uniform{0.5});
  for (std::uint32_t step = 0; step < 12; ++step) {
    if (step == 2 || step == 7) changed.set_policy(gs::uniform{0.5});
    if (step == 5) changed.set_policy(gs::power{3});
    const bool same = step >= 2 && !(step >= 5 && step < 7);
    const auto a = to_vector(changed.pick(losses_of(step)).positions());
    const auto b = to_vector(other.pick(losses_of(step)).positions());
    if (same) CHECK(a == b);
    if (!same && (min_fill == 1 || step >= 5)) CHECK(a != b);
  }
}

TEST_CASE("set_policy: it decides the next plan and leaves the last one's ids") {
  const auto made = [](const gs::curve& policy) {
    return gs::sieve(
        {.examples = 64, .policy = policy, .history = 32, .refresh = gs::max_age{100}});
  };
  gs::sieve changed = made(gs::power{3}), other = made(gs::uniform{0.5});
  const auto ids = support::ids_from(0, 64);
  for (gs::sieve* each : {&changed, &other}) each->observe(ids, losses_of(0));
  const auto planned = to_vector(changed.plan(1).train());
  CHECK(planned != to_vector(other.plan(1).train()));
  changed.set_policy(gs::uniform{0.5});
  CHECK(to_vector(changed.plan(1).train()) == planned);
  CHECK(to_vector(changed.plan(2).train()) == to_vector(other.plan(2).train()));
}

TEST_CASE("set_policy: the table is saved") {
  const gs::sieve_options options{.policy = gs::power{3}, .history = 64};
  gs::sieve changed(options), resumed(options);
  changed.set_policy(gs::uniform{0.25});
  changed.pick(losses_of(0));
  resumed.load(changed.save());
  CHECK(to_vector(resumed.pick(losses_of(1)).positions()) ==
        to_vector(changed.pick(losses_of(1)).positions()));
  CHECK(resumed.compiled().mean_probability() == Approx(0.25));
}

TEST_CASE("set_policy: what is refused leaves the policy as it was") {
  gs::sieve sieve({.policy = gs::uniform{0.25}, .history = 64});
  CHECK_THROWS_AS(sieve.set_policy(gs::uniform{1.5}), gs::policy_error);
  CHECK_THROWS_WITH(sieve.set_policy([](double) { return support::nan_d(); }), contains("NaN"));
  CHECK(sieve.compiled().mean_probability() == Approx(0.25));
  gs::sieve grouped({.history = 64, .per_group = {gs::power{1}, gs::power{2}}});
  CHECK_THROWS_AS(grouped.set_policy(gs::uniform{0.5}), gs::invalid_argument);
  CHECK_THROWS_WITH(grouped.set_policy(gs::uniform{0.5}), contains("2 groups"));
}

TEST_CASE("set_policy: what is refused at one size of a filling window is taken at no other") {
  // Of 3 losses held, 1/3 is a percentile of theirs and none of 1024; 5/1024 is the other way
  // round.
  const double at = GENERATE(1.0 / 3, 5.0 / 1024);
  const gs::sieve_options options{.policy = gs::uniform{0.25},
                                  .history = 1024,
                                  .min_fill = 1,
                                  .seed = 3,
                                  .order = gs::update_order::decide_then_update};
  gs::sieve changed(options), other(options);
  for (gs::sieve* each : {&changed, &other}) {
    each->pick(std::vector<float>{1, 2, 3});
    each->pick(std::vector<float>{support::nan_f()});  // compiles for the 3 and adds none
  }
  CHECK_THROWS_AS(changed.set_policy([at](double percentile) {
    return std::abs(percentile - at) < 1e-9 ? support::nan_d() : 1.0;
  }),
                  gs::policy_error);
  CHECK(changed.compiled().mean_probability() == Approx(0.25));
  for (std::uint32_t step = 0; step < 20; ++step) {
    const auto losses = losses_of(step);
    CHECK(to_vector(changed.pick(losses).positions()) == to_vector(other.pick(losses).positions()));
  }
}

TEST_CASE("set_policy: a pick tells what it ranked, against what, and whether it chose") {
  gs::sieve sieve({.history = 64});
  const auto losses = losses_of(3);
  const auto picked = sieve.pick(losses);
  CHECK(picked.selective());
  REQUIRE(picked.keys().size() == losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) CHECK(picked.keys()[i] == gs::to_key(losses[i]));
  CHECK(picked.window().size == 64);
  CHECK(picked.window().rank(gs::key_above) == 64);
  gs::sieve filling({.history = 65});
  CHECK_FALSE(filling.pick(losses).selective());
}

TEST_CASE("set_policy: what a plan ranks an example by") {
  gs::sieve sieve(
      {.examples = 4, .by = [](std::int64_t id, float loss, std::uint32_t age, gs::group_id) {
         return loss + static_cast<float>(id) + 10 * static_cast<float>(age);
       }});
  sieve.observe(std::vector<std::int64_t>{1, 2}, std::vector<float>{0.5f, 0.5f});
  sieve.retire(std::vector<std::int64_t>{2});
  CHECK(sieve.ranked_key(0, 3) == gs::key_always);
  CHECK(sieve.ranked_key(1, 3) == gs::to_key(31.5f));
  CHECK(sieve.ranked_key(2, 3) == gs::key_never);
}
