// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The policy of Selective-Backprop: a power of the percentile.
#pragma once

#include <gradsieve/policy/policy.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! `base`^n by multiplication alone, so that every math library agrees; n >= 0.
constexpr double integer_power(double base, int n) {
  double result = 1;
  for (int i = 0; i < n; ++i) result *= base;
  return result;
}

inline constexpr int max_integer_exponent = 16;

//! Whether `beta` is one of the exponents that are compiled without `std::pow`.
inline bool is_integer_exponent(double beta) {
  return beta >= 0 && beta <= max_integer_exponent && beta - std::floor(beta) <= 0;
}

//! percentile^beta, the same on every platform for the integer exponents up to 16.
inline double power_of(double percentile, double beta) {
  return is_integer_exponent(beta) ? integer_power(percentile, static_cast<int>(beta))
                                   : std::pow(percentile, beta);
}

//! round(2^32 (rank / size)^n), half up, in exact integer arithmetic. @pre rank <= size, n <= 16.
constexpr std::uint64_t integer_power_mass(std::uint32_t rank, std::uint32_t size, int n) {
  // 2^33 rank^n in base 2^32, divided n times by size: nested floors are one floor, and the last
  // bit rounds. It has no more than n + 2 digits.
  const int limbs = n + 2;
  std::uint32_t digits[max_integer_exponent + 2] = {0, 2};
  for (int i = 0; i < n; ++i) {
    std::uint64_t carry = 0;
    for (int limb = 0; limb < limbs; ++limb) {
      carry += std::uint64_t{digits[limb]} * rank;
      digits[limb] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  for (int i = 0; i < n; ++i) {
    std::uint64_t remainder = 0;
    for (int limb = limbs - 1; limb >= 0; --limb) {
      remainder = (remainder << 32) | digits[limb];
      digits[limb] = static_cast<std::uint32_t>(remainder / size);
      remainder %= size;
    }
  }
  return (((std::uint64_t{digits[1]} << 32) | digits[0]) + 1) >> 1;
}

}  // namespace detail

//! P = max(floor, percentile^beta). Without a floor a fraction 1 / (1 + beta) of continuous losses
//! is selected. Integer exponents up to 16 are compiled in integers, the same table everywhere.
//! Source: Jiang et al., "Accelerating deep learning by focusing on the biggest losers",
//! arXiv 1910.00762, section 3.2; beta 3 is the default of its public code.
struct power {
  double beta = 3.0;   //!< >= 0
  double floor = 0.0;  //!< least probability, in [0, 1]

  double operator()(double percentile) const {
    return std::fmax(floor, detail::power_of(percentile, beta));
  }

  std::uint64_t mass(std::uint32_t rank, std::uint32_t size) const {
    const double percentile = static_cast<double>(rank) / size;
    if (beta < 0) {
      detail::fail<policy_error>("power: beta is ", beta,
                                 ", it must not be negative (at percentile ", percentile, ")");
    }
    const std::uint64_t least = to_mass(floor, percentile);
    const std::uint64_t raised =
        detail::is_integer_exponent(beta)
            ? detail::integer_power_mass(rank, size, static_cast<int>(beta))
            : to_mass(std::pow(percentile, beta), percentile);
    return raised > least ? raised : least;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
