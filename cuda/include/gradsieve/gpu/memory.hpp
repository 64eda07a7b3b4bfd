// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Accesses to global memory that C++ has no word for.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! @name Status words that blocks of one launch exchange
//! Relaxed, at the scope of the device: each word carries all that its reader needs, and what a
//! writer must have read before, its value depends on.
//! @{
__device__ __forceinline__ std::uint64_t load_relaxed(const std::uint64_t* at) {
  std::uint64_t value;
  asm volatile("ld.relaxed.gpu.global.u64 %0, [%1];" : "=l"(value) : "l"(at) : "memory");
  return value;
}
__device__ __forceinline__ void store_relaxed(std::uint64_t* at, std::uint64_t value) {
  asm volatile("st.relaxed.gpu.global.u64 [%0], %1;" ::"l"(at), "l"(value) : "memory");
}
//! @}

//! @name Status words that also order what was read and written before and after them
//! @{
__device__ __forceinline__ std::uint32_t load_acquire(const std::uint32_t* at) {
  std::uint32_t value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(at) : "memory");
  return value;
}
__device__ __forceinline__ void store_release(std::uint32_t* at, std::uint32_t value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(at), "r"(value) : "memory");
}
//! @}

//! @name What is touched once and should not displace what is touched often
//! For the built-in types and vectors of 1 to 16 bytes.
//! @{
template <class T>
__device__ __forceinline__ T load_streaming(const T* at) {
  return __ldcs(at);
}
template <class T>
__device__ __forceinline__ void store_streaming(T* at, T value) {
  __stcs(at, value);
}
//! @}

//! @name Counters that several threads move, in no order: each returns what was there before
//! @{
__device__ __forceinline__ std::uint32_t atomic_add(std::uint32_t* at, std::uint32_t value) {
  return atomicAdd(at, value);
}
__device__ __forceinline__ std::uint64_t atomic_add(std::uint64_t* at, std::uint64_t value) {
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  return atomicAdd(reinterpret_cast<unsigned long long*>(at), value);
}
//! Writes `value` where `expected` stands.
__device__ __forceinline__ std::uint64_t compare_and_swap(std::uint64_t* at, std::uint64_t expected,
                                                          std::uint64_t value) {
  return atomicCAS(reinterpret_cast<unsigned long long*>(at), expected, value);
}
//! @}

//! What this thread knows to be written before, all threads of the device see before what it writes
//! after; and the other way round for reads.
__device__ __forceinline__ void fence() { __threadfence(); }

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
