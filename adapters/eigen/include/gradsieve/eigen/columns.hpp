// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Minibatches as columns: gather the selected ones, weight the gradient of each.
#pragma once

#include <gradsieve/error.hpp>

#include <Eigen/Core>

#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <utility>

namespace gradsieve::inline GRADSIEVE_ABI::eigen {

//! A contiguous range of integers: positions within a batch, or ids.
template <class Range>
concept index_range = std::ranges::contiguous_range<Range> && std::ranges::sized_range<Range> &&
    std::integral<std::ranges::range_value_t<Range>>;

//! Column i of `out` becomes column `positions[i]` of `matrix`. Positions may repeat.
//! @param matrix m rows
//! @param positions k column numbers, each in [0, matrix.cols())
//! @param out m x k: a matrix, or a block of one; must not overlap `matrix`
//! @throws gradsieve::invalid_argument when the shapes differ
//! @throws gradsieve::out_of_range when a position is not a column; `out` is then unspecified
template <class Derived, index_range Positions, class Out>
void gather_columns(const Eigen::MatrixBase<Derived>& matrix, const Positions& positions,
                    Out&& out) {
  const auto count = static_cast<Eigen::Index>(std::ranges::size(positions));
  if (out.cols() != count || out.rows() != matrix.rows()) {
    detail::fail<invalid_argument>("eigen::gather_columns: out is ", out.rows(), " x ", out.cols(),
                                   ", the selection is ", matrix.rows(), " x ", count);
  }
  const auto* const position = std::ranges::data(positions);
  for (Eigen::Index i = 0; i < count; ++i) {
    if (std::cmp_less(position[i], 0) || std::cmp_greater_equal(position[i], matrix.cols())) {
      detail::fail<out_of_range>("eigen::gather_columns: position ", position[i],
                                 " of a matrix with ", matrix.cols(), " columns");
    }
    out.col(i) = matrix.derived().col(static_cast<Eigen::Index>(position[i]));
  }
}

//! Multiplies column i of `gradient` by `weights[i]`: the gradient of a weighted loss.
//!
//! Scale it where the loss meets the network (its last layer): everything behind is linear in it.
//! @param gradient m x n, changed in place: a matrix, or a block of one
//! @param weights n factors
//! @throws gradsieve::invalid_argument when the sizes differ; nothing is changed then
template <class Gradient>
void scale_columns(Gradient&& gradient, std::span<const float> weights) {
  if (static_cast<std::size_t>(gradient.cols()) != weights.size()) {
    detail::fail<invalid_argument>("eigen::scale_columns: ", weights.size(), " weights for ",
                                   gradient.cols(), " columns");
  }
  using scalar = typename std::remove_cvref_t<Gradient>::Scalar;
  for (Eigen::Index i = 0; i < gradient.cols(); ++i) {
    gradient.col(i) *= static_cast<scalar>(weights[static_cast<std::size_t>(i)]);
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::eigen
