// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Tensors made by hand, as a framework would hand them over.
#pragma once

#include <gradsieve/dlpack.hpp>

#include <vector>

namespace tensors {

namespace dlpack = gradsieve::dlpack;

inline dlpack::tensor_dtype dtype_of(float) { return {dlpack::code_float, 32, 1}; }
inline dlpack::tensor_dtype dtype_of(double) { return {dlpack::code_float, 64, 1}; }
inline dlpack::tensor_dtype dtype_of(gradsieve::float16_bits) {
  return {dlpack::code_float, 16, 1};
}
inline dlpack::tensor_dtype dtype_of(gradsieve::bfloat16_bits) {
  return {dlpack::code_bfloat, 16, 1};
}
inline dlpack::tensor_dtype dtype_of(std::int64_t) { return {dlpack::code_int, 64, 1}; }
inline dlpack::tensor_dtype dtype_of(std::int32_t) { return {dlpack::code_int, 32, 1}; }
inline dlpack::tensor_dtype dtype_of(std::uint32_t) { return {dlpack::code_uint, 32, 1}; }
inline dlpack::tensor_dtype dtype_of(std::uint8_t) { return {dlpack::code_uint, 8, 1}; }

//! A packed tensor over memory of the caller's, and the lists that it points to.
template <class T>
struct made {
  made(T* data, std::vector<std::int64_t> extents, dlpack::tensor_device where = {1, 0})
      : shape(std::move(extents)),
        fields{data,    where, static_cast<std::int32_t>(shape.size()), dtype_of(T{}), shape.data(),
               nullptr, 0} {}
  made(const made&) = delete;
  made& operator=(const made&) = delete;

  const dlpack::tensor* get() const { return &fields; }
  dlpack::tensor* operator->() { return &fields; }
  void set_strides(std::vector<std::int64_t> wanted) {
    strides = std::move(wanted);
    fields.strides = strides.data();
  }

  std::vector<std::int64_t> shape, strides;
  dlpack::tensor fields;
};

}  // namespace tensors
