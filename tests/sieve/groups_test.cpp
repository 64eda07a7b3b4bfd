// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Policies for each group of examples, such as a class.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;
using groups = std::vector<gs::group_id>;

const gs::policy_list all_or_nothing = {gs::uniform{0.0}, gs::uniform{1.0}};

gs::sieve_options options() {
  return {.examples = 8,
          .history = 4,
          .seed = 3,
          .refresh = gs::max_age{100},
          .per_group = all_or_nothing};
}

}  // namespace

TEST_CASE("groups: a pick goes by the policy of each example's group") {
  gs::sieve sieve(options());
  sieve.assign_groups(std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1});
  sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});
  CHECK(to_vector(sieve.pick(ids{4, 5, 6, 7}, floats{4, 3, 2, 1}).ids()) == ids{5, 7});
  CHECK(to_vector(sieve.pick_cached(ids{0, 1, 2, 3}).ids()) == ids{1, 3});
  const auto weights = to_vector(sieve.weights(ids{0, 1, 2, 3}, floats{1, 2, 3, 4}));
  CHECK(weights == floats{0, 2, 0, 2});
}

TEST_CASE("groups: those given with a pick win over the ledger's") {
  gs::sieve sieve(options());
  sieve.assign_groups(std::vector<int>(8, 0));
  sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});
  const groups given = {1, 0, 0, 1};
  const auto picked = sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4}, {.groups = given});
  CHECK(to_vector(picked.positions()) == std::vector<std::uint32_t>{0, 3});
  CHECK(to_vector(picked.probabilities()) == floats{1, 1});
}

