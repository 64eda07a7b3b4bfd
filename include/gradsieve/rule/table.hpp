// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy's values at every possible percentile, as integer masses, and their shape.
#pragma once

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/slice.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! How a table's masses run with the rank; decides which form of rule serves it.
enum class table_shape : std::uint8_t {
  monotone,   //!< never falls
  rise_fall,  //!< never rises again after it fell
  arbitrary,
};

//! Fills `masses` with T[m] = round(2^32 P(m / H)), m = 0 … H, H = masses.size() - 1 >= 1: the
//! policy's whole behaviour against a window of H losses. @throws policy_error.
inline void tabulate(const curve& policy, detail::slice<std::uint64_t> masses) {
  const auto size = static_cast<std::uint32_t>(masses.size() - 1);
  for (std::uint32_t rank = 0; rank <= size; ++rank) masses[rank] = policy.mass(rank, size);
}

namespace detail {

//! The least and the largest of some masses.
struct mass_range {
  std::uint64_t least = ~std::uint64_t{0}, largest = 0;
};
inline mass_range range_of(slice<const std::uint64_t> masses) {
  mass_range range;
  for (std::size_t m = 0; m < masses.size(); ++m) {
    range.least = (std::min)(range.least, masses[m]);
    range.largest = (std::max)(range.largest, masses[m]);
  }
  return range;
}

}  // namespace detail

inline table_shape shape_of(detail::slice<const std::uint64_t> masses) {
  bool fell = false;
  for (std::size_t m = 1; m < masses.size(); ++m) {
    if (fell && masses[m] > masses[m - 1]) return table_shape::arbitrary;
    fell = fell || masses[m] < masses[m - 1];
  }
  return fell ? table_shape::rise_fall : table_shape::monotone;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
