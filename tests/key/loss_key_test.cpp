// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/key/loss_key.hpp>

#include <array>
#include <list>
#include <string>
#include <vector>

#include "support/random_source.hpp"
#include "support/special_values.hpp"

using gradsieve::bits_to_key;
using gradsieve::is_finite;
using gradsieve::key_above;
using gradsieve::key_always;
using gradsieve::key_below;
using gradsieve::key_never;
using gradsieve::loss_key;
using gradsieve::to_key;
using gradsieve::to_loss;

namespace {

//! The real order of two float patterns that are not NaN, as integers: sign times magnitude.
std::int64_t place(std::uint32_t bits) {
  const auto magnitude = static_cast<std::int64_t>(bits & 0x7fffffffu);
  return (bits >> 31) != 0 ? -magnitude : magnitude;
}

bool is_nan_pattern(std::uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u; }

}  // namespace

TEST_CASE("keys order any two numbers as the numbers themselves, subnormals included") {
  support::random_source random(3);
  std::size_t wrong = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    const auto a = static_cast<std::uint32_t>(random());
    // Half of the pairs are neighbours or mirror images, where mistakes would hide.
    const auto any = static_cast<std::uint32_t>(random());
    const std::uint32_t b = i % 4 == 0 ? a + 1 : i % 4 == 1 ? a ^ 0x80000000u : any;
    if (is_nan_pattern(a) || is_nan_pattern(b)) continue;
    wrong += std::size_t{(bits_to_key(a) < bits_to_key(b)) != (place(a) < place(b))};
    wrong += std::size_t{(bits_to_key(a) == bits_to_key(b)) != (place(a) == place(b))};
#ifndef __FAST_MATH__
    const float x = support::float_of(a), y = support::float_of(b);
    wrong += std::size_t{(to_key(x) < to_key(y)) != (x < y)};
    wrong += std::size_t{(to_key(x) == to_key(y)) != !(x < y || y < x)};
#endif
  }
  CHECK(wrong == 0);
}

TEST_CASE("minus zero and zero share a key") {
  CHECK(to_key(support::float_of(0x80000000u)) == 0);
  CHECK(to_key(0.0f) == 0);
  CHECK(to_key(support::double_of(0x8000000000000000u)) == 0);
  CHECK(to_key(gradsieve::float16_bits{0x8000}) == 0);
  CHECK(to_key(gradsieve::bfloat16_bits{0x8000}) == 0);
  CHECK(to_key(-0x1p-1000) == 0);  // rounds to minus zero
}

TEST_CASE("subnormals are not zero, whatever the flags") {
  CHECK(to_key(support::float_of(1)) > to_key(0.0f));
  CHECK(to_key(support::float_of(0x80000001u)) < to_key(0.0f));
  CHECK(to_key(0x1p-149) == to_key(support::float_of(1)));
}

TEST_CASE("the sentinels are the infinities and enclose every finite loss") {
  CHECK(to_key(support::infinity_f()) == key_above);
  CHECK(to_key(support::negative_infinity_f()) == key_below);
  CHECK(to_key(support::infinity_d()) == key_above);
  CHECK(to_key(support::float_of(0x7f7fffffu)) == key_above - 1);
  CHECK(to_key(support::float_of(0xff7fffffu)) == key_below + 1);
  CHECK(to_key(1e300) == key_above - 1);
  CHECK(to_key(-1e300) == key_below + 1);
  CHECK(key_never < key_below);
  CHECK(key_always > key_above);
}

TEST_CASE("only numbers are finite") {
  CHECK(is_finite(to_key(0.0f)));
  CHECK(is_finite(key_below + 1));
  CHECK(is_finite(key_above - 1));
  for (const loss_key key : {key_below, key_above, key_always, key_never}) {
    CHECK_FALSE(is_finite(key));
  }
  for (const std::uint32_t bits :
       {0x7f800001u, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffc00000u, 0xffffffffu}) {
    CHECK_FALSE(is_finite(to_key(support::float_of(bits))));
  }
  CHECK_FALSE(is_finite(to_key(support::nan_d())));
  CHECK_FALSE(is_finite(to_key(gradsieve::float16_bits{0x7c00})));
  CHECK_FALSE(is_finite(to_key(gradsieve::float16_bits{0x7c01})));
  CHECK_FALSE(is_finite(to_key(gradsieve::bfloat16_bits{0x7fc0})));
}

TEST_CASE("to_loss undoes to_key") {
  support::random_source random(4);
  std::size_t wrong = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    if (bits == 0x80000000u) continue;
    wrong += std::size_t{gradsieve::float_bits(to_loss(bits_to_key(bits))) != bits};
  }
  CHECK(wrong == 0);
  CHECK(gradsieve::float_bits(to_loss(to_key(support::float_of(0x80000000u)))) == 0u);
}

TEST_CASE("keys of different types of one value are one key") {
  CHECK(to_key(0.375f) == to_key(0.375));
  CHECK(to_key(0.375f) == to_key(gradsieve::float16_bits{0x3600}));
  CHECK(to_key(0.375f) == to_key(gradsieve::bfloat16_bits{0x3ec0}));
  // Documented: doubles that differ by less than a float's last place tie.
  CHECK(to_key(1.0) == to_key(1.0 + 0x1p-30));
}

TEST_CASE("which ranges are losses and which are ids") {
  STATIC_REQUIRE(gradsieve::loss_range<std::vector<float>>);
  STATIC_REQUIRE(gradsieve::loss_range<std::span<const double>>);
  STATIC_REQUIRE(gradsieve::loss_range<std::array<gradsieve::bfloat16_bits, 3>>);
  STATIC_REQUIRE(gradsieve::loss_range<float[4]>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_range<std::vector<int>>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_range<std::list<float>>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_range<float>);
  STATIC_REQUIRE(gradsieve::id_range<std::vector<std::int64_t>>);
  STATIC_REQUIRE(gradsieve::id_range<std::array<std::uint32_t, 2>>);
  STATIC_REQUIRE(gradsieve::id_range<int[2]>);
  STATIC_REQUIRE_FALSE(gradsieve::id_range<std::vector<float>>);
  STATIC_REQUIRE_FALSE(gradsieve::id_range<std::vector<bool>>);
  STATIC_REQUIRE_FALSE(gradsieve::id_range<std::span<bool>>);
  STATIC_REQUIRE_FALSE(gradsieve::id_range<std::list<int>>);
}
