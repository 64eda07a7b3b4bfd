// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Per-example losses that live in Eigen objects, as the spans the library reads.
#pragma once

#include <gradsieve/error.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI::eigen {

//! True for expressions whose coefficients lie side by side in memory, known at compile time:
//! vectors, maps of vectors, a column of a column-major matrix, a segment of any of these.
template <class Derived>
inline constexpr bool is_contiguous_vector =
    Derived::IsVectorAtCompileTime &&
    (Derived::Flags & Eigen::DirectAccessBit) != 0 && Derived::InnerStrideAtCompileTime == 1;

//! The losses of a contiguous Eigen vector, as a span; nothing is copied.
//!
//! A strided expression (a row of a column-major matrix, a map with an inner stride) and an
//! expression that is computed (`a + b`) do not compile here: copy them with the overload below.
//! The span is valid as long as the memory of `vector`; a temporary that owns its memory is
//! refused.
//! @param vector n losses of type float, double, or another scalar the library takes
template <class Derived>
std::span<const typename Derived::Scalar> losses(const Eigen::DenseBase<Derived>& vector) {
  static_assert(is_contiguous_vector<Derived>,
                "gradsieve: this Eigen expression is not contiguous; pass a buffer to "
                "gradsieve::eigen::losses(expression, buffer) to copy it");
  if constexpr (is_contiguous_vector<Derived>) {
    return {vector.derived().data(), static_cast<std::size_t>(vector.size())};
  } else {
    return {};  // keeps the sentence above the only error
  }
}

template <class Derived>
void losses(Eigen::PlainObjectBase<Derived>&&) = delete;  // the span would outlive the memory

//! Copies any Eigen vector expression into `buffer` and returns the part that was filled.
//! @param expression n losses; rows, strided maps and computed expressions are all welcome
//! @param buffer at least n elements
//! @throws gradsieve::invalid_argument when the buffer is too short; nothing is written then
template <class Derived>
std::span<const typename Derived::Scalar> losses(const Eigen::DenseBase<Derived>& expression,
                                                 std::span<typename Derived::Scalar> buffer) {
  static_assert(Derived::IsVectorAtCompileTime,
                "gradsieve: losses are one value per example; pass a row or a column");
  const auto count = static_cast<std::size_t>(expression.size());
  if (buffer.size() < count) {
    detail::fail<invalid_argument>("eigen::losses: the buffer holds ", buffer.size(),
                                   " elements, the expression has ", count);
  }
  using plain = Eigen::Matrix<typename Derived::Scalar, Derived::RowsAtCompileTime,
                              Derived::ColsAtCompileTime,
                              Derived::RowsAtCompileTime == 1 ? Eigen::RowMajor : Eigen::ColMajor>;
  Eigen::Map<plain>(buffer.data(), expression.rows(), expression.cols()) = expression.derived();
  return buffer.first(count);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::eigen
