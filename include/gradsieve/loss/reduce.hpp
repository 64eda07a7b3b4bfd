// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One loss per example from a matrix of losses, such as one per token.
#pragma once

#include <gradsieve/loss/fixed_sum.hpp>
#include <gradsieve/loss/loss_matrix.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

enum class reduction : std::uint8_t { mean, sum, max };

namespace detail {

//! The bits of one row's reduction. `keep_at(c)` says whether an element counts.
template <class T, class KeepAt>
std::uint32_t reduce_row(std::span<const T> row, KeepAt keep_at, reduction how) {
  // 0 where it does not count: no branch depends on the mask.
  const auto bits_at = [&](std::size_t c) {
    return float_bits(row[c]) & (0u - std::uint32_t{keep_at(c)});
  };
  magnitude_range range;
  std::uint32_t count = 0;
  for (std::size_t c = 0; c < row.size(); ++c) {
    range.add(bits_at(c));
    count += std::uint32_t{keep_at(c)};
  }
  if (!range.finite() || count == 0) return nan_bits;
  if (how == reduction::max) {
    loss_key most = key_never;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const loss_key key = keep_at(c) ? bits_to_key(bits_at(c)) : key_never;
      most = key > most ? key : most;
    }
    return float_bits(to_loss(most));
  }
  fixed_sum sum(static_cast<std::uint32_t>(range.largest));
  sum.add_all(range, row.size(), bits_at);
  return sum.over(how == reduction::mean ? count : 1);
}

}  // namespace detail

//! Writes one loss per row into `out`: the same bits on every compiler and under every flag, since
//! sums are taken in integers (with 39 bits to spare, then rounded once; see `fixed_sum`). A sum
//! beyond float's range is its largest value.
//! @param keep  rows x columns flags, packed; 0 leaves an element out (`write_keep` makes them from
//! targets). Empty: all are kept.
//! A row without a kept element becomes NaN, which no history takes and a sieve skips by default;
//! so does a row in which a kept loss is NaN or infinite. O(rows columns).
//! @throws invalid_argument for sizes that do not fit; nothing is written.
template <loss_value T>
void reduce(const loss_matrix<T>& losses, std::span<const std::uint8_t> keep, reduction how,
            std::span<float> out) {
  detail::check_matrix("reduce", losses, keep);
  if (out.size() != losses.rows) {
    detail::fail<invalid_argument>("reduce: ", losses.rows, " rows, but room for ", out.size());
  }
  for (std::size_t r = 0; r < losses.rows; ++r) {
    const std::span row(losses.row(r), losses.columns);
    const std::uint8_t* mask = keep.data() + (keep.empty() ? 0 : r * losses.columns);
    const std::uint32_t bits = keep.empty()
                                   ? detail::reduce_row(
                                         row, [](std::size_t) { return true; }, how)
                                   : detail::reduce_row(
                                         row, [mask](std::size_t c) { return mask[c] != 0; }, how);
    out[r] = detail::bit_cast<float>(bits);
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
