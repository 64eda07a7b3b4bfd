// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Integer masses from scores, for selection by value instead of by percentile.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/policy/policy.hpp>
#include <gradsieve/random/draw.hpp>

#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Writes round(2^32 score / max score): masses in proportion to the scores, which any selector
//! over masses takes. Relative rounding below 2^-33 of the largest. All zero when every score is 0.
//! O(n).
//! @param out  room for a mass for each score.
//! @throws invalid_argument for a score that is negative, NaN or infinite, naming its position, and
//! for too little room.
inline void write_masses(std::span<const float> scores, std::span<std::uint64_t> out) {
  if (out.size() < scores.size()) {
    detail::fail<invalid_argument>("write_masses: room for ", out.size(), " masses, but ",
                                   scores.size(), " scores");
  }
  float most = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    // On bits: -0 is 0, other negatives and NaN are above +Inf's bits, whatever the flags.
    const std::uint32_t bits = float_bits(scores[i]);
    if (bits >= 0x7f800000u && bits != 0x80000000u) {
      detail::fail<invalid_argument>("write_masses: the score at position ", i,
                                     " is negative or not finite");
    }
    if (scores[i] > most) most = scores[i];
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    out[i] =
        most > 0 ? to_mass(static_cast<double>(scores[i]) / static_cast<double>(most), 0.0) : 0;
  }
}

//! Independent draws: position i is selected with probability masses[i] / 2^32. Writes ascending
//! positions into `out` (as long as `masses`) and returns how many. O(n).
inline std::size_t poisson_over(std::span<const std::uint64_t> masses, const draw_key& key,
                                std::span<std::uint32_t> out, std::uint64_t first = 0) {
  if (out.size() < masses.size()) {
    detail::fail<invalid_argument>("poisson_over: room for ", out.size(), " positions, but ",
                                   masses.size(), " masses");
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    out[count] = static_cast<std::uint32_t>(i);
    count += std::size_t{draw(key, first + i) < masses[i]};
  }
  return count;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
