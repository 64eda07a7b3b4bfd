// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/key/float_bits.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "support/random_source.hpp"
#include "support/special_values.hpp"

using gradsieve::bfloat16_bits;
using gradsieve::float16_bits;
using gradsieve::float_bits;

namespace {

constexpr std::uint32_t largest_finite = 0x7f7fffffu;

//! float_bits(double) once more, by scaling with powers of two: exact in doubles, and no subnormal
//! appears on the way, so flush-to-zero does not matter.
std::uint32_t rounded_bits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint32_t>(bits >> 63) << 31;
  const double size = std::bit_cast<double>(bits & ~(std::uint64_t{1} << 63));
  if (size >= 0x1p128) return sign | largest_finite;
  if (size < 0x1p-200) return sign;
  if (size < 0x1p-126) {
    // Subnormal floats are the multiples of 2^-149; their bits are the multiple.
    return sign | static_cast<std::uint32_t>(std::nearbyint(size * 0x1p149));
  }
  const int exponent = std::ilogb(size);
  const auto significand =
      static_cast<std::uint32_t>(std::nearbyint(std::ldexp(size, 23 - exponent)));
  const std::uint32_t result = (static_cast<std::uint32_t>(exponent + 126) << 23) + significand;
  return sign | (result > largest_finite ? largest_finite : result);
}

bool is_normal_float(std::uint32_t bits) {
  const std::uint32_t exponent = (bits >> 23) & 0xff;
  return exponent != 0 && exponent != 0xff;
}

//! Whether the answer for `value` is that of both oracles.
bool agrees(double value) {
  const std::uint32_t ours = float_bits(value);
  if (ours != rounded_bits(value)) return false;
  const auto hardware = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return !is_normal_float(hardware) || ours == hardware;
}

std::uint32_t magnitude(std::uint32_t bits) { return bits & 0x7fffffffu; }

}  // namespace

TEST_CASE("a float's bits are its own") {
  CHECK(float_bits(1.0f) == 0x3f800000u);
  CHECK(float_bits(-2.5f) == 0xc0200000u);
  CHECK(float_bits(support::float_of(1)) == 1u);
  CHECK(float_bits(support::float_of(0x7fc12345u)) == 0x7fc12345u);
}

TEST_CASE("float_bits is usable in constant expressions") {
  STATIC_REQUIRE(float_bits(1.0) == float_bits(1.0f));
  STATIC_REQUIRE(float_bits(float16_bits{0x3c00}) == float_bits(1.0f));
  STATIC_REQUIRE(float_bits(bfloat16_bits{0x3f80}) == float_bits(1.0f));
}

TEST_CASE("random doubles of every magnitude round as the hardware rounds them") {
  support::random_source random(1);
  std::size_t wrong = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    // Exponents from 2^-160 to 2^130: subnormal floats and overflow are among them.
    const std::uint64_t exponent = 863 + random.below(291);
    const std::uint64_t bits = (random() & 0x800fffffffffffffu) | (exponent << 52);
    wrong += std::size_t{!agrees(support::double_of(bits))};
  }
  CHECK(wrong == 0);
}

TEST_CASE("doubles between and beside two floats round to nearest, ties to even") {
  support::random_source random(2);
  std::size_t wrong = 0;
  for (int i = 0; i < 300'000; ++i) {
    // A float widened, then a half of its last place added, give or take one of the double's.
    const auto normal =
        static_cast<std::uint32_t>(0x00800000u + random.below(largest_finite - 0x00800000u));
    const auto base = std::bit_cast<std::uint64_t>(static_cast<double>(support::float_of(normal)));
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0fffffff}, std::uint64_t{0x10000000},
          std::uint64_t{0x10000001}, std::uint64_t{0x1fffffff}}) {
      wrong += std::size_t{!agrees(support::double_of(base + offset))};
    }
  }
  CHECK(wrong == 0);
  CHECK(float_bits(1.0 + 0x1p-24) == 0x3f800000u);
  CHECK(float_bits(1.0 + 0x1p-24 + 0x1p-52) == 0x3f800001u);
  CHECK(float_bits(1.0 + 0x3p-24) == 0x3f800002u);
  CHECK(float_bits(2.0 - 0x1p-30) == 0x40000000u);
}

TEST_CASE("every tie between subnormal floats rounds to even") {
  // (2k + 1) 2^-150 lies half-way between the floats of bits k and k + 1.
  std::size_t wrong = 0;
  for (std::uint32_t k = 0; k < 0x800000u; ++k) {
    const double tie = (2.0 * k + 1) * 0x1p-150;
    wrong += std::size_t{float_bits(tie) != k + (k & 1)};
    wrong += std::size_t{float_bits(-tie) != (0x80000000u | (k + (k & 1)))};
  }
  CHECK(wrong == 0);
}

