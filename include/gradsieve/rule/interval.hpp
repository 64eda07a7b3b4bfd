// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The rule of a policy that rises, then falls: an interval of ranks per draw.
#pragma once

#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/rule/alias.hpp>
#include <gradsieve/rule/tie_word.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! The slots that enclose the ranks a draw selects: above `low`, not above `high`.
struct slot_interval {
  std::uint32_t low = 0, high = 0;
};

//! Selects a loss that lies in the interval drawn. For a mass u the ranks with T[m] > u are one run
//! [a, b], since T rises and then falls; m >= a iff the loss is greater than slot a, and m <= b iff
//! it is not greater than slot b + 1.
struct interval_rule {
  alias_view interval_of;
  const slot_interval* intervals = nullptr;

  template <class TieWord = no_tie_word>
  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const window_view& window, loss_key key,
                                                  std::uint32_t word, TieWord = {}) const {
    const slot_interval drawn = intervals[interval_of(word)];
    return key > window.slots[drawn.low] && (key <= window.slots[drawn.high] || key == key_always);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
