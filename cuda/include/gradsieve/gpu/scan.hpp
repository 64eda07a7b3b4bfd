// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sums between launches and at their end: by one block over all tiles, or within a tile.
#pragma once

#include <gradsieve/gpu/tile.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Whether this block is the last of its launch to come here; what the others wrote before is then
//! visible to it. All threads call it, once a launch. @param told  a word of shared memory
__device__ inline bool is_last_block(std::uint32_t* arrived, std::uint32_t* told) {
  __syncthreads();
  if (threadIdx.x == 0) {
    fence();
    const std::uint32_t before = atomic_add(arrived, 1u);
    fence();
    const bool last = before + 1 == gridDim.x;
    if (last) *arrived = 0;
    *told = last ? 1u : 0u;
  }
  __syncthreads();
  return *told != 0;
}

//! Replaces each of `count` values by the sum of those before it; returns the sum of all. By one
//! block, each thread a run of neighbours.
template <class T>
__device__ T scan_by_block(T* values, std::uint32_t count, block_sums<tile_threads, T>& sums) {
  const std::uint32_t each = (count + tile_threads - 1) / tile_threads;
  const std::uint32_t from = threadIdx.x * each < count ? threadIdx.x * each : count;
  const std::uint32_t to = from + each < count ? from + each : count;
  T mine = 0, total = 0;
  for (std::uint32_t i = from; i < to; ++i) mine += values[i];
  T before = sums.exclusive(mine, total);
  for (std::uint32_t i = from; i < to; ++i) {
    const T value = values[i];
    values[i] = before;
    before += value;
  }
  __syncthreads();
  return total;
}

//! For each quad of a thread, the sum over the tile's quads before it. All threads call it; the
//! caller synchronises before `sums` is used again.
template <class T>
__device__ void sums_before_quads(T (&quads)[tile_quads], block_sums<tile_threads, T>& sums) {
  T warp_total = 0;
#pragma unroll
  for (unsigned quad = 0; quad < tile_quads; ++quad) {
    const T inclusive = warp_inclusive_sum(quads[quad]);
    quads[quad] = warp_total + inclusive - quads[quad];
    warp_total += __shfl_sync(whole_warp, inclusive, warp_size - 1);
  }
  if (lane_index() == 0) sums.warps[warp_index()] = warp_total;
  __syncthreads();
  T before = 0;
#pragma unroll
  for (unsigned w = 0; w < tile_threads / warp_size; ++w) {
    before += w < warp_index() ? sums.warps[w] : T{0};
  }
#pragma unroll
  for (unsigned quad = 0; quad < tile_quads; ++quad) quads[quad] += before;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