TEST_CASE("groups: no ledger is needed when they come with the batch") {
  gs::sieve sieve({.history = 4, .per_group = all_or_nothing});
  const groups given = {0, 1, 1, 0};
  sieve.pick(floats{1, 2, 3, 4}, {.groups = given});
  CHECK(to_vector(sieve.pick(floats{1, 2, 3, 4}, {.groups = given}).positions()) ==
        std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("groups: a plan goes by the policy of each example's group, floors too") {
  // Two groups of 500 with floors .1 and .4 and a policy that is 0 elsewhere: 400 plans;
  // chi-squared over all examples, 1000 degrees of freedom, alpha 1e-4.
  const std::vector<double> floors = {0.1, 0.4};
  const std::size_t n = 1000;
  gs::sieve sieve({.examples = static_cast<std::int64_t>(n),
                   .history = 64,
                   .seed = 5,
                   .per_group = gs::per_group(gs::uniform{0.0}, floors)});
  std::vector<int> labels(n);
  for (std::size_t i = 0; i < n; ++i) labels[i] = static_cast<int>(i % 2);
  sieve.assign_groups(labels);
  sieve.observe(support::ids_from(0, n), support::random_losses(n));
  std::vector<std::uint64_t> counts(n);
  std::vector<double> expected(n);
  const std::uint32_t epochs = 400;
  for (std::uint32_t epoch = 1; epoch <= epochs; ++epoch) {
    const gs::plan_view plan = sieve.plan(epoch);
    for (const std::int64_t id : plan.train()) ++counts[static_cast<std::size_t>(id)];
    if (epoch == 1)
      CHECK(plan.probability(plan.train()[0]) ==
            Approx(floors[static_cast<std::size_t>(plan.train()[0] % 2)]));
  }
  for (std::size_t i = 0; i < n; ++i) expected[i] = floors[i % 2];
  CHECK(support::bernoulli_counts(counts, expected, epochs).plausible());
}

TEST_CASE("groups: exactly k weighs each example by its group's policy") {
  using fixed = gs::basic_sieve<gs::loss_window, gs::exactly_k_selector>;
  fixed sieve({.history = 4, .per_group = all_or_nothing}, gs::loss_window(4),
              gs::exactly_k_selector{2});
  const groups given = {0, 1, 1, 0};
  sieve.pick(floats{1, 2, 3, 4}, {.groups = given});
  const auto picked = sieve.pick(floats{1, 2, 3, 4}, {.groups = given});
  CHECK(to_vector(picked.positions()) == std::vector<std::uint32_t>{1, 2});
  CHECK(to_vector(picked.probabilities()) == floats{1, 1});
}

TEST_CASE("groups: a band of one group spares only that group") {
  gs::sieve sieve({.examples = 20,
                   .history = 20,
                   .refresh = gs::max_age{1},
                   .per_group = {gs::uniform{0.0}, gs::band{0.5, 0.0, 0.0}}});
  std::vector<int> labels(20);
  for (std::size_t i = 0; i < 20; ++i) labels[i] = static_cast<int>(i % 2);
  sieve.assign_groups(labels);
  sieve.observe(support::ids_from(0, 20), support::ramp(20));
  const gs::plan_view plan = sieve.plan(1);
  for (const std::int64_t id : plan.refresh()) CHECK(id % 2 == 1);
  CHECK(plan.refresh().size() == 5);
  CHECK(plan.size() == 15);
}

TEST_CASE("groups: a filling window compiles every group's policy for its size") {
  gs::sieve sieve({.history = 100, .min_fill = 1, .per_group = all_or_nothing});
  const groups given = {0, 1, 1, 0};
  CHECK(to_vector(sieve.pick(floats{1, 2, 3, 4}, {.groups = given}).positions()) ==
        std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("groups: unknown, missing and mismatched groups are refused, nothing is changed") {
  gs::sieve sieve(options());
  const auto before = sieve.save();
  const groups two = {0, 1}, bad = {0, 2};
  CHECK_THROWS_AS(sieve.pick(ids{0, 1}, floats{1, 2}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.pick(floats{1, 2}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.pick(floats{1, 2, 3}, {.groups = two}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.pick(floats{1, 2}, {.groups = bad}), gs::out_of_range);
  CHECK_THROWS_WITH(sieve.pick(floats{1, 2}, {.groups = bad}),
                    contains("group 2 at position 1") && contains("[0, 2)"));
  CHECK_THROWS_AS(sieve.weights(ids{0, 1}, floats{1, 2}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.pick_cached(ids{0, 1}), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.plan(0), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.assign_groups(std::vector<int>(7, 0)), gs::invalid_argument);
  CHECK_THROWS_AS(sieve.assign_groups(std::vector<int>(8, 2)), gs::out_of_range);
  CHECK_THROWS_AS(sieve.assign_groups(std::vector<int>(8, -1)), gs::out_of_range);
  CHECK_THROWS_WITH(sieve.assign_groups(std::vector<int>{0, 1, 0, 3, 0, 0, 0, 0}),
                    contains("group 3 of example 3") && contains("[0, 2)"));
  CHECK(sieve.save() == before);
  gs::sieve no_ledger({.history = 4, .per_group = all_or_nothing});
  CHECK_THROWS_AS(no_ledger.assign_groups(std::vector<int>{}), gs::invalid_argument);
  const std::vector<gs::curve> too_many(65537, gs::curve(gs::uniform{}));
  CHECK_THROWS_AS(gs::sieve({.history = 1, .per_group = too_many}), gs::invalid_argument);
}

TEST_CASE("groups: examples that a ledger grew by need a group before they are decided") {
  gs::sieve sieve(options());
  sieve.assign_groups(std::vector<int>(8, 1));
  sieve.ledger().grow(9);
  CHECK_THROWS_AS(sieve.plan(0), gs::invalid_argument);
  sieve.assign_groups(std::vector<int>(9, 1));
  CHECK(sieve.plan(0).size() == 9);
}

TEST_CASE("groups: they are part of the state") {
  gs::sieve saved(options());
  saved.assign_groups(std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1});
  saved.observe(support::ids_from(0, 8), support::ramp(8));
  gs::sieve loaded(options());
  loaded.load(saved.save());
  CHECK(to_vector(loaded.plan(1).train()) == ids{1, 3, 5, 7});
  gs::sieve plain({.examples = 8, .history = 4, .seed = 3, .refresh = gs::max_age{100}});
  CHECK_THROWS_AS(plain.load(saved.save()), gs::state_error);
}

TEST_CASE("groups: a state with an example of a group that has no policy is refused") {
  gs::byte_writer out;
  gs::loss_ledger(2).write(out);
  out.put(std::span<const gs::group_id>(groups{1, 2}));
  out.put(false);  // no score
  gs::detail::example_book book(2, {});
  const auto read = [&](std::size_t policies) {
    gs::byte_reader in(out.view());
    book.read(in, policies);
  };
  CHECK_THROWS_AS(read(2), gs::state_error);
  CHECK_THROWS_WITH(read(2), contains("group 2") && contains("policies for 2"));
  CHECK(book.groups().empty());
  read(3);
  CHECK(to_vector(book.groups()) == groups{1, 2});
  CHECK_NOTHROW(read(0));  // any number, where groups are only what a score goes by
}

// AddressSanitizer's to judge: the group of an example that has none was looked up.
TEST_CASE("groups: without policies of their own, a plan needs none of them") {
  gs::sieve sieve({.examples = 2, .policy = gs::uniform{1.0}, .history = 1});
  sieve.assign_groups(std::vector<int>{0, 1});
  sieve.ledger().grow(64);
  sieve.observe(ids{63}, floats{1});
  const gs::plan_view plan = sieve.plan(1);
  REQUIRE(plan.selective());
  CHECK(plan.probability(63) == 1.0);
}
