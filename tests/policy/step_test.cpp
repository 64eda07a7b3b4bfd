// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/step.hpp>

using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::step;

TEST_CASE("a step has two values, and the threshold belongs to the upper") {
  const step policy{.threshold = .25, .below = .125, .above = .75};
  CHECK(policy(0.0) == .125);
  CHECK(policy(0.2499) == .125);
  CHECK(policy(0.25) == .75);
  CHECK(policy(1.0) == .75);
}

TEST_CASE("the default step takes the upper half") {
  const curve policy = step{};
  CHECK(policy.mass(511, 1024) == 0);
  CHECK(policy.mass(512, 1024) == full_mass);
}

TEST_CASE("a step's probabilities are checked when it is compiled") {
  REQUIRE_THROWS_WITH(curve(step{.above = 1.0000001}).mass(3, 4), contains("percentile 0.75"));
  REQUIRE_THROWS_WITH(curve(step{.below = -0.1}).mass(1, 4), contains("percentile 0.25"));
}
