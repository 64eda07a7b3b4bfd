// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Tensors as typed spans: losses, ids, positions, rows.
#pragma once

#include <gradsieve/dlpack/tensor.hpp>
#include <gradsieve/key/float_bits.hpp>

#include <span>
#include <variant>

namespace gradsieve::inline GRADSIEVE_ABI::dlpack {

using loss_span = std::variant<std::span<const float>, std::span<const double>,
                               std::span<const float16_bits>, std::span<const bfloat16_bits>>;
using id_span = std::variant<std::span<const std::int64_t>, std::span<const std::int32_t>>;

//! Rows of a tensor of any shape: its first dimension counts them.
template <class Byte>
struct basic_row_span {
  Byte* data = nullptr;
  std::size_t size = 0;       //!< rows
  std::size_t row_bytes = 0;  //!< of one row
};
using row_span = basic_row_span<void>;
using source_row_span = basic_row_span<const void>;

namespace detail {

template <class T>
std::span<T> span_of(const checked_tensor& tensor) {
  const std::size_t n = tensor.elements(0, sizeof(T));
  return {static_cast<T*>(tensor.data(n, alignof(T))), n};
}

//! What is checked of every vector, whatever its elements.
template <dl_any_tensor T>
checked_tensor vector(const T* tensor, const char* what, const place& where) {
  const checked_tensor checked = checked_tensor::of(tensor, what);
  checked.check_place(where);
  checked.check_lanes();
  checked.check_dimensions(1, 1);
  static_cast<void>(checked.elements(0, 1));
  checked.check_packed();
  return checked;
}

inline row_span rows_of(const checked_tensor& checked, const place& where) {
  checked.check_place(where);
  checked.check_lanes();
  checked.check_dimensions(1, INT32_MAX);
  const std::size_t bits = checked.fields.dtype.bits;
  if (bits == 0 || bits % 8 != 0) checked.refuse_dtype("whole bytes");
  const std::size_t all = checked.elements(0, bits / 8);
  checked.check_packed();
  return {checked.data(all, 1), static_cast<std::size_t>(checked.fields.shape[0]),
          checked.elements(1, bits / 8) * (bits / 8)};
}

}  // namespace detail

//! @name Nothing is copied or kept
//! A span is valid as long as the tensor's memory, whose beginning is `data + byte_offset`. Tensors
//! of one dimension, [n]; others must be reshaped by who knows what they mean. Those without
//! elements may have null data.
//!
//! A tensor is a DLTensor or what manages one. Pass the managed one where it is to be written: only
//! a DLManagedTensorVersioned says that it must not be. Nothing here knows of streams: whoever
//! wrote a device's tensor must be waited for first, by an event between the producer's stream and
//! the one that kernels are given, or by the stream that `__dlpack__(stream=…)` was told.
//! @param where  `host`, or `cuda(id)`: then the span is for kernels
//! @throws invalid_argument, naming what and both values, for a null tensor, shape or data; another
//!         device; lanes other than 1; another number of dimensions; strides that are not packed; a
//!         negative extent; misaligned data; another dtype; a read-only tensor that would be
//!         written
//! @{

//! Losses: float16, bfloat16, float32 or float64.
//! `std::visit([&](auto losses) { sieve.pick(losses); }, dlpack::losses(tensor))`
template <dl_any_tensor T>
loss_span losses(const T* tensor, const place& where = host) {
  const detail::checked_tensor checked = detail::vector(tensor, "losses", where);
  if (checked.is(code_float, 32)) return detail::span_of<const float>(checked);
  if (checked.is(code_float, 64)) return detail::span_of<const double>(checked);
  if (checked.is(code_float, 16)) return detail::span_of<const float16_bits>(checked);
  if (checked.is(code_bfloat, 16)) return detail::span_of<const bfloat16_bits>(checked);
  checked.refuse_dtype("a float of 16, 32 or 64 bits or a bfloat16");
}

//! Ids, labels or groups: int64 or int32.
template <dl_any_tensor T>
id_span ids(const T* tensor, const place& where = host) {
  const detail::checked_tensor checked = detail::vector(tensor, "ids", where);
  if (checked.is(code_int, 64)) return detail::span_of<const std::int64_t>(checked);
  if (checked.is(code_int, 32)) return detail::span_of<const std::int32_t>(checked);
  checked.refuse_dtype("an int of 32 or 64 bits");
}

//! Room for positions, or for a count: int32 or uint32. Frameworks index by the former; positions
//! in a tensor of at most 2^31 elements fit.
template <dl_any_tensor T>
std::span<std::uint32_t> positions(const T* tensor, const place& where = host) {
  const detail::checked_tensor checked = detail::vector(tensor, "positions", where);
  checked.check_writable();
  if (!checked.is(code_int, 32) && !checked.is(code_uint, 32)) {
    checked.refuse_dtype("an int or uint of 32 bits");
  }
  return detail::span_of<std::uint32_t>(checked);
}

//! The rows of a packed tensor of one or more dimensions and of any dtype of whole bytes, to be
//! written: for `gather_rows`' target and `row_compactor`.
template <dl_any_tensor T>
row_span rows(const T* tensor, const place& where = host) {
  const auto checked = detail::checked_tensor::of(tensor, "rows");
  checked.check_writable();
  return detail::rows_of(checked, where);
}

//! The same to be read alone, so that a read-only tensor will do: for `gather_rows`' source and
//! `batch_accumulator`.
template <dl_any_tensor T>
source_row_span source_rows(const T* tensor, const place& where = host) {
  const row_span all = detail::rows_of(detail::checked_tensor::of(tensor, "source_rows"), where);
  return {all.data, all.size, all.row_bytes};
}
//! @}

}  // namespace gradsieve::inline GRADSIEVE_ABI::dlpack
