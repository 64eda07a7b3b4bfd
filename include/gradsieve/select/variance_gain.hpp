// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How much sampling in proportion to scores reduces the variance of a gradient's estimate.
#pragma once

#include <gradsieve/random/uniform.hpp>

#include <bit>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! tau = (1 - (sum (p_i - 1/N)^2) / sum p_i^2)^(-1/2) in units of 2^-16, p the masses over their
//! sum: as if the batch were tau^2 times larger. The same as sqrt(N sum m^2) / sum m, worked out in
//! integers from the upper bits of the masses, so that what it decides is the same everywhere; 1
//! where all masses are equal or 0. O(n).
//! Source: Katharopoulos and Fleuret 2018, section 3.3.
//! @param masses  each at most 2^32 (what is above counts as 2^32); fewer than 2^31
inline std::uint64_t variance_gain(std::span<const std::uint64_t> masses) {
  constexpr std::uint64_t full = std::uint64_t{1} << 32;
  // 24 bits of each mass; of large batches fewer, so that the squares' sum has 64.
  const auto width = static_cast<int>(std::bit_width(masses.size()));
  const int drop = 9 + (width > 15 ? (width - 14) / 2 : 0);
  std::uint64_t sum = 0, squares = 0;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    const std::uint64_t m = (masses[i] < full ? masses[i] : full) >> drop;
    sum += m;
    squares += m * m;
  }
  if (sum == 0) return std::uint64_t{1} << 16;
  // tau 2^16 is the largest t with t^2 sum^2 <= 2^32 N squares: t sum <= sqrt(…), by bisection.
  std::uint64_t low = 0, high = std::uint64_t{1} << 32;
  const detail::product128 wanted = detail::multiply(squares, masses.size());
  const auto fits = [&](std::uint64_t t) {
    // (t sum)^2 / 2^32 <= N squares, with t sum split into words.
    const detail::product128 scaled = detail::multiply(t, sum);
    const std::uint64_t root = (scaled.high << 48) | (scaled.low >> 16);
    const detail::product128 square = detail::multiply(root, root);
    return square.high != wanted.high ? square.high < wanted.high : square.low <= wanted.low;
  };
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
