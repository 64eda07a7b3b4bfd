// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Every public function of a sieve on bad input: the right exception, both values in its
//! message, and nothing changed.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

//! What changes when a call goes through: compared before and after a refused one.
struct footprint {
  gs::work_counters work;
  std::uint64_t step, visits = 0, keys = 0, rejected;
  std::size_t history, queued;

  explicit footprint(gs::sieve& sieve)
      : work(sieve.work()),
        step(sieve.step()),
        rejected(sieve.history().rejected()),
        history(sieve.history().size()),
        queued(sieve.queue().size()) {
    for (const gs::ledger_entry& entry : sieve.ledger().entries()) {
      visits += entry.visits;
      keys += static_cast<std::uint32_t>(entry.key);
    }
  }
  friend bool operator==(const footprint&, const footprint&) = default;
};

gs::sieve used(gs::sieve_options options = {}) {
  options.examples = 4;
  options.history = 4;
  options.queue.batch_size = 8;
  gs::sieve sieve(options);
  sieve.pick(ids{0, 1}, floats{1, 2});
  return sieve;
}

}  // namespace

TEST_CASE("bad input: options") {
  CHECK_THROWS_AS(gs::sieve({.history = 0}), gs::invalid_argument);
  CHECK_THROWS_AS(gs::sieve({.history = (1u << 24) + 1}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::sieve({.history = (1u << 24) + 1}),
                    contains("16777217") && contains("16777216"));
  CHECK_THROWS_AS(gs::sieve({.examples = -1}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::sieve({.examples = -1}), contains("examples is -1"));
  CHECK_THROWS_AS(gs::sieve({.history = 8, .min_fill = 9}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::sieve({.history = 8, .min_fill = 9}), contains("9") && contains("8"));
  CHECK_NOTHROW(gs::sieve({.history = 8, .min_fill = 8}));
  CHECK_THROWS_AS(gs::sieve({.replica = 1u << 24}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::sieve({.replica = 1u << 24}), contains("replica"));
  CHECK_NOTHROW(gs::sieve({.replica = (1u << 24) - 1}));
  CHECK_THROWS_AS(gs::sieve({.active = gs::between{0.0, 0.5}}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::sieve({.active = gs::between{0.0, 0.5}}), contains("total_epochs"));
  CHECK_THROWS_AS(gs::sieve({.queue = {.batch_size = 8, .backlog = 7}}), gs::invalid_argument);
}

TEST_CASE("bad input: policies") {
  const auto sieve_of = [](const gs::curve& policy) {
    return gs::sieve({.policy = policy, .history = 4});
  };
  const auto too_high = [](double percentile) { return 2 * percentile; };
  CHECK_THROWS_AS(sieve_of(too_high), gs::policy_error);
  CHECK_THROWS_WITH(sieve_of(too_high), contains("1.5") && contains("0.75"));
  CHECK_THROWS_AS(sieve_of([](double p) { return p - 0.25; }), gs::policy_error);
  CHECK_THROWS_WITH(sieve_of([](double) { return support::nan_d(); }), contains("NaN"));
  CHECK_THROWS_AS(sieve_of(gs::uniform{1.5}), gs::policy_error);
}

TEST_CASE("bad input: selectors") {
  using fixed = gs::basic_sieve<gs::loss_window, gs::exactly_k_selector>;
  const auto sieve_of = [](const gs::sieve_options& options, std::size_t k) {
    return fixed(options, gs::loss_window(4), gs::exactly_k_selector(k));
  };
  CHECK_THROWS_AS(sieve_of({}, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve_of({}, 0), contains("k is 0") && contains("exactly_k_selector{128}"));
  CHECK_THROWS_WITH(fixed({}), contains("k is 0"));
  CHECK_THROWS_AS(sieve_of({.keying = gs::draw_by::id}, 2), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve_of({.keying = gs::draw_by::id}, 2), contains("keyed by id"));
  CHECK_NOTHROW(sieve_of({}, 2));
}

TEST_CASE("bad input: ids and losses of different numbers") {
  gs::sieve sieve = used();
  const footprint before(sieve);
  const ids three = {0, 1, 2};
  const floats two = {1, 2};
  CHECK_THROWS_AS(sieve.pick(three, two), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.pick(three, two), contains("3 ids") && contains("2 losses"));
  CHECK_THROWS_WITH(sieve.observe(three, two), contains("3 ids") && contains("2 losses"));
  CHECK_THROWS_WITH(sieve.refresh(three, two), contains("3 ids") && contains("2 losses"));
  CHECK_THROWS_WITH(sieve.record(three, two), contains("3 ids") && contains("2 losses"));
  CHECK_THROWS_WITH(sieve.weights(three, two), contains("3 ids") && contains("2 losses"));
  CHECK(footprint(sieve) == before);
}

TEST_CASE("bad input: ids outside of the ledger") {
  gs::sieve sieve = used();
  const footprint before(sieve);
  const std::int64_t bad = GENERATE(std::int64_t{-1}, std::int64_t{4}, std::int64_t{1} << 40);
  const ids some = {0, bad};
  const floats two = {1, 2};
  const std::string id = "id " + std::to_string(bad), place = id + " at position 1 is outside";
  CHECK_THROWS_AS(sieve.pick(some, two), gs::out_of_range);
  CHECK_THROWS_WITH(sieve.pick(some, two), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.pick_cached(some), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.due(some), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.observe(some, two), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.refresh(some, two), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.record(some, two), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.weights(some, two), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.retire(some), contains(place) && contains("[0, 4)"));
  CHECK_THROWS_WITH(sieve.ledger().at(bad), contains(id) && contains("[0, 4)"));
  CHECK(footprint(sieve) == before);
}

TEST_CASE("bad input: unsigned ids that a conversion would make negative or small") {
  gs::sieve sieve = used();
  const std::vector<std::uint64_t> huge = {~std::uint64_t{0}};
  CHECK_THROWS_AS(sieve.pick(huge, floats{1}), gs::out_of_range);
  CHECK_THROWS_WITH(sieve.pick(huge, floats{1}), contains("18446744073709551615"));
  const std::vector<std::int8_t> negative = {-1};
  CHECK_THROWS_AS(sieve.pick(negative, floats{1}), gs::out_of_range);
}

TEST_CASE("bad input: what needs a ledger") {
  gs::sieve sieve({.history = 4, .queue = {.batch_size = 8}});
  const footprint before(sieve);
  const ids one = {0};
  CHECK_THROWS_AS(sieve.observe(one, floats{1}), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.observe(one, floats{1}), contains("observe") && contains(".examples"));
  CHECK_THROWS_WITH(sieve.refresh(one, floats{1}), contains("refresh") && contains(".examples"));
  CHECK_THROWS_WITH(sieve.record(one, floats{1}), contains("record") && contains(".examples"));
  CHECK_THROWS_WITH(sieve.due(one), contains("due") && contains(".examples"));
  CHECK_THROWS_WITH(sieve.pick_cached(one), contains("pick_cached") && contains(".examples"));
  CHECK_THROWS_WITH(sieve.plan(0), contains("plan") && contains(".examples"));
  CHECK(footprint(sieve) == before);
}

TEST_CASE("bad input: what needs ids") {
  gs::sieve sieve = used({.keying = gs::draw_by::id});
  const footprint before(sieve);
  CHECK_THROWS_AS(sieve.pick(floats{1}), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.pick(floats{1}), contains("keyed by id"));
  CHECK(footprint(sieve) == before);
}

TEST_CASE("bad input: what needs a queue") {
  gs::sieve sieve({.examples = 4});
  CHECK_THROWS_AS(sieve.queue(), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.queue(), contains(".queue"));
}

TEST_CASE("bad input: a queue that was pushed into at a step to come") {
  gs::sieve sieve = used();
  sieve.queue().push(ids{3}, 7);
  const footprint before(sieve);
  CHECK_THROWS_AS(sieve.pick(ids{0}, floats{1}), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.pick(ids{0}, floats{1}), contains("step 7") && contains("sieve at 1"));
  CHECK_THROWS_WITH(sieve.pick_cached(ids{0}), contains("pick_cached") && contains("step 7"));
  CHECK(footprint(sieve) == before);
  for (int step = 1; step < 7; ++step) sieve.weights(floats{1});
  CHECK_NOTHROW(sieve.pick(ids{0}, floats{1}));
}

TEST_CASE("bad input: a plan by epochs without their number") {
  gs::sieve sieve({.examples = 4,
                   .policy = gs::uniform{0.5},
                   .active = gs::between{0.0, 0.5},
                   .total_steps = 10});
  CHECK_THROWS_AS(sieve.plan(1), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.plan(1), contains("total_epochs"));
  CHECK(sieve.epoch() == 0);
}
