// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/curve.hpp>

#include "support/special_values.hpp"

using gradsieve::band;
using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::policy_error;

TEST_CASE("a band rises to one at its cap and gives nothing above") {
  const band policy{};  // cap .8, beta 1
  CHECK(policy(0.0) == 0.0);
  CHECK(policy(0.2) == Approx(0.25));
  CHECK(policy(0.4) == Approx(0.5));
  CHECK(policy(0.8) == 1.0);
  CHECK(policy(0.81) == 0.0);
  CHECK(policy(1.0) == 0.0);
}

TEST_CASE("a band's floor is the probability above the cap, not below it") {
  const band policy{.cap = .5, .beta = 2, .floor = .125};
  CHECK(policy(0.0) == 0.0);
  CHECK(policy(0.125) == 0.0625);
  CHECK(policy(0.25) == 0.25);
  CHECK(policy(0.5) == 1.0);
  CHECK(policy(0.501) == 0.125);
  CHECK(policy(1.0) == 0.125);
}

TEST_CASE("a band of cap 1 is a power") {
  const band policy{.cap = 1, .beta = 3};
  CHECK(policy(0.5) == 0.125);
  CHECK(policy(1.0) == 1.0);
}

TEST_CASE("a band stays within [0, 1] at every percentile of common windows") {
  for (const std::uint32_t size : {1u, 7u, 10u, 1000u, 1024u}) {
    for (const double cap : {0.1, 0.3, 0.7, 0.8, 0.9, 1.0}) {
      for (const double beta : {0.0, 0.7, 1.0, 3.0}) {
        const curve policy = band{.cap = cap, .beta = beta};
        std::uint64_t most = 0;
        for (std::uint32_t rank = 0; rank <= size; ++rank) {
          most = std::max(most, policy.mass(rank, size));
        }
        if (most > full_mass) FAIL(size << " " << cap << " " << beta);
      }
    }
  }
  CHECK(curve(band{}).mass(8, 10) == full_mass);
  CHECK(curve(band{}).mass(9, 10) == 0);
}

TEST_CASE("a cap of 0 or a floor outside [0, 1] is refused when it is compiled") {
  REQUIRE_THROWS_WITH(curve(band{.cap = 0}).mass(0, 4),
                      contains("cap is 0") && contains("percentile 0"));
  REQUIRE_THROWS_AS(curve(band{.cap = -1}).mass(4, 4), policy_error);
  REQUIRE_THROWS_AS(curve(band{.cap = support::nan_d()}).mass(4, 4), policy_error);
  REQUIRE_THROWS_WITH(curve(band{.floor = -0.1}).mass(4, 4),
                      contains("-0.1") && contains("percentile 1"));
}
