// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sorts keys without a branch that depends on them.
#pragma once

#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Sorts a few keys by insertion.
inline void insert_keys(slice<loss_key> keys) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    const loss_key key = keys[i];
    std::size_t place = i;
    for (; place > 0 && keys[place - 1] > key; --place) keys[place] = keys[place - 1];
    keys[place] = key;
  }
}

//! Sorts `keys` in ascending order by four counting passes over their bytes, O(n): losses are noise
//! to a branch predictor, so a comparison sort of 1024 of them waits for ten thousand
//! mispredictions.
//! @param spare  room for as many; its contents are lost
inline void sort_keys(slice<loss_key> keys, slice<loss_key> spare) {
  if (keys.size() <= 32) return insert_keys(keys);        // less than the tables cost
  constexpr std::uint32_t sign = std::uint32_t{1} << 31;  // puts the negative keys first
  std::uint32_t starts[4][256] = {};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint32_t bits = static_cast<std::uint32_t>(keys[i]) ^ sign;
    for (std::uint32_t digit = 0; digit < 4; ++digit) ++starts[digit][(bits >> 8 * digit) & 255];
  }
  loss_key *from = keys.data(), *to = spare.data();
  for (std::uint32_t digit = 0; digit < 4; ++digit) {
    std::uint32_t before = 0;
    for (std::uint32_t& start : starts[digit]) {
      const std::uint32_t n = start;
      start = before;
      before += n;
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint32_t bits = static_cast<std::uint32_t>(from[i]) ^ sign;
      to[starts[digit][(bits >> 8 * digit) & 255]++] = from[i];
    }
    loss_key* const sorted = to;  // `keys` after the fourth pass
    to = from;
    from = sorted;
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
