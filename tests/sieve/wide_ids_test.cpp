// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ids are 64 bits wide on every way through a sieve: sparse ones, around 2^24 and 2^32.
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/sieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using support::to_vector;
using ids = std::vector<std::int64_t>;

namespace {

constexpr std::int64_t two_24 = std::int64_t{1} << 24, two_32 = std::int64_t{1} << 32;

const ids sparse = {1,
                    two_24 - 1,
                    two_24,
                    two_24 + 1,
                    2,
                    two_32 - 1,
                    two_32,
                    two_32 + 1,
                    two_32 + two_24 + 1,
                    std::numeric_limits<std::int64_t>::max()};

}  // namespace

TEST_CASE("wide ids: each is drawn by all of its bits, and handed out as it came") {
  const gs::sieve_options options{.policy = gs::uniform{0.5},
                                  .history = 4,
                                  .seed = 5,
                                  .keying = gs::draw_by::id,
                                  .queue = {.batch_size = 1}};
  gs::sieve of64(options), of_unsigned(options);
  const std::vector<std::uint64_t> natural(sparse.begin(), sparse.end());
  const std::vector<float> losses = support::ramp(sparse.size());
  const gs::rule rule = gs::compile(gs::uniform{0.5}, 4);
  const gs::sorted_window window = support::ladder(4);
  bool neighbours_differ = false;
  for (std::uint32_t step = 0; step < 40; ++step) {
    ids expected, queued;
    for (const std::int64_t id : sparse) {
      const gs::draw_key key{5, step, gs::purpose::pick_by_id, 0};
      const std::uint32_t word = gs::draw(key, static_cast<std::uint64_t>(id));
      if (rule.view().selects(window.view(), 0, word)) expected.push_back(id);
    }
    const auto has = [&](std::int64_t id) {
      return std::count(expected.begin(), expected.end(), id) != 0;
    };
    neighbours_differ = neighbours_differ || has(two_32 + 1) != has(1);
    REQUIRE(to_vector(of64.pick(sparse, losses).ids()) == expected);
    REQUIRE(to_vector(of_unsigned.pick(natural, losses).ids()) == expected);
    while (const auto batch = of64.queue().next()) queued.push_back(batch.ids()[0]);
    REQUIRE(queued == expected);
  }
  CHECK(neighbours_differ);
}

TEST_CASE("wide ids: they pass through a saved queue") {
  const gs::sieve_options options{
      .policy = gs::uniform{1.0}, .history = 4, .queue = {.batch_size = 100}};
  gs::sieve run(options), resumed(options);
  run.pick(sparse, support::ramp(sparse.size()));
  resumed.load(run.save());
  resumed.queue().flush();
  CHECK(to_vector(resumed.queue().next().ids()) == sparse);
}

TEST_CASE("wide ids: in a ledger of two, 2^32 + 1 is not 1") {
  gs::sieve sieve({.examples = 2, .refresh = gs::max_age{9}});
  for (const std::int64_t id : {two_32, two_32 + 1, -two_32 + 1, two_24 + 1}) {
    CHECK_THROWS_AS(sieve.pick(ids{0, id}, std::vector{1.0f, 2.0f}), gs::out_of_range);
    CHECK_THROWS_AS(sieve.observe(ids{id}, std::vector{1.0f}), gs::out_of_range);
    CHECK_THROWS_AS(sieve.due(ids{id}), gs::out_of_range);
    CHECK_THROWS_WITH(sieve.due(ids{id}), contains("id " + std::to_string(id)));
  }
  CHECK_THROWS_AS(sieve.due(std::vector{~std::uint64_t{0}}), gs::out_of_range);
  CHECK(sieve.ledger().at(1).seen() == 0);
}
