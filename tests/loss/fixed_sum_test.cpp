// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/fixed_sum.hpp>

#include <algorithm>
#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::float_bits;

namespace {

std::uint32_t sum_of(const std::vector<float>& terms, std::uint64_t divisor = 1) {
  std::uint32_t largest = 0;
  for (const float term : terms) largest = std::max(largest, float_bits(term) & 0x7fffffffu);
  gs::detail::fixed_sum sum(largest);
  for (const float term : terms) sum.add(float_bits(term));
  return sum.over(divisor);
}

//! The same, all terms given at once.
std::uint32_t sum_at_once(const std::vector<float>& terms, std::uint64_t divisor = 1) {
  gs::detail::magnitude_range range;
  for (const float term : terms) range.add(float_bits(term));
  gs::detail::fixed_sum sum(static_cast<std::uint32_t>(range.largest));
  sum.add_all(range, terms.size(), [&](std::size_t i) { return float_bits(terms[i]); });
  return sum.over(divisor);
}

//! A float of either sign, its exponent up to `spread` below 2^top.
float spread_float(support::random_source& source, int top, std::uint64_t spread) {
  const auto exponent =
      static_cast<std::uint32_t>(top + 127) - static_cast<std::uint32_t>(source.below(spread + 1));
  const auto bits = static_cast<std::uint32_t>(source() >> 41);
  return support::float_of((exponent << 23) | bits | (source.below(2) == 0 ? 0x80000000u : 0u));
}

}  // namespace

TEST_CASE("fixed sum: by hand") {
  CHECK(sum_of({1, 2, 6}) == float_bits(9.0f));
  CHECK(sum_of({1, 2, 6}, 3) == float_bits(3.0f));
  CHECK(sum_of({-4, -1, -1}) == float_bits(-6.0f));
  CHECK(sum_of({1, 1}, 4) == float_bits(0.5f));
  CHECK(sum_of({1}, 3) == float_bits(1.0f / 3.0f));
  CHECK(sum_of({2, -2}) == float_bits(0.0f));
  CHECK(sum_of({-0.0f, 0.0f}) == float_bits(0.0f));
  CHECK(sum_of({}) == float_bits(0.0f));
  CHECK(sum_of({3, -1, -2.5f}) == float_bits(-0.5f));
}

TEST_CASE("fixed sum: usable in constant expressions") {
  constexpr std::uint32_t third = [] {
    gs::detail::fixed_sum sum(float_bits(1.0f));
    sum.add(float_bits(1.0f));
    return sum.over(3);
  }();
  STATIC_REQUIRE(third == 0x3eaaaaabu);
}

// Up to 63 bits are exact in x87's long double: 24 of a term, 25 of spread, 10 of the count.
TEST_CASE("fixed sum: the nearest float to the exact sum and to the exact mean") {
  support::random_source source(31);
  std::size_t wrong = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const std::uint64_t spread = source.below(26);
    const int top = static_cast<int>(source.below(200)) - 100;
    std::vector<float> terms(1 + source.below(1000));
    long double exact = 0;
    for (float& term : terms) {
      term = spread_float(source, top, spread);
      exact += static_cast<long double>(term);
    }
    const auto count = static_cast<long double>(terms.size());
    wrong += std::size_t{sum_of(terms) != float_bits(static_cast<float>(exact))};
    wrong +=
        std::size_t{sum_of(terms, terms.size()) != float_bits(static_cast<float>(exact / count))};
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed sum: the order of the terms changes nothing") {
  support::random_source source(32);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<float> terms(2 + source.below(50));
    for (float& term : terms) term = spread_float(source, 100, 220);
    const std::uint32_t once = sum_of(terms, 7);
    std::sort(terms.begin(), terms.end());
    REQUIRE(sum_of(terms, 7) == once);
    std::reverse(terms.begin(), terms.end());
    REQUIRE(sum_of(terms, 7) == once);
  }
}

