// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/uniform.hpp>

using gradsieve::curve;
using gradsieve::full_mass;

TEST_CASE("uniform ignores the percentile") {
  const curve policy = gradsieve::uniform{.probability = .375};
  for (std::uint32_t rank = 0; rank <= 8; ++rank) CHECK(policy.mass(rank, 8) == full_mass / 8 * 3);
}

TEST_CASE("the default uniform selects everything") {
  CHECK(gradsieve::uniform{}(0.0) == 1.0);
  CHECK(curve(gradsieve::uniform{}).mass(0, 1) == full_mass);
}

TEST_CASE("a uniform probability above one is refused when it is compiled") {
  REQUIRE_THROWS_AS(curve(gradsieve::uniform{.probability = 2}).mass(0, 1),
                    gradsieve::policy_error);
}
