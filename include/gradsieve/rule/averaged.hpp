// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The rules that give equal losses the mean of their ranks' probabilities.
#pragma once

#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/rule/monotone.hpp>
#include <gradsieve/rule/tie_word.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! How a loss that equals entries of the window is ranked.
enum class ties : std::uint8_t {
  strict,    //!< #{h < L}: the lowest of the tied ranks, as published; all-equal losses have rank 0
  averaged,  //!< P is the mean over the tied ranks: all-equal losses select at the policy's mean
             //!< rate
};

//! The mean mass of a key over the ranks lo … hi - 1 that it ties with; T[lo] when it ties with
//! none. Rounded up, so that it is 0 only where nothing is selected: weights divide by it. `sums`
//! are the running sums of the masses, from 0.
GRADSIEVE_HOST_DEVICE constexpr std::uint64_t averaged_mass(const window_view& window, loss_key key,
                                                            const std::uint64_t* masses,
                                                            const std::uint64_t* sums) {
  const std::uint32_t low = window.rank(key);
  const std::uint32_t high = window.rank(key + 1);
  if (high == low) return masses[low];
  const std::uint64_t sum = sums[high] - sums[low], ranks = high - low;
  return sum / ranks + std::uint64_t{sum % ranks != 0};
}

//! `monotone_rule` with averaged ties: only when the loss equals the slot drawn, a second word
//! settles it. Of n tied ranks the drawn one, i-th from the top, selects with probability i / n.
struct averaged_monotone_rule {
  monotone_rule strict;

  GRADSIEVE_CALLS_ARGUMENT
  template <class TieWord = no_tie_word>
  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const window_view& window, loss_key key,
                                                  std::uint32_t word, TieWord tie_word = {}) const {
    const std::uint32_t slot = strict.first_slot + strict.slot_of(word);
    if (key != window.slots[slot]) return key > window.slots[slot];
    const std::uint32_t low = window.rank(key);
    const std::uint32_t high = window.rank(key + 1);
    return ((std::uint64_t{tie_word()} * (high - low)) >> 32) < high - slot;
  }
};

//! Any other table with averaged ties: two rank searches.
struct averaged_general_rule {
  const std::uint64_t* masses = nullptr;
  const std::uint64_t* sums = nullptr;

  template <class TieWord = no_tie_word>
  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const window_view& window, loss_key key,
                                                  std::uint32_t word, TieWord = {}) const {
    if (key == key_always || key == key_never) return key == key_always;
    return word < averaged_mass(window, key, masses, sums);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
