// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The float32 bit pattern of a loss of any floating type, by integer arithmetic alone.
#pragma once

#include <gradsieve/config.hpp>

#include <concepts>
#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! An IEEE 754 binary16 value as its bits, for compilers and frameworks without a type of their
//! own.
struct float16_bits {
  std::uint16_t bits = 0;
};

//! A bfloat16 value (the upper half of a float32) as its bits.
struct bfloat16_bits {
  std::uint16_t bits = 0;
};

namespace detail {

//! `std::bit_cast`, callable on the device.
template <class To, class From>
GRADSIEVE_HOST_DEVICE constexpr To bit_cast(const From& from) {
  return __builtin_bit_cast(To, from);
}

//! Whether 0 <= value <= 1; false for NaN also under -ffast-math, which lets a compiler assume that
//! there is none.
constexpr bool in_unit_interval(double value) {
  const auto bits = bit_cast<std::uint64_t>(value);
  return bits <= bit_cast<std::uint64_t>(1.0) || bits == std::uint64_t{1} << 63;
}

//! The magnitude of a finite float32, significand 2^(exponent - 150).
struct float_parts {
  std::uint64_t significand = 0;  // below 2^24
  std::uint32_t exponent = 1;     // the biased one; subnormals share the least
};

GRADSIEVE_HOST_DEVICE constexpr float_parts parts_of(std::uint32_t bits) {
  const std::uint32_t field = (bits >> 23) & 0xffu;
  const std::uint64_t fraction = bits & 0x7fffffu;
  if (field == 0) return {fraction, 1};
  return {fraction | 0x800000u, field};
}

//! Whether 0 <= value, infinity too; false for NaN, as above.
constexpr bool is_at_least_zero(double value) {
  const auto bits = bit_cast<std::uint64_t>(value);
  return bits <= std::uint64_t{0x7ff} << 52 || bits == std::uint64_t{1} << 63;
}

}  // namespace detail

//! @name float_bits
//! The bits of the float32 nearest to `value`. Integer arithmetic only, so that `-ffast-math`,
//! flush-to-zero and the rounding mode cannot change the answer. 16-bit types widen exactly,
//! subnormals and NaN included. A double is rounded to nearest even (so different doubles may tie);
//! a finite one beyond float's range keeps the largest finite magnitude, so finite stays finite.
//! @{
GRADSIEVE_HOST_DEVICE constexpr std::uint32_t float_bits(float value) {
  return detail::bit_cast<std::uint32_t>(value);
}

GRADSIEVE_HOST_DEVICE constexpr std::uint32_t float_bits(bfloat16_bits value) {
  return std::uint32_t{value.bits} << 16;
}

GRADSIEVE_HOST_DEVICE constexpr std::uint32_t float_bits(float16_bits value) {
  const std::uint32_t sign = (value.bits & 0x8000u) << 16;
  const std::uint32_t exponent = (value.bits >> 10) & 0x1fu;
  std::uint32_t fraction = value.bits & 0x3ffu;
  if (exponent == 0x1f) return sign | 0x7f800000u | (fraction << 13);
  if (exponent != 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction == 0) return sign;
  // A binary16 subnormal, fraction * 2^-24, is a normal float32: shift its leading one into place.
  std::uint32_t shift = 0;
  for (; (fraction & 0x400u) == 0; ++shift) fraction <<= 1;
  return sign | ((113 - shift) << 23) | ((fraction & 0x3ffu) << 13);
}

GRADSIEVE_HOST_DEVICE constexpr std::uint32_t float_bits(double value) {
  const auto bits = detail::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint32_t>(bits >> 32) & 0x80000000u;
  const auto exponent = static_cast<std::uint32_t>(bits >> 52) & 0x7ffu;
  const std::uint64_t fraction = bits & 0xfffffffffffffu;
  if (exponent == 0x7ff) return sign | 0x7f800000u | (fraction != 0 ? 0x400000u : 0u);
  // 896 = 1023 - 127. Below 2^-150, half of float's least subnormal, everything rounds to zero.
  if (exponent < 896 - 23) return sign;
  const std::uint64_t significand = fraction | 0x10000000000000u;
  const std::uint32_t drop = exponent > 896 ? 29 : 29 + (897 - exponent);
  const std::uint64_t kept = significand >> drop;
  const std::uint64_t rest = significand & ((std::uint64_t{1} << drop) - 1);
  const std::uint64_t half = std::uint64_t{1} << (drop - 1);
  const bool up = rest > half || (rest == half && (kept & 1) != 0);
  // A normal's leading one adds one to the exponent field, as does a carry out of the fraction.
  const std::uint32_t base = exponent > 896 ? (exponent - 897) << 23 : 0;
  const auto rounded = base + static_cast<std::uint32_t>(kept) + (up ? 1u : 0u);
  return sign | (exponent >= 896 + 255 || rounded > 0x7f7fffffu ? 0x7f7fffffu : rounded);
}

#if defined(__FLT16_MANT_DIG__) && !defined(__CUDACC__) && \
    (!defined(__clang__) || __clang_major__ >= 15)
#define GRADSIEVE_HAS_FLOAT16 1
constexpr std::uint32_t float_bits(_Float16 value) {
  return float_bits(float16_bits{detail::bit_cast<std::uint16_t>(value)});
}
#endif
//! @}

//! A type whose values are losses: float, double, `float16_bits`, `bfloat16_bits`, the compiler's
//! own 16-bit type where it has one, or any type with a `float_bits` overload found by its
//! namespace.
template <class T>
concept loss_value = !std::integral<T> && requires(T value) {
  { float_bits(value) } -> std::same_as<std::uint32_t>;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
