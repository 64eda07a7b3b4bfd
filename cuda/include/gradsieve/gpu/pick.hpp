// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One pick in one launch: decide, compact in order, count, and renew the window.
#pragma once

#include <gradsieve/gpu/decide.hpp>
#include <gradsieve/gpu/output.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Decides over a batch by independent draws. Blocks take tile after tile; look-back gives each its
//! place in the output. The block of the last tile also writes the new state: its prefix is known
//! only when every tile has been decided, so nobody reads the old one any more.
//! @tparam Decider  a `decider`
//! @tparam Output   `positions_output`, `ids_output`, `mask_output`
template <class Decider, class Output>
struct pick_kernel {
  static constexpr unsigned threads = tile_threads;

  Decider decider;
  Output output;
  std::uint32_t* count = nullptr;

  //! Which tile a block is at, and how many are selected before it.
  struct tile_block {
    std::uint32_t tile, prefix;
  };

  std::size_t shared_bytes() const { return decider.shared_bytes() + sizeof(uint4); }

  __device__ void operator()(void* shared) const {
    static_assert(sizeof(tile_block) <= sizeof(uint4));
    shared_memory memory{static_cast<unsigned char*>(shared)};
    tile_block& at = *memory.take<tile_block>(1);
    const auto step = decider.step(memory);
    const std::uint32_t tiles = tiles_of(decider.n);
    std::uint32_t* taken = &decider.sieve.state->taken;
    if (!next_tile(taken, at.tile, tiles, true)) return;
    const auto rule = decider.prepare(step, memory);
    do {
      const std::uint32_t tile = at.tile, selected = decider.decide(step, rule, tile);
      quad_places places;
      const std::uint32_t total = places.find(selected, step.mine.block->sums);
      if (warp_index() == 0) {
        const std::uint32_t prefix =
            look_back{decider.sieve.tiles, step.mine.block->before.launches}.prefix(tile, total);
        if (lane_index() == 0) at.prefix = prefix;
      }
      output.write(selected, places, total, &at.prefix, tile * tile_size, decider.n,
                   reinterpret_cast<std::uint32_t*>(step.mine.work));
      if (tile + 1 == tiles) {
        const std::uint32_t all = at.prefix + total;
        step.finish(all, step.mine.block->selective);
        if (threadIdx.x == 0) *count = all;
      }
    } while (next_tile(taken, at.tile, tiles, false));
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
