// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/random/draw.hpp>

#include <cstdlib>
#include <set>
#include <vector>

#include "support/chi_squared.hpp"
#include "support/random_source.hpp"

using gradsieve::draw;
using gradsieve::draw_four;
using gradsieve::draw_key;
using gradsieve::philox;
using gradsieve::purpose;

TEST_CASE("the layout of draws is public: literal values") {
  // From an implementation of Philox of its own; a change here changes every user's selections.
  CHECK(draw({.seed = 1}, 0) == 0xe3e80670u);
  CHECK(draw({.seed = 1}, 1) == 0xe50a0ebcu);
  CHECK(draw({.seed = 1}, 4) == 0xac08141bu);
  CHECK(draw({.seed = 1, .step = 7}, 0) == 0x08e4d831u);
  CHECK(draw({.seed = 1, .step = 7, .use = purpose::pick_by_id}, 0) == 0x12b6c301u);
  CHECK(draw({.seed = 1, .step = 7, .use = purpose::plan}, 3) == 0x5380480au);
  CHECK(draw({.seed = 1, .step = 7, .replica = 5}, 0) == 0x387bb3feu);
  CHECK(draw({.seed = 0x123456789abcdef0u,
              .step = 0xffffffffu,
              .use = purpose::order,
              .replica = 0xffffffu},
             (std::uint64_t{1} << 40) + 3) == 0x9e128aa6u);
  CHECK(draw({.seed = 42, .step = 3, .use = purpose::user}, (std::uint64_t{1} << 34) + 1) ==
        0xc926fb78u);
}

TEST_CASE("a draw is word i mod 4 of the block of counter (i / 4, step, replica << 8 | purpose)") {
  support::random_source random(5);
  std::size_t wrong = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t seed = random(), index = random() >> random.below(64);
    const auto step = static_cast<std::uint32_t>(random());
    const auto replica = static_cast<std::uint32_t>(random.below(1u << 24));
    const auto use = static_cast<purpose>(random.below(4));
    const std::uint64_t block = index / 4;
    const auto expected = philox(
        {{static_cast<std::uint32_t>(block & 0xffffffffu), static_cast<std::uint32_t>(block >> 32),
          step, replica * 256 + static_cast<std::uint32_t>(use)}},
        seed);
    const draw_key key{.seed = seed, .step = step, .use = use, .replica = replica};
    wrong += std::size_t{draw(key, index) != expected.word[index % 4]};
    wrong += std::size_t{!(draw_four(key, block) == expected)};
  }
  CHECK(wrong == 0);
}

TEST_CASE("the purposes keep their numbers") {
  CHECK(static_cast<int>(purpose::pick_by_position) == 0);
  CHECK(static_cast<int>(purpose::pick_by_id) == 1);
  CHECK(static_cast<int>(purpose::plan) == 2);
  CHECK(static_cast<int>(purpose::order) == 3);
  CHECK(static_cast<int>(purpose::user) == 255);
}

TEST_CASE("purposes, replicas, steps and seeds never share a stream") {
  std::set<std::uint32_t> streams;
  for (std::uint32_t replica = 0; replica < 100; ++replica) {
    for (std::uint32_t use = 0; use < 256; ++use) {
      streams.insert(draw_key{.use = static_cast<purpose>(use), .replica = replica}.stream());
    }
  }
  CHECK(streams.size() == 25'600);
  CHECK(draw({.seed = 1}, 9) != draw({.seed = 2}, 9));
  CHECK(draw({.seed = 1}, 9) != draw({.seed = 1 + (std::uint64_t{1} << 32)}, 9));
  CHECK(draw({.seed = 1, .step = 1}, 9) != draw({.seed = 1}, 9));
}

TEST_CASE("a replica that does not fit beside the purpose is refused") {
  CHECK_NOTHROW(gradsieve::detail::check_replica(0xffffffu));
  REQUIRE_THROWS_AS(gradsieve::detail::check_replica(0x1000000u), gradsieve::invalid_argument);
}

TEST_CASE("ids are never cast to a float: 2^24 + 1") {
  const draw_key key{.seed = 1, .use = purpose::plan};
  CHECK(draw(key, 1u << 24) == 0x5ef565a8u);
  CHECK(draw(key, (1u << 24) + 1) == 0x9431961au);
  const std::uint64_t wide = (std::uint64_t{1} << 32) + 1;
  CHECK(draw(key, wide) == gradsieve::philox({{0x40000000u, 0, 0, 2}}, 1).word[1]);
  CHECK(draw(key, wide) != draw(key, 1));
  const std::uint64_t far = (std::uint64_t{1} << 53) + 1;  // beyond a double as well
  CHECK(draw(key, far) != draw(key, far - 1));
}

TEST_CASE("the global generator is neither seeded nor used") {
  std::srand(7);
  const int expected = std::rand();
  std::srand(7);
  const std::uint32_t first = draw({.seed = 3}, 5);
  std::srand(8);
  CHECK(draw({.seed = 3}, 5) == first);
  std::srand(7);
  CHECK(draw({.seed = 3}, 5) == first);
  CHECK(std::rand() == expected);
}

TEST_CASE("draws are even in their upper and lower bytes, along indices and along steps") {
  std::vector<std::uint64_t> high(256, 0), low(256, 0), along_steps(256, 0), pairs(256, 0);
  for (std::uint32_t i = 0; i < 256'000; ++i) {
    const std::uint32_t word = draw({.seed = 11}, i);
    ++high[word >> 24];
    ++low[word & 0xff];
    ++along_steps[draw({.seed = 11, .step = i}, 0) >> 24];
    // The upper four bits of two draws of one key are independent.
    ++pairs[((word >> 28) << 4) | (draw({.seed = 11}, i + 256'000u) >> 28)];
  }
  // alpha 1e-4, n = 255
  const double critical = support::chi_squared_critical(255);
  CHECK(support::chi_squared_even(high) < critical);
  CHECK(support::chi_squared_even(low) < critical);
  CHECK(support::chi_squared_even(along_steps) < critical);
  CHECK(support::chi_squared_even(pairs) < critical);
}
