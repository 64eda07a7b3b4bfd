// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sorts keys without a branch that depends on them.
#pragma once

#include <gradsieve/key/loss_key.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Sorts `keys` in ascending order by four counting passes over their bytes, O(n): losses are noise
//! to a branch predictor, so a comparison sort of 1024 of them waits for ten thousand
//! mispredictions.
//! @param spare  as long as `keys`; its contents are lost
inline void sort_keys(std::span<loss_key> keys, std::span<loss_key> spare) {
  if (keys.size() <= 32)
    return std::sort(keys.data(), keys.data() + keys.size());  // less than the tables cost
  constexpr std::uint32_t sign = std::uint32_t{1} << 31;       // puts the negative keys first
  std::uint32_t starts[4][256] = {};
  for (const loss_key key : keys) {
    const std::uint32_t bits = static_cast<std::uint32_t>(key) ^ sign;
    for (std::uint32_t digit = 0; digit < 4; ++digit) ++starts[digit][(bits >> 8 * digit) & 255];
  }
  loss_key *from = keys.data(), *to = spare.data();
  for (std::uint32_t digit = 0; digit < 4; ++digit) {
    std::uint32_t before = 0;
    for (std::uint32_t& start : starts[digit]) before += std::exchange(start, before);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint32_t bits = static_cast<std::uint32_t>(from[i]) ^ sign;
      to[starts[digit][(bits >> 8 * digit) & 255]++] = from[i];
    }
    std::swap(from, to);  // back where they were after the fourth pass
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
