// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/policy.hpp>

#include <array>
#include <string>
#include <vector>

#include "support/random_source.hpp"
#include "support/special_values.hpp"

using gradsieve::full_mass;
using gradsieve::to_mass;

namespace {

struct small {
  std::array<double, 6> state;  // 48 bytes: as much as fits
  double operator()(double) const { return state[0]; }
};
struct too_large {
  std::array<double, 7> state;
  double operator()(double) const { return state[0]; }
};
struct alignas(64) too_aligned {
  double operator()(double) const { return 0; }
};
struct mutable_call {
  double operator()(double) { return 0; }
};
struct returns_integer {
  int operator()(double) const { return 0; }
};
struct takes_nothing {
  double operator()() const { return 0; }
};
struct owns_memory {
  std::vector<double> values;
  double operator()(double) const { return values.front(); }
};
using as_function = double (*)(double);
using as_float = float (*)(float);

}  // namespace

TEST_CASE("what is a policy and what is not") {
  const double scale = 0.5;
  const auto lambda = [scale](double percentile) { return scale * percentile; };
  STATIC_REQUIRE(gradsieve::policy<decltype(lambda)>);
  STATIC_REQUIRE(gradsieve::policy<as_function>);
  STATIC_REQUIRE(gradsieve::policy<as_float>);
  STATIC_REQUIRE(gradsieve::policy<small>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<too_large>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<too_aligned>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<mutable_call>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<returns_integer>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<takes_nothing>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<owns_memory>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<double>);
  STATIC_REQUIRE_FALSE(gradsieve::policy<std::string>);
}

TEST_CASE("a mass is 2^32 p, rounded to nearest") {
  CHECK(to_mass(0.0, 0) == 0);
  CHECK(to_mass(support::double_of(0x8000000000000000u), 0) == 0);  // minus zero
  CHECK(to_mass(1.0, 0) == full_mass);
  CHECK(to_mass(0.5, 0) == full_mass / 2);
  CHECK(to_mass(0x1p-32, 0) == 1);
  CHECK(to_mass(0x1p-33, 0) == 1);  // half up
  CHECK(to_mass(0x1.fffp-34, 0) == 0);
  CHECK(to_mass(0x1.8p-32, 0) == 2);
  CHECK(to_mass(0x2.8p-32, 0) == 3);
  CHECK(to_mass(support::double_of(1), 0) == 0);
  // The last double below 1 rounds to the mass of certainty; 1 - 2^-32 does not.
  CHECK(to_mass(support::double_of(0x3fefffffffffffffu), 0) == full_mass);
  CHECK(to_mass(1 - 0x1p-32, 0) == full_mass - 1);
}

TEST_CASE("every mass comes back from its probability") {
  support::random_source random(16);
  std::size_t wrong = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t mass = random.below(full_mass + 1);
    wrong += std::size_t{to_mass(static_cast<double>(mass) * 0x1p-32, 0) != mass};
  }
  CHECK(wrong == 0);
}

TEST_CASE("a policy that returns NaN is named with its percentile") {
  for (const std::uint64_t bits :
       {0x7ff8000000000000u, 0xfff8000000000000u, 0x7ff0000000000001u, 0xffffffffffffffffu}) {
    REQUIRE_THROWS_AS(to_mass(support::double_of(bits), 0.25), gradsieve::policy_error);
    REQUIRE_THROWS_WITH(to_mass(support::double_of(bits), 0.25),
                        contains("NaN") && contains("percentile 0.25"));
  }
}

TEST_CASE("a policy that leaves [0, 1] is named with its value and percentile") {
  REQUIRE_THROWS_AS(to_mass(1.0000001, 0.75), gradsieve::policy_error);
  REQUIRE_THROWS_WITH(to_mass(1.0000001, 0.75),
                      contains("1.0000001") && contains("percentile 0.75"));
  REQUIRE_THROWS_WITH(to_mass(-0.1, 0.5), contains("-0.1") && contains("percentile 0.5"));
  REQUIRE_THROWS_AS(to_mass(support::double_of(0x3ff0000000000001u), 0), gradsieve::policy_error);
  REQUIRE_THROWS_AS(to_mass(support::double_of(0x8000000000000001u), 0), gradsieve::policy_error);
  REQUIRE_THROWS_AS(to_mass(support::infinity_d(), 0), gradsieve::policy_error);
  REQUIRE_THROWS_AS(to_mass(support::double_of(0xfff0000000000000u), 0), gradsieve::policy_error);
}

TEST_CASE("a policy error is a gradsieve::error and a std::runtime_error") {
  STATIC_REQUIRE(std::is_base_of_v<gradsieve::error, gradsieve::policy_error>);
  STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, gradsieve::error>);
}
