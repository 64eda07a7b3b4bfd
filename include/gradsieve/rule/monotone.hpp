// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The rule of a policy that never falls: one look-up and one comparison a loss.
#pragma once

#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/rule/alias.hpp>
#include <gradsieve/rule/tie_word.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Draws a slot of the window and selects a loss that is greater than it.
//!
//! P(select | m) = P(slot drawn is among those below a loss of rank m) = T[m] / 2^32, exactly and
//! with ties: slot j + 1 holds sorted[j] and has mass T[j+1] - T[j]; slot 0, `key_below`, always
//! loses and has T[0]; slot H + 1, `key_above`, always wins and has 2^32 - T[H].
struct monotone_rule {
  alias_view slot_of;
  std::uint32_t first_slot = 0;  //!< slots below have no mass; column 0 stands for this one

  //! @param word  the example's draw; a second one for ties is never needed here
  template <class TieWord = no_tie_word>
  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const window_view& window, loss_key key,
                                                  std::uint32_t word, TieWord = {}) const {
    return key > window.slots[first_slot + slot_of(word)];
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
