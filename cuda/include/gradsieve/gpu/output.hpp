// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What becomes of a tile's decisions: positions, ids, or a bit for each example.
#pragma once

#include <gradsieve/gpu/tile.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! For each quad of a thread, how many of the tile are selected before it.
struct quad_places {
  std::uint32_t before[tile_quads];

  //! Finds them from the thread's sixteen decisions and returns the tile's total. One warp scan
  //! does for all quads: their counters are bytes of one word, each at most 128.
  __device__ std::uint32_t find(std::uint32_t selected,
                                block_sums<tile_threads, std::uint32_t>& sums) {
    std::uint32_t mine = 0;
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      mine |= static_cast<std::uint32_t>(__popc(selected >> (4 * quad) & 15)) << (8 * quad);
    }
    const std::uint32_t inclusive = warp_inclusive_sum(mine);
    const std::uint32_t all = __shfl_sync(whole_warp, inclusive, warp_size - 1);
    std::uint32_t warp_total = 0;
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      before[quad] = warp_total + ((inclusive - mine) >> (8 * quad) & 255);
      warp_total += all >> (8 * quad) & 255;
    }
    if (lane_index() == 0) sums.warps[warp_index()] = warp_total;
    __syncthreads();
    std::uint32_t warps_before = 0, total = 0;
#pragma unroll
    for (unsigned w = 0; w < tile_threads / warp_size; ++w) {
      warps_before += w < warp_index() ? sums.warps[w] : 0;
      total += sums.warps[w];
    }
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) before[quad] += warps_before;
    return total;
  }
};

//! Brings a tile's selected places together in shared memory, so that they leave it in order and
//! side by side. Synchronises the block, so that `*prefix` is known behind it.
__device__ inline void stage(std::uint32_t selected, const quad_places& places,
                             std::uint32_t* staged) {
#pragma unroll
  for (unsigned quad = 0; quad < tile_quads; ++quad) {
    std::uint32_t at = places.before[quad];
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      if ((selected >> (4 * quad + c) & 1) != 0) staged[at++] = quad_start(quad) + c;
    }
  }
  __syncthreads();
}

//! Positions within the batch, ascending.
struct positions_output {
  std::uint32_t* positions = nullptr;

  __device__ void write(std::uint32_t selected, const quad_places& places, std::uint32_t total,
                        const std::uint32_t* prefix, std::uint32_t base, std::uint32_t,
                        std::uint32_t* staged) const {
    stage(selected, places, staged);
    std::uint32_t* out = positions + *prefix;
    for (std::uint32_t i = threadIdx.x; i < total; i += tile_threads) {
      store_streaming(out + i, base + staged[i]);
    }
  }
};

//! The ids of what is selected, from the batch's, in the order of positions.
struct ids_output {
  const std::int64_t* ids = nullptr;
  std::int64_t* selected_ids = nullptr;

  __device__ void write(std::uint32_t selected, const quad_places& places, std::uint32_t total,
                        const std::uint32_t* prefix, std::uint32_t base, std::uint32_t,
                        std::uint32_t* staged) const {
    stage(selected, places, staged);
    std::int64_t* out = selected_ids + *prefix;
    for (std::uint32_t i = threadIdx.x; i < total; i += tile_threads)
      out[i] = ids[base + staged[i]];
  }
};

//! Bit i % 32 of word i / 32: whether example i is selected; bits behind the batch are 0.
struct mask_output {
  std::uint32_t* words = nullptr;

  __device__ void write(std::uint32_t selected, const quad_places&, std::uint32_t,
                        const std::uint32_t*, std::uint32_t base, std::uint32_t n,
                        std::uint32_t*) const {
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      // A word is what eight lanes have decided.
      std::uint32_t word = (selected >> (4 * quad) & 15) << (4 * (lane_index() % 8));
#pragma unroll
      for (unsigned mask = 1; mask < 8; mask *= 2) {
        word |= __shfl_xor_sync(whole_warp, word, mask);
      }
      const std::uint32_t first = base + quad_start(quad);
      if (lane_index() % 8 == 0 && first < n) words[first / 32] = word;
    }
    __syncthreads();
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
