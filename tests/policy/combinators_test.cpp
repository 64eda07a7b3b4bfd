// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/combinators.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/rule/rule.hpp>

#include "catch.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

double mean_of(const gs::curve& policy, std::size_t history) {
  return gs::compile(policy, history).mean_probability();
}

}  // namespace

TEST_CASE("combinators are policies") {
  STATIC_REQUIRE(gs::policy<gs::with_floor<gs::power>>);
  STATIC_REQUIRE(gs::policy<gs::with_cap<gs::with_floor<gs::power>>>);
  STATIC_REQUIRE(gs::policy<gs::mixture<gs::power, gs::uniform>>);
  STATIC_REQUIRE(gs::policy<gs::scaled_to<gs::band>>);
}

TEST_CASE("with_floor: no percentile below the floor, the others as they were") {
  const gs::with_floor policy{gs::power{1.0}, 0.25};
  for (int i = 0; i <= 16; ++i) CHECK(policy(i / 16.0) == Approx(std::max(0.25, i / 16.0)));
  const gs::rule rule = gs::compile(gs::with_floor{gs::band{0.5, 1.0, 0.0}, 0.1}, 8);
  CHECK(rule.least_mass() == gs::to_mass(0.1, 0));
  CHECK(rule.masses()[4] == gs::full_mass);
}

TEST_CASE("with_cap: no percentile above the cap, the others as they were") {
  const gs::with_cap policy{gs::power{1.0}, 0.75};
  for (int i = 0; i <= 16; ++i) CHECK(policy(i / 16.0) == Approx(std::min(0.75, i / 16.0)));
}

TEST_CASE("mixture: shares of two policies, either one at its ends") {
  const gs::mixture policy{gs::power{1.0}, gs::uniform{0.5}, 0.25};
  CHECK(policy(0.0) == Approx(0.125));
  CHECK(policy(0.5) == Approx(0.5));
  CHECK(policy(1.0) == Approx(0.875));
  CHECK(gs::mixture{gs::power{1.0}, gs::uniform{0.5}, 0.0}(0.25) == Approx(0.25));
  CHECK(gs::mixture{gs::power{1.0}, gs::uniform{0.5}, 1.0}(0.25) == Approx(0.5));
  // The mean of a mixture is the mixture of the means.
  CHECK(mean_of(policy, 64) ==
        Approx(0.75 * mean_of(gs::power{1.0}, 64) + 0.25 * 0.5).margin(0x1p-31));
}

TEST_CASE("scaled_to: the table's mean is the one asked for, to its rounding") {
  for (const std::size_t history : {1u, 2u, 10u, 1000u, 1024u}) {
    for (const double mean : {1e-6, 0.05, 1 / 3.0, 0.5, 0.9}) {
      const gs::scaled_to flat(gs::uniform{0.25}, mean, history);
      REQUIRE(mean_of(flat, history) == Approx(mean).epsilon(0).margin(0x1p-32));
      const gs::scaled_to steep(gs::power{3.0, 0.01}, mean, history);
      REQUIRE(mean_of(steep, history) == Approx(mean).epsilon(0).margin(0x1p-32));
      if (history < 1000) continue;  // a band is 0 at rank 0, so few ranks reach no large mean
      const gs::scaled_to banded(gs::band{0.8, 2.0, 0.05}, mean, history);
      REQUIRE(mean_of(banded, history) == Approx(mean).epsilon(0).margin(0x1p-32));
    }
  }
  CHECK(mean_of(gs::scaled_to(&wave, 0.4, 100), 100) == Approx(0.4).epsilon(0).margin(0x1p-32));
}

TEST_CASE("scaled_to: is min(1, c inner), c by hand for power 1") {
  const gs::scaled_to policy(gs::power{1.0}, 0.25, 1024);  // the mean of m / 1024 is 1023 / 2048
  CHECK(policy.factor() == Approx(0.25 * 2048 / 1023));
  CHECK(policy(0.5) == Approx(0.5 * policy.factor()));
  const gs::scaled_to most(gs::power{1.0}, 0.9, 1024);
  CHECK(most(1.0) == Approx(1));
  CHECK(most(0.5) == Approx(1));
  CHECK(most(0.0) <= 0);
}

TEST_CASE("scaled_to: the ends, 0 and what can just be reached") {
  CHECK(mean_of(gs::scaled_to(gs::power{1.0}, 0.0, 16), 16) <= 0);
  CHECK(mean_of(gs::scaled_to(gs::uniform{0.5}, 1.0, 16), 16) == Approx(1));
  CHECK(mean_of(gs::scaled_to(gs::power{1.0}, 15 / 16.0, 16), 16) == Approx(15 / 16.0));
}

TEST_CASE("scaled_to: what is refused, by name and value") {
  CHECK_THROWS_AS(gs::scaled_to(gs::power{1.0}, 1.5), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::scaled_to(gs::power{1.0}, 1.5), contains("1.5") && contains("[0, 1]"));
  CHECK_THROWS_AS(gs::scaled_to(gs::power{1.0}, -0.1), gs::invalid_argument);
  CHECK_THROWS_AS(gs::scaled_to(gs::power{1.0}, support::nan_d()), gs::invalid_argument);
  CHECK_THROWS_AS(gs::scaled_to(gs::power{1.0}, 0.5, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::scaled_to(gs::power{1.0}, 0.5, 16777217), contains("16777217"));
  CHECK_THROWS_AS(gs::scaled_to(gs::power{1.0}, 1.0, 16), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::scaled_to(gs::power{1.0}, 1.0, 16),
                    contains("out of reach") && contains("0.9375"));
  CHECK_THROWS_AS(gs::scaled_to(gs::uniform{0.0}, 0.1), gs::invalid_argument);
  CHECK_THROWS_AS(gs::scaled_to(gs::uniform{2.0}, 0.1), gs::policy_error);
}

TEST_CASE("combinators: a floor, cap or share out of range meets the policy's error") {
  CHECK_THROWS_AS(gs::compile(gs::with_floor{gs::power{1.0}, 1.5}, 8), gs::policy_error);
  CHECK_THROWS_AS(gs::compile(gs::with_cap{gs::power{1.0}, -0.5}, 8), gs::policy_error);
  CHECK_THROWS_AS(gs::compile(gs::mixture{gs::power{1.0}, gs::uniform{1.0}, 3.0}, 8),
                  gs::policy_error);
}

TEST_CASE("combinators: a floor, a cap and a factor do not hide a NaN") {
  const double nan = support::nan_d();
  const auto broken = [nan](double percentile) { return percentile > 0.5 ? nan : 0.5; };
  CHECK_THROWS_WITH(gs::compile(gs::with_floor{broken, 0.1}, 8), contains("NaN at percentile 0.6"));
  CHECK_THROWS_WITH(gs::compile(gs::with_cap{broken, 0.9}, 8), contains("NaN at percentile 0.6"));
  CHECK_THROWS_AS(gs::compile(gs::with_floor{gs::power{1.0}, nan}, 8), gs::policy_error);
  CHECK_THROWS_AS(gs::compile(gs::with_cap{gs::power{1.0}, nan}, 8), gs::policy_error);
  // Between the ranks that the factor was found by.
  const auto between = [nan](double percentile) {
    return percentile > 0.7 && percentile < 0.8 ? nan : 0.5;
  };
  const gs::scaled_to scaled(between, 0.25, 2);
  CHECK(scaled(0.5) == Approx(0.25));
  CHECK_THROWS_WITH(gs::compile(scaled, 4), contains("NaN at percentile 0.75"));
}
