// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Examples taken out for good are never selected again.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

TEST_CASE("retire: no plan, pick, refresh or weight considers the example") {
  gs::sieve sieve({.examples = 6,
                   .policy = gs::uniform{1.0},
                   .history = 4,
                   .on_non_finite = gs::non_finite::select,
                   .refresh = gs::max_age{1}});
  sieve.observe(support::ids_from(0, 6), support::ramp(6));
  sieve.retire(ids{2, 5});
  CHECK(to_vector(sieve.plan(1).train()) == ids{0, 1, 3, 4});
  CHECK(to_vector(sieve.plan(9).train()) == ids{0, 1, 3, 4});  // overdue, too
  CHECK(sieve.plan(9).refresh().empty());
  sieve.pick(ids{0, 1, 3, 4}, floats{1, 2, 3, 4});
  CHECK(to_vector(sieve.pick(ids{2, 3, 5}, floats{9, support::nan_f(), support::nan_f()}).ids()) ==
        ids{3});
  CHECK(to_vector(sieve.pick_cached(ids{2, 3, 5}).ids()) == ids{3});
  CHECK(to_vector(sieve.weights(ids{2, 3}, floats{9, 9})) == floats{0, 2});
  sieve.begin_epoch(20);
  CHECK(to_vector(sieve.due(ids{2, 3, 5})) == std::vector<std::uint32_t>{1});
}

TEST_CASE("retire: the loss of a retired example enters no history") {
  gs::sieve sieve({.examples = 6, .history = 4});
  sieve.retire(ids{2});
  sieve.pick(ids{1, 2, 3}, floats{1, 9, 3});
  CHECK(sieve.history().size() == 2);
}

TEST_CASE("retire: a plan before any loss leaves them out, and offers the others alone") {
  gs::sieve sieve({.examples = 6, .policy = gs::uniform{0.5}, .history = 4});
  sieve.retire(ids{0});
  CHECK(to_vector(sieve.plan(0).train()) == ids{1, 2, 3, 4, 5});
  CHECK(sieve.work().skipped == 0);
}

TEST_CASE("retire: takes effect with the next plan") {
  gs::sieve sieve({.examples = 3, .policy = gs::uniform{1.0}, .history = 2});
  CHECK(sieve.plan(0).size() == 3);
  sieve.retire(ids{1});
  CHECK(sieve.plan(0).size() == 3);
  CHECK(to_vector(sieve.plan(1).train()) == ids{0, 2});
}

TEST_CASE("retire: unknown ids and a sieve without a ledger") {
  gs::sieve sieve({.examples = 3});
  CHECK_THROWS_AS(sieve.retire(ids{0, 3}), gs::out_of_range);
  CHECK(sieve.ledger().retired() == 0);
  gs::sieve none({});
  CHECK_THROWS_AS(none.retire(ids{}), gs::invalid_argument);
}

TEST_CASE("retire: all of them") {
  gs::sieve sieve({.examples = 3, .policy = gs::uniform{1.0}, .history = 2});
  sieve.observe(ids{0, 1, 2}, floats{1, 2, 3});
  sieve.retire(ids{0, 1, 2});
  CHECK(sieve.plan(1).size() == 0);
  CHECK(sieve.pick(ids{0, 1, 2}, floats{1, 2, 3}).empty());
}
