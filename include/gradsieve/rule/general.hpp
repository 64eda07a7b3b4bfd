// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The rule of any other policy: a rank search, then the table.
#pragma once

#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/rule/tie_word.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Selects when the drawn word is below the mass of the loss's rank. O(log H) a loss.
struct general_rule {
  const std::uint64_t* masses = nullptr;

  template <class TieWord = no_tie_word>
  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const window_view& window, loss_key key,
                                                  std::uint32_t word, TieWord = {}) const {
    return key != key_never && (key == key_always || word < masses[window.rank(key)]);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
