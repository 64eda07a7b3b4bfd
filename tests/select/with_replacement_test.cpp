// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/with_replacement.hpp>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/random_source.hpp"

namespace gs = gradsieve;

namespace {

using masses = std::vector<std::uint64_t>;
using positions = std::vector<std::uint32_t>;

constexpr std::uint64_t one = std::uint64_t{1} << 32;

//! A draw is a column and a height, both even: records the outcome of every such pair, which is all
//! there is, until each was met. Then counts them: n masses[i] pairs must give i.
void check_exact(const masses& of) {
  const gs::with_replacement draw(of);
  std::uint64_t sum = 0;
  for (const std::uint64_t mass : of) sum += mass;
  constexpr std::uint32_t unknown = ~std::uint32_t{0};
  positions outcome(of.size() * sum, unknown);
  std::size_t left = outcome.size();
  const gs::draw_key key{11, 4};
  for (std::uint64_t index = 0; left > 0; ++index) {
    REQUIRE(index < 200000);
    const std::uint64_t column = gs::uniform_below(key, 2 * index, of.size());
    const std::uint64_t height = gs::uniform_below(key, 2 * index + 1, sum);
    std::uint32_t& here = outcome[column * sum + height];
    const std::uint32_t drawn = draw(key, index);
    if (here == unknown) {
      here = drawn;
      --left;
    }
    REQUIRE(here == drawn);
  }
  masses counts(of.size(), 0);
  for (const std::uint32_t position : outcome) ++counts[position];
  for (std::size_t i = 0; i < of.size(); ++i) REQUIRE(counts[i] == of.size() * of[i]);
}

}  // namespace

TEST_CASE("with replacement: of all columns and heights each position gets exactly its share") {
  check_exact({1});
  check_exact({1, 0});
  check_exact({1, 4, 2, 3});
  check_exact({0, 0, 7, 0, 0});
  check_exact({5, 5, 5, 5});
  check_exact({100, 1, 1, 1, 1});
  support::random_source source(4);
  for (int trial = 0; trial < 20; ++trial) {
    masses of(1 + source.below(12));
    for (std::uint64_t& mass : of) mass = source.below(3) == 0 ? 0 : source.below(20);
    of.back() += 1;
    check_exact(of);
  }
}

// alpha = 1e-4, n = 100000 draws, 3 degrees of freedom.
TEST_CASE("with replacement: large masses are drawn in proportion") {
  const masses of = {one / 10, one / 10 * 4, one / 10 * 2, one / 10 * 3};
  const gs::with_replacement draw(of);
  std::vector<std::uint64_t> counts(4, 0);
  std::vector<double> expected(4);
  for (std::uint64_t index = 0; index < 100000; ++index) ++counts[draw({1, 2}, index)];
  for (std::size_t i = 0; i < 4; ++i) expected[i] = 100000 * draw.probability(i);
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(3));
  CHECK(draw.probability(1) == Approx(0.4));
  CHECK(draw.size() == 4);
}

TEST_CASE("with replacement: a batch of draws is the draws one by one, sorted") {
  gs::with_replacement draw(masses{3, 1, 0, 9, 2});
  for (std::uint32_t step = 0; step < 50; ++step) {
    const gs::draw_key key{1, step};
    positions out(step, 99u), expected;
    draw(key, out);
    for (std::uint64_t index = 0; index < step; ++index) expected.push_back(draw(key, index));
    std::sort(expected.begin(), expected.end());
    REQUIRE(out == expected);
  }
}

TEST_CASE("with replacement: all mass on one, one example, no draw wanted") {
  gs::with_replacement draw(masses{0, 0, 1});
  positions out(5, 99u);
  draw({}, out);
  CHECK(out == positions(5, 2u));
  gs::with_replacement single(masses{one});
  single({}, out);
  CHECK(out == positions(5, 0u));
  CHECK(single.probability(0) == Approx(1));
  single({}, std::span(out).first(0));
}

TEST_CASE("with replacement: expected counts are draws times probability, one for each draw") {
  const gs::with_replacement draw(masses{1, 4, 2, 3});
  std::vector<float> expected(5, 9.0f);
  draw.expected_counts(positions{0, 1, 1, 3}, expected);
  CHECK(expected == std::vector<float>{0.4f, 1.6f, 1.6f, 1.2f, 9});
  draw.expected_counts(positions{}, expected);
  CHECK_THROWS_AS(draw.expected_counts(positions{0, 4}, expected), gs::out_of_range);
  CHECK_THROWS_WITH(draw.expected_counts(positions{0, 4}, expected), contains("position 4 of 4"));
  CHECK_THROWS_AS(draw.expected_counts(positions(6, 1u), expected), gs::invalid_argument);
  CHECK_THROWS_WITH(draw.expected_counts(positions(6, 1u), expected),
                    contains("room for 5") && contains("6 positions"));
  CHECK(expected[0] == 0.4f);
}

TEST_CASE("with replacement: assigned again, it knows nothing of the masses before") {
  gs::with_replacement draw(masses{1, 2, 3, 4, 5, 6});
  draw.assign(masses{0, 1});
  CHECK(draw.size() == 2);
  for (std::uint64_t index = 0; index < 100; ++index) REQUIRE(draw({}, index) == 1);
}

TEST_CASE("with replacement: no mass and masses too large are refused, the old ones kept") {
  gs::with_replacement draw(masses{0, 1});
  CHECK_THROWS_AS(gs::with_replacement(masses{}), gs::invalid_argument);
  CHECK_THROWS_AS(draw.assign(masses{0, 0, 0}), gs::invalid_argument);
  CHECK_THROWS_WITH(draw.assign(masses{0, 0, 0}), contains("3 masses of sum 0"));
  CHECK_THROWS_AS(draw.assign(masses{one + 1}), gs::invalid_argument);
  CHECK_THROWS_WITH(draw.assign(masses{one + 1}), contains("4294967297"));
  CHECK(draw.size() == 2);
  CHECK(draw({}, 0) == 1);
}
