// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/random/uniform.hpp>

#include <vector>

#include "support/chi_squared.hpp"
#include "support/int128.hpp"
#include "support/random_source.hpp"

using gradsieve::draw_key;
using gradsieve::purpose;
using gradsieve::to_unit;
using gradsieve::uniform_below;

namespace {

constexpr std::uint64_t two_63 = std::uint64_t{1} << 63;

//! uniform_below once more, from its description, with the compiler's 128-bit integers.
std::uint64_t expected_below(const draw_key& key, std::uint64_t index, std::uint64_t bound) {
  const support::uint128 words = support::uint128{1} << 64;
  gradsieve::philox_block block = gradsieve::draw_four(key, index);
  for (;;) {
    for (const int first : {0, 2}) {
      const std::uint64_t word = (std::uint64_t{block.word[first + 1]} << 32) + block.word[first];
      if (bound == 0) return word;
      const support::uint128 product = support::uint128{word} * bound;
      if (product % words >= words % bound) return static_cast<std::uint64_t>(product / words);
    }
    block = gradsieve::philox(block, key.seed);
  }
}

std::vector<std::uint64_t> counts_below(std::uint64_t bound, std::uint64_t cells, int draws) {
  std::vector<std::uint64_t> counts(cells, 0);
  const draw_key key{.seed = 21, .use = purpose::user};
  for (int i = 0; i < draws; ++i) {
    ++counts[uniform_below(key, static_cast<std::uint64_t>(i), bound) % cells];
  }
  return counts;
}

}  // namespace

TEST_CASE("a real in [0, 1) is exact and never 1") {
  CHECK(to_unit(0) <= 0.0);
  CHECK(to_unit(0x80000000u) * 2 == 1.0);
  CHECK(to_unit(0xffffffffu) < 1.0);
  CHECK(to_unit(0xffffffffu) == 1.0 - 0x1p-32);
  CHECK(to_unit(1) == 0x1p-32);
}

TEST_CASE("the 64 by 64 bit product is the compiler's") {
  support::random_source random(6);
  std::size_t wrong = 0;
  for (int i = 0; i < 300'000; ++i) {
    // All-ones words now and then: every carry happens.
    const std::uint64_t a = i % 3 == 0 ? ~std::uint64_t{0} >> random.below(64) : random();
    const std::uint64_t b = i % 5 == 0 ? ~std::uint64_t{0} << random.below(64) : random();
    const auto ours = gradsieve::detail::multiply(a, b);
    const support::uint128 expected = support::uint128{a} * b;
    wrong += std::size_t{ours.high != static_cast<std::uint64_t>(expected >> 64)};
    wrong += std::size_t{ours.low != static_cast<std::uint64_t>(expected)};
  }
  CHECK(wrong == 0);
}

TEST_CASE("integers below a bound: literal values") {
  const draw_key key{.seed = 1, .use = purpose::user};
  const std::uint64_t below_10[] = {9, 6, 1, 0, 3}, below_1000[] = {921, 607, 116, 22, 314};
  for (std::uint64_t i = 0; i < 5; ++i) {
    CHECK(uniform_below(key, i, 10) == below_10[i]);
    CHECK(uniform_below(key, i, 1000) == below_1000[i]);
  }
  CHECK(uniform_below(key, 1, 3 * (two_63 / 2)) == 2566932048760540694u);
  CHECK(uniform_below(key, 1, two_63 + 1) == 5601115207652382620u);
}

TEST_CASE("integers below a bound follow their description, rejections included") {
  support::random_source random(7);
  std::size_t wrong = 0, outside = 0;
  for (int i = 0; i < 60'000; ++i) {
    const draw_key key{.seed = random(), .step = static_cast<std::uint32_t>(i), .replica = 3};
    // Just above 2^63 half of the words are rejected, so whole blocks are as well.
    const std::uint64_t bound = i % 2 == 0 ? two_63 + 1 + random.below(1000) : random() | 1;
    const std::uint64_t value = uniform_below(key, random(), bound);
    outside += std::size_t{value >= bound};
    const std::uint64_t index = random();
    wrong += std::size_t{uniform_below(key, index, bound) != expected_below(key, index, bound)};
  }
  CHECK(wrong == 0);
  CHECK(outside == 0);
}

TEST_CASE("small bounds are even") {
  for (const std::uint64_t bound : {2u, 3u, 10u, 77u, 256u, 1000u}) {
    CAPTURE(bound);
    // alpha 1e-4, n = bound - 1
    CHECK(support::chi_squared_even(counts_below(bound, bound, 300'000)) <
          support::chi_squared_critical(static_cast<double>(bound - 1)));
  }
}

TEST_CASE("a bound of 3 * 2^62 is even modulo 3, as it is not without rejection") {
  const std::uint64_t bound = 3 * (two_63 / 2);
  // alpha 1e-4, n = 2
  CHECK(support::chi_squared_even(counts_below(bound, 3, 60'000)) <
        support::chi_squared_critical(2));
  std::vector<std::uint64_t> biased(3, 0);
  for (std::uint64_t i = 0; i < 60'000; ++i) {
    const std::uint64_t word = uniform_below({.seed = 21, .use = purpose::user}, i, 0);
    ++biased[gradsieve::detail::multiply(word, bound).high % 3];
  }
  CHECK(support::chi_squared_even(biased) > support::chi_squared_critical(2));
}

TEST_CASE("a bound of 2^63 + 1 is even between its halves and reaches its upper end") {
  const std::uint64_t bound = two_63 + 1;
  std::vector<std::uint64_t> halves(2, 0), eighths(8, 0);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const std::uint64_t value = uniform_below({.seed = 22}, i, bound);
    ++halves[value >= two_63 / 2 ? 1 : 0];
    ++eighths[value >= two_63 ? 7 : value >> 60];
  }
  // alpha 1e-4, n = 1 and 7
  CHECK(support::chi_squared_even(halves) < support::chi_squared_critical(1));
  CHECK(support::chi_squared_even(eighths) < support::chi_squared_critical(7));
}

TEST_CASE("the bounds 0 and 1") {
  const draw_key key{.seed = 1, .use = purpose::user};
  const auto block = gradsieve::draw_four(key, 5);
  CHECK(uniform_below(key, 5, 0) == ((std::uint64_t{block.word[1]} << 32) | block.word[0]));
  CHECK(uniform_below(key, 0, 0) == 16998469483552538741u);
  CHECK(uniform_below(key, 5, 1) == 0);
  CHECK(uniform_below(key, 6, 1) == 0);
}