TEST_CASE("the least doubles that round to a positive float") {
  CHECK(float_bits(0x1p-150) == 0u);
  CHECK(float_bits(support::double_of(std::bit_cast<std::uint64_t>(0x1p-150) + 1)) == 1u);
  CHECK(float_bits(0x1p-149) == 1u);
  CHECK(float_bits(0x1.8p-149) == 2u);
  CHECK(float_bits(0x1p-151) == 0u);
  CHECK(float_bits(0x1p-1000) == 0u);
  CHECK(float_bits(support::double_of(1)) == 0u);  // the least subnormal double
  CHECK(float_bits(support::double_of(0x8000000000000001u)) == 0x80000000u);
  CHECK(float_bits(0.0) == 0u);
  CHECK(float_bits(support::double_of(0x8000000000000000u)) == 0x80000000u);
}

TEST_CASE("the border between subnormal and normal floats") {
  CHECK(float_bits(0x1p-126) == 0x00800000u);
  CHECK(float_bits(0x1p-126 - 0x1p-149) == 0x007fffffu);
  CHECK(float_bits(0x1p-126 - 0x1p-150) == 0x00800000u);
  CHECK(float_bits(0x1p-126 - 0x1p-150 - 0x1p-178) == 0x007fffffu);
  CHECK(float_bits(0x1p-126 + 0x1p-150) == 0x00800000u);
}

TEST_CASE("a finite double beyond float's range keeps the largest finite magnitude") {
  const double largest = std::numeric_limits<float>::max();
  CHECK(float_bits(largest) == largest_finite);
  CHECK(float_bits(largest * (1 + 0x1p-26)) == largest_finite);  // the hardware rounds down too
  CHECK(float_bits(0x1.ffffffp127) == largest_finite);  // a tie: the hardware says infinity
  CHECK(float_bits(0x1p128) == largest_finite);
  CHECK(float_bits(1e300) == largest_finite);
  CHECK(float_bits(-1e300) == (0x80000000u | largest_finite));
  CHECK(float_bits(std::numeric_limits<double>::max()) == largest_finite);
}

TEST_CASE("infinite and NaN doubles stay infinite and NaN") {
  CHECK(float_bits(support::infinity_d()) == 0x7f800000u);
  CHECK(float_bits(support::double_of(0xfff0000000000000u)) == 0xff800000u);
  for (const std::uint64_t payload : {std::uint64_t{1}, std::uint64_t{0x8000000000000},
                                      std::uint64_t{0xfffffffffffff}, std::uint64_t{0x1000}}) {
    CHECK(magnitude(float_bits(support::double_of(0x7ff0000000000000u | payload))) > 0x7f800000u);
    CHECK(magnitude(float_bits(support::double_of(0xfff0000000000000u | payload))) > 0x7f800000u);
  }
}

TEST_CASE("all 65536 binary16 patterns widen exactly") {
  std::size_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::uint32_t exponent = (bits >> 10) & 0x1f;
    const std::uint32_t fraction = bits & 0x3ff;
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t ours = float_bits(float16_bits{static_cast<std::uint16_t>(bits)});
    if (exponent == 0x1f) {
      wrong += std::size_t{ours != (sign | 0x7f800000u | (fraction << 13))};
      continue;
    }
    const float value =
        exponent == 0
            ? static_cast<float>(std::ldexp(fraction, -24))
            : static_cast<float>(std::ldexp(1024 + fraction, static_cast<int>(exponent) - 25));
    wrong += std::size_t{ours != (sign | std::bit_cast<std::uint32_t>(value))};
  }
  CHECK(wrong == 0);
}

TEST_CASE("all 65536 bfloat16 patterns are the upper half of a float") {
  std::size_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    wrong += std::size_t{float_bits(bfloat16_bits{static_cast<std::uint16_t>(bits)}) != bits << 16};
  }
  CHECK(wrong == 0);
}

#ifdef GRADSIEVE_HAS_FLOAT16
TEST_CASE("the compiler's 16-bit type agrees with float16_bits and with its own conversion") {
  std::size_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const auto value = std::bit_cast<_Float16>(half);
    wrong += std::size_t{float_bits(value) != float_bits(float16_bits{half})};
    if ((bits & 0x7c00u) != 0 && (bits & 0x7c00u) != 0x7c00u) {
      wrong +=
          std::size_t{float_bits(value) != std::bit_cast<std::uint32_t>(static_cast<float>(value))};
    }
  }
  CHECK(wrong == 0);
}
#endif

namespace own {

struct scaled_loss {
  std::uint32_t bits;
};
constexpr std::uint32_t float_bits(scaled_loss loss) { return loss.bits; }

}  // namespace own

TEST_CASE("what is a loss and what is not") {
  STATIC_REQUIRE(gradsieve::loss_value<float>);
  STATIC_REQUIRE(gradsieve::loss_value<double>);
  STATIC_REQUIRE(gradsieve::loss_value<float16_bits>);
  STATIC_REQUIRE(gradsieve::loss_value<bfloat16_bits>);
  STATIC_REQUIRE(gradsieve::loss_value<own::scaled_loss>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_value<int>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_value<std::uint32_t>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_value<bool>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_value<const char*>);
  STATIC_REQUIRE_FALSE(gradsieve::loss_value<std::vector<float>>);
}
