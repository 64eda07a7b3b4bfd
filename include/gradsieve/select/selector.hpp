// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The concept of a selector: which examples of a batch are drawn, and with what probability.
#pragma once

#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/rule.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! One batch as a selector sees it. Keys are finite, `key_always` (must be selected) or `key_never`
//! (must not be).
struct selector_batch {
  std::span<const loss_key> keys;
  std::span<const std::int64_t> ids = {};  //!< empty: draws are keyed by position
  std::uint64_t first = 0;                 //!< global position of keys[0], when keyed by position
};

//! Decides over one batch, stateless:
//! * `select` writes the selected positions, ascending, into `out` (as long as the batch) and
//!   returns how many.
//! * `inclusion` writes the probability with which each of `positions` was to be selected.
template <class S>
concept selector = requires(const S& s, const rule_view& rule, const window_view& window,
                            const draw_key& key, const selector_batch& batch,
                            std::span<std::uint32_t> out, std::span<const std::uint32_t> positions,
                            std::span<float> probabilities) {
  { s.select(rule, window, key, batch, out) } -> std::same_as<std::size_t>;
  s.inclusion(rule, window, batch, positions, probabilities);
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
