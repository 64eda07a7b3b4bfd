// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Tensors that a framework handed over, given back when they are no longer needed.
#pragma once

#include <gradsieve/dlpack/tensor.hpp>

#include <memory>

namespace gradsieve::inline GRADSIEVE_ABI::dlpack {

//! Calls a managed tensor's deleter, if it has one.
struct give_back {
  template <dl_managed_tensor T>
  void operator()(T* tensor) const {
    if (tensor->deleter != nullptr) tensor->deleter(tensor);
  }
};

//! Owner of a managed tensor; its `get()` is what the functions of spans.hpp take.
template <dl_managed_tensor T>
using managed = std::unique_ptr<T, give_back>;

//! Takes over a tensor, as a consumer of a capsule must do.
//! @throws invalid_argument for null and, once it was given back, for a versioned tensor whose
//! major
//!         version is not 1: the memory of another one is laid out differently.
template <dl_managed_tensor T>
managed<T> adopt(T* tensor) {
  if (tensor == nullptr) detail::fail<invalid_argument>("dlpack: adopt: the tensor is null");
  managed<T> owner(tensor);
  if constexpr (requires { tensor->version.major; }) {
    const std::uint32_t major = tensor->version.major;
    if (major != 1) {
      owner.reset();
      detail::fail<invalid_argument>("dlpack: adopt: major version ", major, ", expected 1");
    }
  }
  return owner;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::dlpack
