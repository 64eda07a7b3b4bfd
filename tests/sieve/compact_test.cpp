// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve whose examples are thinned out keeps what it knows of the others.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

TEST_CASE("compact: losses, groups and plans are those of the examples kept, by their new ids") {
  // Group 1 is always trained, group 0 never but when it is overdue.
  gs::sieve sieve({.examples = 6,
                   .history = 4,
                   .refresh = gs::max_age{8},
                   .per_group = {gs::uniform{0.0}, gs::uniform{1.0}}});
  sieve.assign_groups(std::vector<int>{0, 1, 0, 1, 0, 1});
  sieve.observe(support::ids_from(0, 6), support::ramp(6));
  CHECK(to_vector(sieve.plan(1).train()) == ids{1, 3, 5});
  const float fifth = sieve.ledger().at(5).loss(), third = sieve.ledger().at(2).loss();

  sieve.compact(ids{5, 2, 1});
  CHECK(sieve.ledger().size() == 3);
  CHECK(sieve.ledger().at(0).loss() == fifth);
  CHECK(sieve.ledger().at(1).loss() == third);
  CHECK(to_vector(sieve.groups()) == std::vector<gs::group_id>{1, 0, 1});
  CHECK(to_vector(sieve.plan(1).train()) == ids{0, 2});  // the epoch's plan was forgotten
}

TEST_CASE("compact: a state saved afterwards goes on in a sieve of that size") {
  const auto made_for = [](std::int64_t examples) {
    return gs::sieve({.examples = examples, .policy = gs::uniform{0.5}, .history = 4});
  };
  auto sieve = made_for(100);
  sieve.observe(support::ids_from(0, 100), support::ramp(100));
  sieve.plan(1);
  sieve.compact(support::ids_from(20, 50));
  auto other = made_for(50);
  other.load(sieve.save());
  CHECK(other.save() == sieve.save());
  CHECK(to_vector(other.plan(2).train()) == to_vector(sieve.plan(2).train()));
}

TEST_CASE("compact: what cannot be is refused, and nothing is changed") {
  gs::sieve without({.history = 4});
  CHECK_THROWS_AS(without.compact(ids{0}), gs::invalid_argument);
  gs::sieve sieve({.examples = 4, .history = 4, .queue = {.batch_size = 2}});
  sieve.observe(support::ids_from(0, 4), support::ramp(4));
  const auto before = sieve.save();
  CHECK_THROWS_AS(sieve.compact(ids{1, 4}), gs::out_of_range);
  CHECK_THROWS_AS(sieve.compact(ids{}), gs::invalid_argument);
  CHECK(sieve.save() == before);
  sieve.queue().push(ids{3}, sieve.step());
  CHECK_THROWS_AS(sieve.compact(ids{1}), gs::invalid_argument);
  CHECK(sieve.ledger().size() == 4);
}
