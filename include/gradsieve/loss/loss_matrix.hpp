// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Several losses for each example, and a mask that says which of them count.
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

//! The mask of a loss matrix from the targets that its losses were taken against: 0 where the
//! target is `ignore_index`, else 1. -100 is what trainers use by convention. O(n).
//! @param targets  labels of any integer type, one for each loss, packed like the mask.
//! @param keep  as long as `targets`. @throws invalid_argument when it is not.
template <class Targets>
void write_keep(const Targets& targets, std::span<std::uint8_t> keep,
                std::int64_t ignore_index = -100) {
  static_assert(id_range<Targets>, "gradsieve: targets must be a contiguous range of integers");
  const auto labels = detail::to_span(targets);
  if (keep.size() != labels.size()) {
    detail::fail<invalid_argument>("write_keep: ", labels.size(), " targets, but a mask of ",
                                   keep.size());
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    keep[i] = static_cast<std::uint8_t>(!std::cmp_equal(labels[i], ignore_index));
  }
}

namespace detail {

//! What is the same for everyone who takes a matrix and a mask. @throws invalid_argument.
template <class T>
void check_matrix(std::string_view call, const loss_matrix<T>& losses,
                  std::span<const std::uint8_t> keep) {
  if (losses.data == nullptr && losses.rows != 0 && losses.columns != 0) {
    fail<invalid_argument>(call, ": ", losses.rows, " x ", losses.columns,
                           " losses, but a null pointer to them");
  }
  if (losses.columns >> 31 != 0) {
    fail<invalid_argument>(call, ": rows of ", losses.columns, " losses, must be below 2^31");
  }
  if (!keep.empty() && keep.size() != losses.rows * losses.columns) {
    fail<invalid_argument>(call, ": ", losses.rows, " x ", losses.columns,
                           " losses, but a mask of ", keep.size());
  }
  if (losses.row_stride != 0 && losses.row_stride < losses.columns) {
    fail<invalid_argument>(call, ": rows of ", losses.columns, " overlap at a stride of ",
                           losses.row_stride);
  }
}

//! Whether a mask keeps element `at`; an empty one keeps all.
inline bool keeps(std::span<const std::uint8_t> keep, std::size_t at) {
  return keep.empty() || keep[at] != 0;
}

//! A loss that is not finite: whoever ranks it leaves it out.
inline constexpr std::uint32_t nan_bits = 0x7fc00000u;

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
