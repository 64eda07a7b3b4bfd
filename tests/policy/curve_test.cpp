// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>

#include <array>
#include <type_traits>

#include "support/special_values.hpp"

using gradsieve::curve;
using gradsieve::full_mass;

namespace {

double half_of(double percentile) { return percentile / 2; }

struct six_values {
  std::array<double, 6> values;
  double operator()(double percentile) const {
    return values[static_cast<std::size_t>(percentile * 5)];
  }
};

//! Offers its own masses, which are not what its probabilities would round to.
struct own_masses {
  std::uint64_t offset;
  double operator()(double) const { return 0.5; }
  std::uint64_t mass(std::uint32_t rank, std::uint32_t size) const {
    return offset + rank * 1000u + size;
  }
};

//! `mass` of another type than promised is not taken for a refinement.
struct looks_like_masses {
  double operator()(double) const { return 0.25; }
  double mass(std::uint32_t, std::uint32_t) const { return 77; }
};

}  // namespace

TEST_CASE("a curve is trivially copyable, a policy's copy and nothing more") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<curve>);
  STATIC_REQUIRE_FALSE(std::is_default_constructible_v<curve>);
}

TEST_CASE("a curve holds a lambda with what it captured, after the original is gone") {
  curve held = gradsieve::uniform{};
  {
    const double low = 0.125, high = 0.875;
    held = [low, high](double percentile) { return percentile < 0.5 ? low : high; };
  }
  const curve copy = held;
  held = gradsieve::uniform{.probability = 0};
  CHECK(copy(0.25) == 0.125);
  CHECK(copy(0.5) == 0.875);
  CHECK(held(0.5) == 0.0);
}

TEST_CASE("a curve holds a lambda without captures, a function and a pointer to one") {
  const curve lambda = [](double percentile) { return 1 - percentile; };
  const curve function = half_of;
  const curve pointer = &half_of;
  CHECK(lambda(0.25) == 0.75);
  CHECK(function(0.5) == 0.25);
  CHECK(pointer(0.5) == 0.25);
}

TEST_CASE("a curve holds a struct of 48 bytes whole") {
  const curve held = six_values{{0, .125, .25, .5, .75, 1}};
  CHECK(held(0) == 0.0);
  CHECK(held(0.6) == 0.5);
  CHECK(held(1) == 1.0);
}

TEST_CASE("a curve holds a policy that returns a float") {
  const curve held = [](double percentile) { return static_cast<float>(percentile) * 0.5f; };
  CHECK(held(0.5) == 0.25);
  CHECK(held.mass(1, 4) == full_mass / 8);
}

TEST_CASE("a curve asks the policy at rank / size") {
  const curve identity = [](double percentile) { return percentile; };
  CHECK(identity.mass(0, 7) == 0);
  CHECK(identity.mass(7, 7) == full_mass);
  CHECK(identity.mass(1, 3) == 1431655765u);
  CHECK(identity.mass(2, 3) == 2863311531u);
  CHECK(identity.mass(3, 1u << 24) == 3 << 8);
}

TEST_CASE("a policy's own masses are taken when it offers them") {
  const curve held = own_masses{5};
  CHECK(held.mass(3, 8) == 3013);
  CHECK(held(0.3) == 0.5);
  const curve other = looks_like_masses{};
  CHECK(other.mass(3, 8) == full_mass / 4);
}

TEST_CASE("the error of a held policy names the percentile") {
  const curve nan_above = [](double percentile) {
    return percentile > 0.7 ? support::nan_d() : 0.5;
  };
  CHECK(nan_above.mass(2, 4) == full_mass / 2);
  REQUIRE_THROWS_WITH(nan_above.mass(3, 4), contains("NaN") && contains("percentile 0.75"));
  const curve too_high = [](double) { return 1.0000001; };
  REQUIRE_THROWS_WITH(too_high.mass(1, 8), contains("1.0000001") && contains("percentile 0.125"));
  const curve negative = [](double percentile) { return percentile - 0.1; };
  REQUIRE_THROWS_WITH(negative.mass(0, 10), contains("-0.1") && contains("percentile 0,"));
}
