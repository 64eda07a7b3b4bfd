// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sums over the threads of a warp and of a block.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

inline constexpr unsigned warp_size = 32;
inline constexpr unsigned whole_warp = ~0u;

__device__ inline unsigned lane_index() { return threadIdx.x % warp_size; }
__device__ inline unsigned warp_index() { return threadIdx.x / warp_size; }

//! The first lane whose bit is set. @pre there is one
__device__ inline unsigned first_lane(unsigned lanes) {
  return static_cast<unsigned>(__ffs(static_cast<int>(lanes))) - 1;
}

//! The sum of `value` over this lane and those before it. All lanes call it.
template <class T>
__device__ T warp_inclusive_sum(T value) {
#pragma unroll
  for (unsigned distance = 1; distance < warp_size; distance *= 2) {
    const T before = __shfl_up_sync(whole_warp, value, distance);
    if (lane_index() >= distance) value += before;
  }
  return value;
}

//! The sum of `value` over the warp, in every lane. All lanes call it.
template <class T>
__device__ T warp_sum(T value) {
#pragma unroll
  for (unsigned mask = warp_size / 2; mask > 0; mask /= 2) {
    value += __shfl_xor_sync(whole_warp, value, mask);
  }
  return value;
}

//! Sums over a block of `Threads`, through one word of shared memory for each warp.
template <unsigned Threads, class T>
struct block_sums {
  T warps[Threads / warp_size];

  //! The sum of `value` over all threads before this one; `total` is the sum over all. All threads
  //! call it; it synchronises the block before the sums are read and after, so that the same memory
  //! serves the next call.
  __device__ T exclusive(T value, T& total) {
    const T inclusive = warp_inclusive_sum(value);
    if (lane_index() == warp_size - 1) warps[warp_index()] = inclusive;
    __syncthreads();
    T before = 0;
    total = 0;
#pragma unroll
    for (unsigned w = 0; w < Threads / warp_size; ++w) {
      before += w < warp_index() ? warps[w] : T{0};
      total += warps[w];
    }
    __syncthreads();
    return before + inclusive - value;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
