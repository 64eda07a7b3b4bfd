// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The shares of a draw of exactly k, settled by one block.
#pragma once

#include <gradsieve/gpu/tile.hpp>
#include <gradsieve/gpu/warp.hpp>
#include <gradsieve/select/shares.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

using gradsieve::detail::mass_tally;
using gradsieve::detail::systematic_shares;

//! Settles the shares by a block, pass by pass.
struct block_shares {
  mass_tally warps[tile_threads / warp_size];
  systematic_shares shares;
  std::uint64_t certain;  // as of the last pass
  bool more;

  //! Takes in a pass of which each thread saw a part. All threads call it; the first must find
  //! `shares` as made by default. Returns whether another pass is needed.
  __device__ bool settle(mass_tally mine, std::uint64_t k) {
    mine.examples = warp_sum(mine.examples);
    mine.zeros = warp_sum(mine.zeros);
    mine.certain = warp_sum(mine.certain);
    mine.sum = warp_sum(mine.sum);
#pragma unroll
    for (unsigned mask = warp_size / 2; mask > 0; mask /= 2) {
      const std::uint64_t other = __shfl_xor_sync(whole_warp, mine.most, mask);
      if (other > mine.most) mine.most = other;
    }
    if (lane_index() == 0) warps[warp_index()] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
      mass_tally all;
      for (const mass_tally& warp : warps) {
        all.examples += warp.examples;
        all.zeros += warp.zeros;
        all.certain += warp.certain;
        all.sum += warp.sum;
        if (warp.most > all.most) all.most = warp.most;
      }
      certain = all.certain;
      more = shares.settle(all, k);
    }
    __syncthreads();
    return more;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
