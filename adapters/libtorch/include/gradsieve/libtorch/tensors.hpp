// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a tensor of losses or ids must be, and how the library reads it.
#pragma once

#include <gradsieve/libtorch/errors.hpp>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail {

inline bool same_place(const at::Device& a, const at::Device& b) {
  return a.type() == b.type() && (a.is_cpu() || a.index() == b.index());
}

//! @throws c10::ValueError for what is no dense tensor of one dimension on `device`, naming `call`
//! and `what`.
inline void check_vector(const char* call, const char* what, const at::Tensor& tensor,
                         const at::Device& device) {
  if (!tensor.defined()) refuse<c10::ValueError>(call, ": ", what, " are an undefined tensor");
  if (tensor.layout() != at::kStrided) {
    refuse<c10::ValueError>(call, ": ", what, " must be a dense tensor, not a sparse one");
  }
  if (tensor.dim() != 1) {
    refuse<c10::ValueError>(call, ": ", what, " have ", tensor.dim(),
                            " dimensions, expected 1: one for each example");
  }
  if (!same_place(tensor.device(), device)) {
    refuse<c10::ValueError>(call, ": ", what, " are on ", tensor.device().str().c_str(),
                            ", the sieve is on ", device.str().c_str());
  }
}

//! Losses as the library reads them: packed, without a graph, and on the CPU of float or double
//! (types of 16 bits and less widen exactly).
inline at::Tensor packed_losses(const char* call, const at::Tensor& losses,
                                const at::Device& device) {
  check_vector(call, "losses", losses, device);
  const at::ScalarType type = losses.scalar_type();
  if (!at::isFloatingType(type)) {
    refuse<c10::TypeError>(call, ": losses are ", at::toString(type), ", expected floating point");
  }
  const bool wide = type == at::kFloat || type == at::kDouble;
  const bool kernels_take_it = !device.is_cpu() && (type == at::kHalf || type == at::kBFloat16);
  const at::Tensor values = losses.detach();
  return (wide || kernels_take_it ? values : values.to(at::kFloat)).contiguous();
}

//! Ids as packed int64, never through a float.
inline at::Tensor packed_ids(const char* call, const at::Tensor& ids, const at::Device& device) {
  check_vector(call, "ids", ids, device);
  if (!at::isIntegralType(ids.scalar_type(), false)) {
    refuse<c10::TypeError>(call, ": ids are ", at::toString(ids.scalar_type()),
                           ", expected integers");
  }
  return ids.to(at::kLong).contiguous();
}

//! A packed tensor's elements. @pre on the CPU, of T
template <class T>
std::span<const T> elements(const at::Tensor& packed) {
  return {packed.const_data_ptr<T>(), static_cast<std::size_t>(packed.numel())};
}

//! Calls `use` with a span of the losses. @pre packed_losses(…) on the CPU
template <class Use>
decltype(auto) with_losses(const at::Tensor& packed, Use&& use) {
  return packed.scalar_type() == at::kDouble ? use(elements<double>(packed))
                                             : use(elements<float>(packed));
}

//! A new tensor on the CPU with these values, converted to T.
template <class T, class Values>
at::Tensor to_tensor(const Values& values, at::ScalarType type) {
  at::Tensor out = at::empty({static_cast<std::int64_t>(values.size())}, type);
  std::transform(values.begin(), values.end(), out.mutable_data_ptr<T>(),
                 [](const auto value) { return static_cast<T>(value); });
  return out;
}

inline at::Tensor to_tensor(std::span<const std::byte> bytes) {
  at::Tensor out = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(out.mutable_data_ptr()));
  return out;
}

//! A saved state's bytes, from wherever they are. @throws c10::TypeError, c10::ValueError
inline std::vector<std::byte> to_bytes(const char* call, const at::Tensor& state) {
  if (state.defined() && state.scalar_type() != at::kByte) {
    refuse<c10::TypeError>(call, ": a state is bytes (torch::kUInt8), these are ",
                           at::toString(state.scalar_type()));
  }
  check_vector(call, "the state's bytes", state, state.defined() ? state.device() : at::kCPU);
  const at::Tensor here = state.to(at::kCPU).contiguous();
  const auto* const first = static_cast<const std::byte*>(here.const_data_ptr());
  return {first, first + here.numel()};
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail
