// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A compiled policy's tables in device memory.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/rule/rule.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Copy of a host's rule for kernels: a user's own policy runs there unchanged, since kernels only
//! ever see its tables.
class device_rule {
 public:
  //! Room for the tables of any policy against `history` losses.
  [[nodiscard]] cudaError_t reserve(std::size_t history) {
    const std::size_t columns = std::bit_ceil(history + 2);
    cudaError_t error = masses_.allocate(history + 1);
    if (error == cudaSuccess) error = sums_.allocate(history + 2);
    if (error == cudaSuccess) error = columns_.allocate(columns);
    if (error == cudaSuccess) error = intervals_.allocate(columns);
    return error;
  }

  //! @pre the rule's size is that reserved
  [[nodiscard]] cudaError_t assign(const rule& host) {
    view_ = host.view();
    cudaError_t error = masses_.write(view_.masses, view_.size + 1);
    if (error == cudaSuccess) error = sums_.write(view_.sums, view_.size + 2);
    view_.masses = masses_.data();
    view_.sums = sums_.data();
    const std::size_t columns = std::size_t{view_.monotone.slot_of.mask} + 1;
    if (error == cudaSuccess && view_.shape != table_shape::arbitrary) {
      error = columns_.write(view_.monotone.slot_of.columns, columns);
    }
    if (error == cudaSuccess && view_.shape == table_shape::rise_fall) {
      error = intervals_.write(view_.interval.intervals, columns);
    }
    view_.monotone.slot_of.columns = columns_.data();
    view_.interval = {view_.monotone.slot_of, intervals_.data()};
    return error;
  }

  rule_view view() const { return view_; }  //!< its pointers are into device memory

 private:
  device_buffer<std::uint64_t> masses_, sums_;
  device_buffer<std::uint32_t> columns_;
  device_buffer<slot_interval> intervals_;
  rule_view view_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
