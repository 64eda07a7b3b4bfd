// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The concept of a loss history: anything that can write its entries as sorted keys.
#pragma once

#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A buffer of past losses that percentiles are taken against.
//!
//! * `push_keys(keys)` takes one batch's keys in order. Keys that are not `is_finite` must be
//!   ignored: a NaN never enters a history.
//! * `size()` is the number of keys it would write now, at most `capacity()`.
//! * `write_sorted_keys(out)` writes `size()` keys in ascending order into `out`, which has that
//!   many places.
//!
//! A history need not hold losses: a quantile sketch writes quantiles.
template <class H>
concept history = requires(H& buffer, const H& view, std::span<const loss_key> in,
                           std::span<loss_key> out) {
  buffer.push_keys(in);
  { view.size() } -> std::convertible_to<std::size_t>;
  { view.capacity() } -> std::convertible_to<std::size_t>;
  view.write_sorted_keys(out);
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
