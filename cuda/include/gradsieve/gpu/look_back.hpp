// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What all tiles before one hold in sum, while they are still at work: decoupled look-back.
#pragma once

#include <gradsieve/gpu/memory.hpp>
#include <gradsieve/gpu/warp.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Running sums over tiles within one launch. Each tile has a status word: the launch's tag (30
//! bits), how much is known (2 bits) and a sum (32 bits). A tile publishes its own sum, then adds
//! up those before it, back to the first that knows its whole prefix, and publishes that. Words of
//! earlier launches carry other tags, so nothing is ever cleared; a stale word can be taken for a
//! fresh one only if its tile was last in use exactly 2^30 launches before.
//!
//! A tile waits for those before it: they must have started, which holds for blocks that start in
//! the order of their index, as CUB assumes too, and for tiles that are taken by ticket.
//!
//! Source: Merrill and Garland, "Single-pass parallel prefix scan with decoupled look-back", 2016.
struct look_back {
  std::uint64_t* words = nullptr;  //!< one for each tile, zeroed once when made
  std::uint32_t launch = 0;        //!< how many launches used them before

  //! The sum over the tiles before `tile`, whose own is `sum`. A whole warp calls it, once a tile.
  __device__ std::uint32_t prefix(std::uint32_t tile, std::uint32_t sum) const {
    if (tile == 0) {
      publish(tile, complete, sum);
      return 0;
    }
    publish(tile, partial, sum);
    std::uint32_t before = 0;
    for (std::int64_t last = std::int64_t{tile} - 1;; last -= warp_size) {
      const std::int64_t other = last - lane_index();
      const std::uint64_t word = wait_for(other);
      const unsigned known = __ballot_sync(whole_warp, (word >> 32 & 3) == complete);
      // Lanes up to the nearest tile that knows its prefix add up.
      const unsigned nearest = known != 0 ? first_lane(known) : warp_size - 1;
      before += warp_sum(lane_index() <= nearest ? static_cast<std::uint32_t>(word) : 0u);
      if (known != 0) break;
    }
    publish(tile, complete, before + sum);
    return before;
  }

 private:
  static constexpr std::uint64_t partial = 1, complete = 2;

  __device__ std::uint64_t tag() const { return std::uint64_t{(launch + 1) & 0x3fffffffu} << 34; }

  __device__ void publish(std::uint32_t tile, std::uint64_t known, std::uint32_t sum) const {
    if (lane_index() == 0) store_relaxed(words + tile, tag() | known << 32 | sum);
  }

  //! The word of a tile once it is of this launch, for all lanes at once; before the first tile
  //! there is nothing, and that is known.
  __device__ std::uint64_t wait_for(std::int64_t tile) const {
    std::uint64_t word = tag() | complete << 32;
    bool waits = false;
    do {
      if (tile >= 0) word = load_relaxed(words + tile);
      waits = word >> 34 != tag() >> 34;
    } while (__any_sync(whole_warp, waits));
    return word;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
