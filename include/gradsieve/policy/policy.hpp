// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The concept of a policy: any small callable from a percentile to a probability.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/key/float_bits.hpp>

#include <cmath>
#include <cstddef>
#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Bytes that a `curve` has for a policy's own state.
inline constexpr std::size_t policy_capacity = 48;

namespace detail {

template <class P>
concept percentile_function = std::is_invocable_v<const P&, double> &&
    std::is_floating_point_v<std::invoke_result_t<const P&, double>>;

template <class P>
concept fits_in_place = std::is_trivially_copyable_v<P> && sizeof(P) <= policy_capacity &&
                        alignof(P) <= alignof(std::max_align_t);

}  // namespace detail

//! A percentile-to-probability policy: `double operator()(double percentile) const`, both in [0,
//! 1], trivially copyable, at most `policy_capacity` bytes. It must be a pure function: it is
//! called once per possible percentile, on the host, and compiled into a table.
//!
//! A policy may also offer `std::uint64_t mass(std::uint32_t rank, std::uint32_t size) const`, its
//! probability at rank / size in units of 2^-32, to be exact where floating point is not.
template <class P>
concept policy = detail::percentile_function<P> && detail::fits_in_place<P>;

namespace detail {

//! From its bits: -ffast-math lets a compiler assume that nothing is NaN.
constexpr bool is_nan(double value) {
  return bit_cast<std::uint64_t>(value) << 1 > std::uint64_t{0x7ff} << 53;
}

}  // namespace detail

//! Probability one, in the units of a table.
inline constexpr std::uint64_t full_mass = std::uint64_t{1} << 32;

//! The probability of a mass, exact in a double.
GRADSIEVE_HOST_DEVICE constexpr double to_probability(std::uint64_t mass) {
  return static_cast<double>(mass) / static_cast<double>(full_mass);
}

//! round(2^32 p). @throws policy_error when `probability` is NaN or outside [0, 1].
inline std::uint64_t to_mass(double probability, double percentile) {
  if (!detail::in_unit_interval(probability)) {
    if (detail::is_nan(probability)) {
      detail::fail<policy_error>("the policy returned NaN at percentile ", percentile);
    }
    detail::fail<policy_error>("the policy returned ", probability, " at percentile ", percentile,
                               ", outside of [0, 1]");
  }
  return static_cast<std::uint64_t>(std::llround(probability * 4294967296.0));
}

namespace detail {

//! One sentence of the compiler about what a type lacks to be a policy.
template <class P>
constexpr void diagnose_policy() {
  if constexpr (!std::is_invocable_v<const P&, double>) {
    static_assert(std::is_invocable_v<const P&, double>,
                  "gradsieve: a policy must be callable as "
                  "`double operator()(double percentile) const`");
  } else if constexpr (!std::is_floating_point_v<std::invoke_result_t<const P&, double>>) {
    static_assert(std::is_floating_point_v<std::invoke_result_t<const P&, double>>,
                  "gradsieve: a policy must return a floating-point probability");
  } else if constexpr (!std::is_trivially_copyable_v<P>) {
    static_assert(std::is_trivially_copyable_v<P>,
                  "gradsieve: a policy must be trivially copyable; put larger state into "
                  "gradsieve::tabulated");
  } else {
    static_assert(sizeof(P) <= policy_capacity && alignof(P) <= alignof(std::max_align_t),
                  "gradsieve: a policy must fit into 48 bytes; put larger state into "
                  "gradsieve::tabulated");
  }
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
