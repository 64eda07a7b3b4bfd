// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/power.hpp>

#include <vector>

#include "support/int128.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::power;
using gradsieve::to_mass;

namespace {

std::vector<double> at(const power& policy, const std::vector<double>& percentiles) {
  std::vector<double> result;
  for (const double percentile : percentiles) result.push_back(policy(percentile));
  return result;
}

//! round(2^32 (rank / size)^n), half up, by one division; numbers must stay below 2^128.
std::uint64_t exact_mass(std::uint32_t rank, std::uint32_t size, int n) {
  support::uint128 numerator = support::uint128{1} << 33, denominator = 1;
  for (int i = 0; i < n; ++i) {
    numerator *= rank;
    denominator *= size;
  }
  return static_cast<std::uint64_t>((numerator / denominator + 1) / 2);
}

std::size_t differences(std::uint32_t size, int n) {
  const power policy{.beta = static_cast<double>(n)};
  std::size_t wrong = 0;
  for (std::uint32_t rank = 0; rank <= size; ++rank) {
    wrong += std::size_t{policy.mass(rank, size) != exact_mass(rank, size, n)};
  }
  return wrong;
}

}  // namespace

TEST_CASE("powers of the Selective-Backprop example") {
  const std::vector<double> first{0, .75, .25, .5}, second{.875, 0, .375, .625},
      third{0, 0, .75, .875};
  CHECK(at({.beta = 2}, first) == std::vector<double>{0, .5625, .0625, .25});
  CHECK(at({.beta = 3}, first) == std::vector<double>{0, .421875, .015625, .125});
  CHECK(at({.beta = 1}, second) == second);
  CHECK(at({.beta = 2}, second) == std::vector<double>{.765625, 0, .140625, .390625});
  CHECK(at({.beta = 1}, third) == third);
  CHECK(at({.beta = 2}, third) == std::vector<double>{0, 0, .5625, .765625});
}

TEST_CASE("a floor lifts what is below it, and only that") {
  const power policy{.beta = 2, .floor = .25};
  CHECK(at(policy, {0, .75, .25, .5}) == std::vector<double>{.25, .5625, .25, .25});
  CHECK(policy.mass(0, 4) == full_mass / 4);
  CHECK(policy.mass(1, 4) == full_mass / 4);
  CHECK(policy.mass(2, 4) == full_mass / 4);
  CHECK(policy.mass(3, 4) == to_mass(.5625, 0));
  CHECK(policy.mass(4, 4) == full_mass);
}

TEST_CASE("the default is the public code's beta 3 without a floor") {
  CHECK(power{}(.5) == .125);
  CHECK(power{}.mass(1, 2) == full_mass / 8);
  CHECK(power{}.mass(0, 2) == 0);
}

TEST_CASE("integer exponents are compiled exactly: against one division of integers") {
  for (int n = 0; n <= 9; ++n) {
    CAPTURE(n);
    CHECK(differences(1, n) == 0);
    CHECK(differences(2, n) == 0);
    CHECK(differences(7, n) == 0);
    CHECK(differences(1000, n) == 0);  // 2^33 1000^9 is below 2^128
  }
  for (const int n : {1, 2, 3, 4, 5}) {
    CAPTURE(n);
    CHECK(differences(65536, n) == 0);
    CHECK(differences(65537, n) == 0);
  }
  for (const int n : {1, 2, 3}) {
    support::random_source random(17);
    std::size_t wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto size = static_cast<std::uint32_t>(1 + random.below(1u << 24));
      const auto rank = static_cast<std::uint32_t>(random.below(size + 1));
      wrong += std::size_t{power{.beta = static_cast<double>(n)}.mass(rank, size) !=
                           exact_mass(rank, size, n)};
    }
    CAPTURE(n);
    CHECK(wrong == 0);
  }
}

TEST_CASE("integer exponents up to 16 agree with long doubles to the last unit") {
  for (int n = 0; n <= 16; ++n) {
    const power policy{.beta = static_cast<double>(n)};
    std::size_t wrong = 0;
    for (std::uint32_t rank = 0; rank <= 1024; ++rank) {
      const long double real =
          std::pow(static_cast<long double>(rank) / 1024, static_cast<long double>(n)) *
          4294967296.0L;
      const auto mass = static_cast<long double>(policy.mass(rank, 1024));
      wrong += std::size_t{!(std::fabs(mass - real) <= 0.5L + 1e-6L)};
    }
    CAPTURE(n);
    CHECK(wrong == 0);
  }
  CHECK(power{.beta = 16}.mass(1u << 24, 1u << 24) == full_mass);
  CHECK(power{.beta = 16}.mass(1u << 23, 1u << 24) == 1u << 16);
}

TEST_CASE("a half is rounded up") {
  // 2^32 (1 / 2^11)^3 = 1/2 and 2^32 (3 / 2^11)^3 = 13.5
  CHECK(power{.beta = 3}.mass(1, 2048) == 1);
  CHECK(power{.beta = 3}.mass(3, 2048) == 14);
}

TEST_CASE("exponents that are not whole, or above 16, go through pow") {
  for (const double beta : {0.5, 1.5, 2.25, 17.0, 40.0}) {
    const power policy{.beta = beta};
    std::size_t wrong = 0;
    for (std::uint32_t rank = 0; rank <= 1000; ++rank) {
      const double expected = std::pow(rank / 1000.0, beta) * 4294967296.0;
      wrong += std::size_t{
          !(std::fabs(static_cast<double>(policy.mass(rank, 1000)) - expected) <= 0.51)};
    }
    CAPTURE(beta);
    CHECK(wrong == 0);
    CHECK(policy(1.0) == 1.0);
  }
  CHECK(power{.beta = 0.5}(0.25) == 0.5);
}

TEST_CASE("beta 0 selects everything, whatever the loss") {
  CHECK(power{.beta = 0}.mass(0, 8) == full_mass);
  CHECK(power{.beta = 0}(0.0) == 1.0);
}

TEST_CASE("powers never fall with the rank, for whole and for other exponents") {
  for (const double beta : {0.3, 1.0, 1.5, 2.0, 3.0, 7.7, 16.0}) {
    const curve policy = power{.beta = beta, .floor = 0.01};
    std::uint64_t before = 0;
    std::size_t falls = 0;
    for (std::uint32_t rank = 0; rank <= 4099; ++rank) {
      const std::uint64_t mass = policy.mass(rank, 4099);
      falls += std::size_t{mass < before};
      before = mass;
    }
    CAPTURE(beta);
    CHECK(falls == 0);
  }
}

TEST_CASE("parameters that can never be right are refused with the percentile") {
  REQUIRE_THROWS_WITH((power{.beta = 1, .floor = -0.1}.mass(1, 2)),
                      contains("-0.1") && contains("percentile 0.5"));
  REQUIRE_THROWS_AS((power{.beta = 1, .floor = 1.5}.mass(1, 2)), gradsieve::policy_error);
  REQUIRE_THROWS_AS((power{.beta = 1, .floor = support::nan_d()}.mass(1, 2)),
                    gradsieve::policy_error);
  REQUIRE_THROWS_WITH((power{.beta = -1}.mass(1, 2)), contains("percentile 0.5"));
  REQUIRE_THROWS_AS((power{.beta = support::nan_d()}.mass(1, 2)), gradsieve::policy_error);
}
