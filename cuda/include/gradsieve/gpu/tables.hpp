// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The tables of a compiled policy, copied into shared memory where every decision reads
//! them.
#pragma once

#include <gradsieve/gpu/warp.hpp>
#include <gradsieve/rule/rule.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Hands out a block's shared memory, piece by piece, each aligned to 16 bytes. Plain pointer
//! arithmetic, so that the compiler sees that the pieces are shared memory.
struct shared_memory {
  unsigned char* next = nullptr;

  template <class T>
  __device__ T* take(std::size_t count) {
    void* here = next;
    next += (count * sizeof(T) + 15) & ~std::size_t{15};
    return static_cast<T*>(here);
  }
};

//! The same on the host, which only asks how much is needed.
struct shared_size {
  std::size_t bytes = 0;

  template <class T>
  T* take(std::size_t count) {
    bytes += (count * sizeof(T) + 15) & ~std::size_t{15};
    return nullptr;
  }
};

//! Copies by the whole block; the caller synchronises.
template <class T>
__device__ const T* copy_by_block(T* to, const T* from, std::size_t count) {
  for (std::size_t i = threadIdx.x; i < count; i += blockDim.x) to[i] = from[i];
  return to;
}

//! @name in_shared
//! The same form of rule over tables in shared memory. `copy` is called as
//! `copy(pointer, count)` for each table, and returns where the copy lies.
//! @{
GRADSIEVE_CALLS_ARGUMENT
template <class Copy>
GRADSIEVE_HOST_DEVICE monotone_rule in_shared(const monotone_rule& form, std::uint32_t, Copy copy) {
  const std::uint32_t mask = form.slot_of.mask;
  return {{copy(form.slot_of.columns, std::size_t{mask} + 1), mask}, form.first_slot};
}
GRADSIEVE_CALLS_ARGUMENT
template <class Copy>
GRADSIEVE_HOST_DEVICE interval_rule in_shared(const interval_rule& form, std::uint32_t, Copy copy) {
  const std::uint32_t mask = form.interval_of.mask;
  const std::uint32_t* columns = copy(form.interval_of.columns, std::size_t{mask} + 1);
  return {{columns, mask}, copy(form.intervals, std::size_t{mask} + 1)};
}
GRADSIEVE_CALLS_ARGUMENT
template <class Copy>
GRADSIEVE_HOST_DEVICE general_rule in_shared(const general_rule& form, std::uint32_t history,
                                             Copy copy) {
  return {copy(form.masses, std::size_t{history} + 1)};
}
GRADSIEVE_CALLS_ARGUMENT
template <class Copy>
GRADSIEVE_HOST_DEVICE averaged_monotone_rule in_shared(const averaged_monotone_rule& form,
                                                       std::uint32_t history, Copy copy) {
  return {in_shared(form.strict, history, copy)};
}
GRADSIEVE_CALLS_ARGUMENT
template <class Copy>
GRADSIEVE_HOST_DEVICE averaged_general_rule in_shared(const averaged_general_rule& form,
                                                      std::uint32_t history, Copy copy) {
  const std::uint64_t* masses = copy(form.masses, std::size_t{history} + 1);
  return {masses, copy(form.sums, std::size_t{history} + 2)};
}
//! @}

//! Takes room for each table and copies it there.
struct shared_copy {
  shared_memory* memory = nullptr;

  template <class T>
  __device__ const T* operator()(const T* from, std::size_t count) const {
    return copy_by_block(memory->take<T>(count), from, count);
  }
};

//! Takes room only.
struct shared_count {
  shared_size* size = nullptr;

  template <class T>
  const T* operator()(const T*, std::size_t count) const {
    return size->take<T>(count);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
