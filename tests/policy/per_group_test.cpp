// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Policies for groups.
#include <gradsieve/policy/per_group.hpp>
#include <gradsieve/policy/power.hpp>

#include <array>

#include "catch.hpp"

namespace gs = gradsieve;

TEST_CASE("a floor for each group") {
  const std::array<double, 3> floors = {0.0, 0.25, 1.0};
  const gs::policy_list policies = gs::per_group(gs::power{2.0}, floors);
  REQUIRE(policies.size() == 3);
  CHECK(policies[0](0.25) == 0.0625);
  CHECK(policies[1](0.25) == 0.25);
  CHECK(policies[1](0.75) == 0.5625);
  CHECK(policies[2](0.0) == 1.0);
}

TEST_CASE("a floor outside of [0, 1] is found when the policy is compiled") {
  const std::array<double, 1> floors = {1.5};
  CHECK_THROWS_AS(gs::per_group(gs::power{2.0}, floors)[0].mass(0, 8), gs::policy_error);
}
