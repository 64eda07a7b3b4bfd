// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/shard.hpp>

#include <set>
#include <vector>

#include "catch.hpp"
#include "support/chi_squared.hpp"

namespace gs = gradsieve;

namespace {

std::vector<std::uint64_t> share(std::uint64_t n, std::uint64_t seed, std::uint32_t epoch,
                                 const gs::worker& who) {
  const gs::epoch_shard shard(n, seed, epoch, who);
  std::vector<std::uint64_t> items;
  for (std::uint64_t i = 0; i < shard.size(); ++i) items.push_back(shard[i]);
  return items;
}

//! What all workers together get.
std::set<std::uint64_t> covered(std::uint64_t n, std::uint32_t epoch, std::uint32_t ranks) {
  std::set<std::uint64_t> seen;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    for (const std::uint64_t item : share(n, 3, epoch, {rank, ranks})) seen.insert(item);
  }
  return seen;
}

}  // namespace

TEST_CASE(
    "pitfall: unequal counts across ranks, padding counted twice: shards are disjoint and equal") {
  for (const std::uint64_t n : {0u, 1u, 2u, 7u, 64u, 100u, 1000u}) {
    for (const std::uint32_t ranks : {1u, 2u, 3u, 7u, 16u}) {
      std::set<std::uint64_t> seen;
      std::uint64_t handed_out = 0;
      for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        const std::vector<std::uint64_t> items = share(n, 3, 5, {rank, ranks});
        REQUIRE(items.size() == n / ranks);
        handed_out += items.size();
        for (const std::uint64_t item : items) {
          REQUIRE(item < n);
          seen.insert(item);
        }
      }
      REQUIRE(seen.size() == handed_out);
      REQUIRE(seen.size() == n - n % ranks);
    }
  }
}

TEST_CASE("shards: other items are left out in other epochs") {
  std::set<std::uint64_t> always = covered(11, 0, 4);
  std::set<std::uint64_t> ever = always;
  for (std::uint32_t epoch = 1; epoch < 20; ++epoch) {
    const std::set<std::uint64_t> now = covered(11, epoch, 4);
    ever.insert(now.begin(), now.end());
    std::erase_if(always, [&](std::uint64_t item) { return !now.contains(item); });
  }
  CHECK(ever.size() == 11);
  CHECK(always.empty());
}

TEST_CASE("shards: a pure function of seed, epoch and worker, each of which matters") {
  const std::vector<std::uint64_t> base = share(100, 3, 5, {1, 4});
  CHECK(share(100, 3, 5, {1, 4}) == base);
  CHECK(share(100, 4, 5, {1, 4}) != base);
  CHECK(share(100, 3, 6, {1, 4}) != base);
  CHECK(share(100, 3, 5, {2, 4}) != base);
}

// alpha = 1e-4, n = 20000 epochs, 7 degrees of freedom.
TEST_CASE("shards: every worker is as likely to get an item") {
  std::vector<std::uint64_t> counts(8, 0);
  for (std::uint32_t epoch = 0; epoch < 20000; ++epoch) {
    for (std::uint32_t rank = 0; rank < 8; ++rank) {
      const gs::epoch_shard shard(16, 1, epoch, {rank, 8});
      counts[rank] += std::uint64_t{shard[0] == 5 || shard[1] == 5};
    }
  }
  CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(7));
}

TEST_CASE("shards: items are 64 bits wide: 2^40 of them") {
  const std::uint64_t n = (std::uint64_t{1} << 40) + 3;
  const std::uint32_t ranks = 1000;
  std::set<std::uint64_t> seen;
  bool large = false, odd = false;
  for (const std::uint32_t rank : {0u, 1u, 999u}) {
    const gs::epoch_shard shard(n, 3, 5, {rank, ranks});
    REQUIRE(shard.size() == n / ranks);
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{16777217},
                                  std::uint64_t{1} << 29, shard.size() - 1}) {
      REQUIRE(shard[i] < n);
      seen.insert(shard[i]);
      large = large || shard[i] > std::uint64_t{1} << 32;
      odd = odd || shard[i] % 2 == 1;  // none is, above 2^24, of those that came through a float
    }
  }
  CHECK(seen.size() == 15);
  CHECK(large);
  CHECK(odd);
}

TEST_CASE("shards: places are 64 bits wide: 2^24 + 1 and 2^32 + 1 items") {
  const std::uint64_t n = GENERATE((std::uint64_t{1} << 24) + 1, (std::uint64_t{1} << 32) + 1);
  const gs::bijection order(n, {.seed = 3, .step = 5, .use = gs::purpose::order});
  for (const std::uint32_t ranks : {1u, 2u, 3u, 65536u}) {
    std::uint64_t total = 0;
    for (const std::uint32_t rank : {0u, ranks - 1}) {
      const gs::epoch_shard shard(n, 3, 5, {rank, ranks});
      REQUIRE(shard.size() == n / ranks);
      // The share's last place is the order's last but one, beyond 32 bits for one rank.
      for (const std::uint64_t i : {std::uint64_t{0}, shard.size() / 2, shard.size() - 1}) {
        REQUIRE(shard[i] == order(i * ranks + rank));
        REQUIRE(shard[i] < n);
      }
      total += shard.size();
    }
    if (ranks == 2) REQUIRE(total == n - 1);
  }
}

TEST_CASE("shards: a rank beyond the ranks is refused, and no ranks at all") {
  CHECK_THROWS_AS(gs::epoch_shard(10, 1, 1, {4, 4}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::epoch_shard(10, 1, 1, {5, 4}), contains("rank 5 of 4"));
  CHECK_THROWS_AS(gs::epoch_shard(10, 1, 1, {0, 0}), gs::invalid_argument);
}
