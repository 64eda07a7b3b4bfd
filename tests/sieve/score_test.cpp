// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A score of the user's own in the place of the loss.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

//! Selects a loss above the window's upper half and no other.
constexpr gs::step upper_half{0.5, 0.0, 1.0};

gs::sieve with(const gs::score& by, gs::non_finite on_non_finite = gs::non_finite::skip) {
  return gs::sieve({.examples = 8,
                    .policy = upper_half,
                    .history = 4,
                    .on_non_finite = on_non_finite,
                    .refresh = gs::max_age{4000},
                    .by = by});
}

constexpr auto negated = [](std::int64_t, float loss, std::uint32_t, gs::group_id) {
  return -loss;
};
constexpr auto by_id = [](std::int64_t id, float, std::uint32_t, gs::group_id) {
  return static_cast<float>(id);
};
constexpr auto by_age = [](std::int64_t, float, std::uint32_t age, gs::group_id) {
  return static_cast<float>(age);
};
constexpr auto by_group = [](std::int64_t, float, std::uint32_t, gs::group_id group) {
  return static_cast<float>(group);
};
const auto nan_for_3 = [](std::int64_t id, float loss, std::uint32_t, gs::group_id) {
  return id == 3 ? support::nan_f() : loss;
};

static_assert(gs::score_function<decltype(negated)>);
static_assert(!gs::score_function<int (*)(int)>);
struct too_large {
  char bytes[64];
  float operator()(std::int64_t, float, std::uint32_t, gs::group_id) const { return 0; }
};
static_assert(!gs::score_function<too_large>);

}  // namespace

TEST_CASE("score: what is ranked in a pick, a cached pick and a plan") {
  gs::sieve sieve = with(negated);
  sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});
  CHECK(to_vector(sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4}).ids()) == ids{0, 1});
  CHECK(to_vector(sieve.pick_cached(ids{0, 1, 2, 3}).ids()) == ids{0, 1});
  sieve.observe(ids{4, 5, 6, 7}, floats{5, 6, 7, 8});
  const gs::plan_view plan = sieve.plan(1);
  CHECK(to_vector(plan.train()) == ids{0, 1, 2, 3});
  CHECK(plan.probability(0) == 1.0);
  CHECK(sieve.ledger().at(0).loss() == 1.0f);  // the ledger keeps losses
  CHECK(to_vector(sieve.weights(ids{0, 1, 2, 3}, floats{1, 2, 3, 4})) == floats{2, 2, 0, 0});
}

TEST_CASE("score: it is given the id, the age before this visit, and the group") {
  gs::sieve ids_ranked = with(by_id);
  ids_ranked.pick(ids{0, 1, 2, 3}, floats{4, 3, 2, 1});
  CHECK(to_vector(ids_ranked.pick(ids{3, 0, 2, 1}, floats{1, 1, 1, 1}).positions()) ==
        std::vector<std::uint32_t>{0, 2});

  gs::sieve ages_ranked = with(by_age);
  ages_ranked.observe(ids{0, 1}, floats{1, 1});
  ages_ranked.begin_epoch(3);
  ages_ranked.observe(ids{2, 3}, floats{1, 1});
  ages_ranked.begin_epoch(5);
  CHECK(to_vector(ages_ranked.plan(5).train()) ==
        ids{0, 1, 4, 5, 6, 7});  // ages 5, 5, 2, 2; unseen
  ages_ranked.pick(ids{0, 1, 2, 3}, floats{1, 1, 1, 1});
  CHECK(to_vector(ages_ranked.history().view().slots[1] == gs::to_key(2.0f) ? ids{1} : ids{0}) ==
        ids{1});  // the history holds scores

  gs::sieve groups_ranked = with(by_group);
  groups_ranked.assign_groups(std::vector<int>{3, 1, 2, 0, 0, 0, 0, 0});
  groups_ranked.pick(ids{0, 1, 2, 3}, floats{1, 1, 1, 1});
  CHECK(to_vector(groups_ranked.pick_cached(ids{0, 1, 2, 3}).ids()) == ids{0, 2});
}

TEST_CASE("score: one that is NaN is treated as such a loss is, and enters no history") {
  gs::sieve skipping = with(nan_for_3);
  skipping.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});
  CHECK(skipping.history().size() == 3);
  CHECK(skipping.ledger().at(3).loss() == 4.0f);
  CHECK(to_vector(skipping.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4}).ids()).back() == 2);
  skipping.observe(ids{4, 5, 6, 7}, floats{0, 0, 0, 0});
  const auto plan = to_vector(skipping.plan(1).train());
  CHECK(std::count(plan.begin(), plan.end(), 3) == 1);  // a plan trains what it cannot rank

  gs::sieve selecting = with(nan_for_3, gs::non_finite::select);
  selecting.pick(ids{0, 1, 2, 4}, floats{1, 2, 3, 4});
  CHECK(to_vector(selecting.pick(ids{3, 0}, floats{0, 0}).ids()) == ids{3});

  gs::sieve raising = with(nan_for_3, gs::non_finite::raise);
  const auto before = raising.save();
  CHECK_THROWS_AS(raising.pick(ids{0, 3}, floats{1, 2}), gs::non_finite_loss);
  CHECK(raising.save() == before);
}

TEST_CASE("score: losses without ids are refused") {
  gs::sieve sieve = with(by_id);
  CHECK_THROWS_AS(sieve.pick(floats{1, 2}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.weights(floats{1, 2}), gs::invalid_argument);
}

TEST_CASE("score: its presence is part of the state") {
  gs::sieve scored = with(by_id), plain = with({});
  CHECK_THROWS_AS(plain.load(scored.save()), gs::state_error);
  CHECK_THROWS_AS(scored.load(plain.save()), gs::state_error);
  gs::sieve again = with(by_id);
  scored.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});
  again.load(scored.save());
  CHECK(again.save() == scored.save());
}