TEST_CASE("fixed sum: a term loses what lies 39 bits below the largest's last place") {
  // 2^23 has last place 1; a unit is 2^-39.
  const float large = 0x1p23f;
  CHECK(sum_of({large, 0x1p-39f, -large}) == float_bits(0x1p-39f));
  CHECK(sum_of({large, 0x1.8p-39f, -large}) == float_bits(0x1p-39f));
  CHECK(sum_of({large, 0x1p-40f, -large}) == float_bits(0.0f));
  CHECK(sum_of({large, -0x1p-40f, -large}) == float_bits(0.0f));
  CHECK(sum_of({0x1p100f, 0x1p-100f}) == float_bits(0x1p100f));
  // A half of a last place and a little more rounds up, a half alone to even.
  CHECK(sum_of({large, 0.5f, 0x1p-30f}) == float_bits(0x1.000002p23f));
  CHECK(sum_of({large, 0.5f}) == float_bits(large));
}

TEST_CASE("fixed sum: subnormals add up, whatever is flushed to zero") {
  const float least = support::float_of(1);
  CHECK(sum_of({least, least, least}) == 3);
  CHECK(sum_of({least, least, least}, 3) == 1);
  CHECK(sum_of({support::float_of(0x007fffff), least}) == 0x00800000u);
  CHECK(sum_of({support::float_of(0x00800000), support::float_of(0x80000001)}) == 0x007fffffu);
  CHECK(sum_of({support::float_of(0x00800000)}, 2) == 0x00400000u);
}

TEST_CASE("fixed sum: beyond float's range it is the largest finite value") {
  const float most = support::float_of(0x7f7fffff);
  CHECK(sum_of({most, most}) == 0x7f7fffffu);
  CHECK(sum_of({-most, -most, -most}) == 0xff7fffffu);
  CHECK(sum_of({most, most}, 2) == 0x7f7fffffu);
  CHECK(sum_of(std::vector<float>(100000, most), 100000) == 0x7f7fffffu);
  CHECK(sum_of({most, most, -most}) == 0x7f7fffffu);
}

TEST_CASE("fixed sum: a million terms of every size") {
  // 2^20 times 0.1, one 2^22 and its negative: the mean of the rest comes out exactly.
  std::vector<float> terms(std::size_t{1} << 20, 0.1f);
  CHECK(sum_of(terms, terms.size()) == float_bits(0.1f));
  terms.push_back(0x1p22f);
  terms.push_back(-0x1p22f);
  CHECK(sum_of(terms, terms.size() - 2) == float_bits(0.1f));
}

TEST_CASE("fixed sum: terms given at once sum as one by one, near each other or far apart") {
  support::random_source source(33);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::uint64_t spread = source.below(45);
    const int top = static_cast<int>(source.below(200)) - 80;
    std::vector<float> terms(1 + source.below(300));
    for (float& term : terms) {
      term = source.below(20) == 0 ? 0.0f : spread_float(source, top, spread);
    }
    REQUIRE(sum_at_once(terms) == sum_of(terms));
    REQUIRE(sum_at_once(terms, terms.size()) == sum_of(terms, terms.size()));
  }
}

TEST_CASE("fixed sum: terms given at once, where they are as far apart as may be, and beyond") {
  for (const int below : {26, 27, 28, 29}) {
    const float small = support::float_of((150u - static_cast<std::uint32_t>(below)) << 23 | 1);
    for (const float large : {0x1.fffffep23f, -0x1.fffffep23f}) {
      CAPTURE(below, large);
      CHECK(sum_at_once({large, small, -large}) == float_bits(small));
      CHECK(sum_at_once({large, -small, -large}) == float_bits(-small));
      CHECK(sum_at_once({large, small}) == sum_of({large, small}));
      // More of them than are summed in one word.
      std::vector<float> many(10000, large);
      many[5000] = small;
      CHECK(sum_at_once(many, 3) == sum_of(many, 3));
      many.resize(20000, -large);
      CHECK(sum_at_once(many) == sum_of({small, -large}));
    }
  }
}

TEST_CASE("fixed sum: terms given at once may be zeros, subnormal or the largest there are") {
  const float least = support::float_of(1), most = support::float_of(0x7f7fffff);
  CHECK(sum_at_once({}) == 0);
  CHECK(sum_at_once({0.0f, -0.0f}) == 0);
  CHECK(sum_at_once({least, 0.0f, least}) == 2);
  CHECK(sum_at_once({support::float_of(0x00800000), least}) == 0x00800001u);
  CHECK(sum_at_once({most, most}) == 0x7f7fffffu);
  CHECK(sum_at_once({most, most, -most, -most, 0x1p104f}) == float_bits(0x1p104f));
  CHECK(sum_at_once({-most, -most}, 2) == 0xff7fffffu);
}
