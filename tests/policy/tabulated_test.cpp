// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/tabulated.hpp>

#include <type_traits>
#include <vector>

#include "support/random_source.hpp"

using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::tabulated;

TEST_CASE("values at equally spaced percentiles, and straight lines between them") {
  const std::vector<double> values{0, 1, .5, .25, .75};
  const tabulated policy(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(policy(static_cast<double>(i) / 4) == values[i]);
  }
  CHECK(policy(.125) == .5);
  CHECK(policy(.0625) == .25);
  CHECK(policy(.375) == .75);
  CHECK(policy(.9375) == .625);
}

TEST_CASE("a single value is the same everywhere, two are a line") {
  const std::vector<double> one{.25}, two{1, 0};
  CHECK(tabulated(one)(0) == .25);
  CHECK(tabulated(one)(.7) == .25);
  CHECK(tabulated(one)(1) == .25);
  CHECK(tabulated(two)(.25) == .75);
  CHECK(tabulated(two)(1) == 0.0);
}

TEST_CASE("a curve over a table reads the caller's values") {
  std::vector<double> values{0, .5, 1};
  const curve policy = tabulated(values);
  CHECK(policy.mass(1, 2) == full_mass / 2);
  values[1] = .25;
  CHECK(policy.mass(1, 2) == full_mass / 4);
}

TEST_CASE("a table of a window's size plus one is read exactly") {
  support::random_source random(18);
  for (const std::uint32_t size : {1u, 2u, 7u, 1024u}) {
    std::vector<double> values(size + 1);
    for (double& value : values) value = static_cast<double>(random.below(full_mass + 1)) * 0x1p-32;
    const curve policy = tabulated(values);
    std::size_t wrong = 0;
    for (std::uint32_t rank = 0; rank <= size; ++rank) {
      wrong += std::size_t{static_cast<double>(policy.mass(rank, size)) * 0x1p-32 != values[rank]};
    }
    CAPTURE(size);
    CHECK(wrong == 0);
  }
}

TEST_CASE("no interpolated value leaves [0, 1]") {
  support::random_source random(19);
  std::vector<double> values(100);
  for (double& value : values) {
    value = random.below(3) == 0 ? static_cast<double>(random.below(2)) : double{random.unit()};
  }
  const curve policy = tabulated(values);
  for (std::uint32_t rank = 0; rank <= 100'003; ++rank) {
    if (policy.mass(rank, 100'003) > full_mass) FAIL(rank);
  }
  SUCCEED();
}

TEST_CASE("what a table refuses") {
  REQUIRE_THROWS_AS(tabulated(std::span<const double>()), gradsieve::invalid_argument);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<tabulated, std::vector<double>&&>);
  STATIC_REQUIRE(std::is_constructible_v<tabulated, const std::vector<double>&>);
  const std::vector<double> values{0, 2};
  REQUIRE_THROWS_WITH(curve(tabulated(values)).mass(3, 4),
                      contains("1.5") && contains("percentile 0.75"));
}
