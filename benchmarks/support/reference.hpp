// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The selection that a rule defines, one loss at a time: whatever path the library takes
//! must come to the same.
#pragma once

#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/rule.hpp>

#include <cstdint>
#include <vector>

namespace bench {

//! Positions of the n keys `key_at(i)` that are selected, drawn as index `index_at(i)`.
template <class KeyAt, class IndexAt>
std::vector<std::uint32_t> reference(const gradsieve::rule& rule,
                                     const gradsieve::window_view& window,
                                     const gradsieve::draw_key& key, std::size_t n, KeyAt key_at,
                                     IndexAt index_at) {
  gradsieve::draw_key for_ties = key;
  for_ties.use = gradsieve::purpose::ties;
  std::vector<std::uint32_t> positions;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto index = static_cast<std::uint64_t>(index_at(i));
    if (rule.view().selects(window, key_at(i), gradsieve::draw(key, index),
                            gradsieve::draw(for_ties, index))) {
      positions.push_back(i);
    }
  }
  return positions;
}

}  // namespace bench
