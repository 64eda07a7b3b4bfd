// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One loss per example from a matrix of losses, such as one per token.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A view of rows x columns losses of any floating type: examples by tokens, pixels or tasks.
template <loss_value T>
struct loss_matrix {
  const T* data = nullptr;
  std::size_t rows = 0, columns = 0;
  std::size_t row_stride = 0;  //!< elements from one row to the next; 0: rows are packed

  const T* row(std::size_t r) const { return data + r * (row_stride == 0 ? columns : row_stride); }
};

enum class reduction : std::uint8_t { mean, sum, max };

//! Writes one loss per row into `out`. Sums are taken in double.
//! @param keep  rows x columns flags, packed; 0 leaves an element out. Empty: all are kept.
//! A row without a kept element becomes NaN, which no history takes and a sieve skips by default;
//! so does a row in which a kept loss is NaN. O(rows columns).
//! @throws invalid_argument for sizes that do not fit.
template <loss_value T>
void reduce(const loss_matrix<T>& losses, std::span<const std::uint8_t> keep, reduction how,
            std::span<float> out) {
  if (out.size() != losses.rows) {
    detail::fail<invalid_argument>("reduce: ", losses.rows, " rows, but room for ", out.size());
  }
  if (!keep.empty() && keep.size() != losses.rows * losses.columns) {
    detail::fail<invalid_argument>("reduce: ", losses.rows, " x ", losses.columns,
                                   " losses, but a mask of ", keep.size());
  }
  if (losses.row_stride != 0 && losses.row_stride < losses.columns) {
    detail::fail<invalid_argument>("reduce: rows of ", losses.columns, " overlap at a stride of ",
                                   losses.row_stride);
  }
  for (std::size_t r = 0; r < losses.rows; ++r) {
    const T* row = losses.row(r);
    double sum = 0;
    std::size_t count = 0;
    loss_key most = key_never;
    bool finite = true;
    for (std::size_t c = 0; c < losses.columns; ++c) {
      if (!keep.empty() && keep[r * losses.columns + c] == 0) continue;
      const loss_key key = to_key(row[c]);
      finite = finite && is_finite(key);
      sum += static_cast<double>(to_loss(key));
      most = key > most ? key : most;
      ++count;
    }
    const bool valid = finite && count != 0;
    const double value = how == reduction::max   ? static_cast<double>(to_loss(most))
                         : how == reduction::sum ? sum
                                                 : sum / static_cast<double>(count);
    out[r] = valid ? static_cast<float>(value) : detail::bit_cast<float>(0x7fc00000u);
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
