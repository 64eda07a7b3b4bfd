// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Several workers share one plan: each has the same ledger, and takes its part by
//! composition.
#include <gradsieve/history/shard.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/sieve.hpp>

#include <set>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
using ids = std::vector<std::int64_t>;

namespace {

constexpr std::uint64_t seed = 5;

//! A sieve that plans some of 500 examples from their losses.
gs::sieve planner() {
  gs::sieve sieve({.examples = 500,
                   .policy = gs::power{1.0, 0.1},
                   .history = 64,
                   .seed = seed,
                   .refresh = gs::max_age{9}});
  sieve.observe(support::ids_from(0, 500), support::random_losses(500));
  return sieve;
}

//! A worker's part of the plan.
ids share(const gs::plan_view& plan, const gs::worker& who) {
  const gs::epoch_shard shard(plan.size(), seed, plan.epoch(), who);
  ids mine;
  for (std::uint64_t i = 0; i < shard.size(); ++i) mine.push_back(plan.train()[shard[i]]);
  return mine;
}

}  // namespace

TEST_CASE("plan shards: disjoint, of equal counts, all but the rest of the division covered") {
  const std::uint32_t ranks = GENERATE(1u, 2u, 3u, 7u, 64u);
  gs::sieve sieve = planner();
  for (std::uint32_t epoch = 1; epoch < 6; ++epoch) {
    const gs::plan_view plan = sieve.plan(epoch);
    REQUIRE(plan.size() > 100);
    REQUIRE(plan.size() < 500);
    std::set<std::int64_t> seen;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      const ids mine = share(plan, {rank, ranks});
      REQUIRE(mine.size() == plan.size() / ranks);
      for (const std::int64_t id : mine) {
        REQUIRE(std::binary_search(plan.train().begin(), plan.train().end(), id));
        seen.insert(id);
      }
    }
    REQUIRE(seen.size() == plan.size() - plan.size() % ranks);
  }
}

// So a run does not depend on the number of workers, the learning rate being for the global batch.
TEST_CASE("plan shards: the workers' batches together are those of one process") {
  const std::uint32_t ranks = GENERATE(1u, 2u, 5u);
  const std::size_t local = 8;
  gs::sieve sieve = planner();
  const gs::plan_view plan = sieve.plan(3);
  std::vector<ids> shares;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) shares.push_back(share(plan, {rank, ranks}));
  std::size_t j = 0;
  for (const auto batch : plan.batches(local * ranks, gs::last_batch::drop)) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      REQUIRE(batch[i] == shares[i % ranks][j * local + i / ranks]);
    }
    ++j;
  }
  CHECK(j == plan.size() / (local * ranks));
}

TEST_CASE("plan shards: a plan of nothing, and of fewer ids than workers") {
  gs::sieve sieve({.examples = 3, .seed = seed, .refresh = gs::max_age{9}});
  const gs::plan_view plan = sieve.plan(0);
  REQUIRE(plan.size() == 3);
  for (std::uint32_t rank = 0; rank < 4; ++rank) CHECK(share(plan, {rank, 4}).empty());
  CHECK(gs::epoch_shard(0, seed, 0, {1, 4}).size() == 0);
}
