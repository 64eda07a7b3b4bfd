// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stands in for the library's header of this name: plain accesses, with room for others to
//! run.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

inline std::uint64_t load_relaxed(const std::uint64_t* at) {
  ::emulation::yield();
  return *at;
}
inline void store_relaxed(std::uint64_t* at, std::uint64_t value) {
  ::emulation::yield();
  *at = value;
}

inline std::uint32_t load_acquire(const std::uint32_t* at) {
  ::emulation::yield();
  return *at;
}
inline void store_release(std::uint32_t* at, std::uint32_t value) {
  ::emulation::yield();
  *at = value;
}

template <class T>
T load_streaming(const T* at) {
  return *at;
}
template <class T>
void store_streaming(T* at, T value) {
  *at = value;
}

template <class T>
T atomic_add(T* at, T value) {
  return atomicAdd(at, value);
}
inline std::uint64_t compare_and_swap(std::uint64_t* at, std::uint64_t expected,
                                      std::uint64_t value) {
  return atomicCAS(at, expected, value);
}

inline void fence() { ::emulation::yield(); }

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
