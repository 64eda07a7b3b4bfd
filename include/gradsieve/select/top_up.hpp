// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A least number of selected examples, for trainers that cannot do with fewer.
#pragma once

#include <gradsieve/select/selector.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Adds some of those left out to the `count` ascending positions (which may repeat), until there
//! are `wanted` or no other may be selected, and returns how many there are then. Those with the
//! smallest quotient of a random word (a second one, of `purpose::top_up`) and their mass come
//! first, so that one is added about in proportion to its mass; examples without mass come last, by
//! their words. Ties go to the earlier position. O(n) for each one added. Source: sequential
//! Poisson sampling, Ohlsson 1998.
//! @param positions  room for `wanted`
//! @param added  room for `wanted`: those added, in the order of being added
inline std::size_t top_up(const rule_view& rule, const window_view& window, const draw_key& key,
                          const selector_batch& batch, std::size_t wanted,
                          std::span<std::uint32_t> positions, std::size_t count,
                          std::span<std::uint32_t> added) {
  draw_key second = key;
  second.use = purpose::top_up;
  for (std::size_t first = count; count < wanted;) {
    std::size_t nearest = batch.keys.size(), place = 0, passed = 0;
    std::uint64_t nearest_word = 0, nearest_mass = 0;
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
      const std::size_t before = passed;
      while (passed < count && positions[passed] == i) ++passed;  // repeats, with replacement
      if (passed != before) continue;
      if (batch.keys[i] == key_never) continue;
      const std::uint64_t mass = rule.mass_of(window, batch.keys[i], batch.group(i));
      const std::uint64_t word = draw(second, batch.draw_index(i));
      // word / mass < nearest_word / nearest_mass, where 33 bits times 32 do not overflow.
      const bool nearer = mass == 0 || nearest_mass == 0
                              ? mass > nearest_mass || (mass == nearest_mass && word < nearest_word)
                              : word * nearest_mass < nearest_word * mass;
      if (nearest == batch.keys.size() || nearer) {
        nearest = i;
        nearest_word = word;
        nearest_mass = mass;
        place = passed;
      }
    }
    if (nearest == batch.keys.size()) break;
    for (std::size_t j = count; j > place; --j) positions[j] = positions[j - 1];
    positions[place] = static_cast<std::uint32_t>(nearest);
    added[count - first] = static_cast<std::uint32_t>(nearest);
    ++count;
  }
  return count;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
