// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How a block takes up a tile of a batch: 4096 examples, sixteen to a thread.
#pragma once

#include <gradsieve/gpu/memory.hpp>
#include <gradsieve/gpu/warp.hpp>
#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

inline constexpr unsigned tile_threads = 256;
inline constexpr unsigned tile_quads = 4;  //!< four times four examples to a thread
inline constexpr unsigned tile_size = tile_threads * tile_quads * 4;
//! The largest batch: positions, and those just behind the end, have 32 bits.
inline constexpr std::uint64_t most_examples = 0xffffffffu - tile_size;

//! Where a thread's quad of neighbours lies in the tile: a warp's four reads are contiguous each,
//! and one Philox call serves a quad.
__device__ inline unsigned quad_start(unsigned quad) {
  return warp_index() * (warp_size * tile_quads * 4) + quad * (warp_size * 4) + lane_index() * 4;
}

GRADSIEVE_HOST_DEVICE constexpr std::uint32_t tiles_of(std::uint64_t n) {
  return n == 0 ? 1u : static_cast<std::uint32_t>((n + tile_size - 1) / tile_size);
}

//! Takes a tile for the block by ticket, if there is one left: those before it have been taken by
//! blocks that run, whatever the order in which blocks start. The last ticket of the launch turns
//! the roll back.
//! @param taken  tiles taken in this launch, in global memory.  @param tile  in shared memory
__device__ inline bool ticket_tile(std::uint32_t* taken, std::uint32_t& tile, std::uint32_t tiles) {
  __syncthreads();
  if (threadIdx.x == 0) {
    tile = atomic_add(taken, 1u);
    if (tile == tiles + gridDim.x - 1) *taken = 0;
  }
  __syncthreads();
  return tile < tiles;
}

//! The same, but where each block has one tile it is its own: no atomic, for blocks that start in
//! the order of their index.
__device__ inline bool next_tile(std::uint32_t* taken, std::uint32_t& tile, std::uint32_t tiles,
                                 bool first) {
  if (gridDim.x < tiles) return ticket_tile(taken, tile, tiles);
  if (threadIdx.x == 0) tile = blockIdx.x;
  __syncthreads();
  return first && tile < tiles;
}

//! A batch of losses of any type, as keys.
template <class T>
struct loss_source {
  const T* losses = nullptr;
  loss_key replacement = key_never;  //!< of a loss that is not finite
  bool aligned = false;              //!< whether a quad can be read at once

  //! @pre i is in the batch
  __device__ loss_key key(std::uint32_t i) const { return to_key(losses[i]); }

  //! The same, replaced where the loss is not finite.
  __device__ loss_key accepted(std::uint32_t i) const {
    const loss_key found = key(i);
    return is_finite(found) ? found : replacement;
  }

  //! The keys of `first` … `first + 3`, `key_never` from `n` on; counts those replaced.
  __device__ void read(std::uint32_t first, std::uint32_t n, loss_key (&keys)[4],
                       std::uint32_t& rejected) const {
    T values[4];
    if (aligned && first + 4 <= n) {
      read_quad(first, values);
    } else {
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        if (first + c < n) values[c] = losses[first + c];
      }
    }
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      const bool inside = first + c < n;
      const loss_key found = inside ? to_key(values[c]) : key_never;
      const bool good = is_finite(found);
      keys[c] = good || !inside ? found : replacement;
      rejected += inside && !good ? 1u : 0u;
    }
  }

 private:
  __device__ void read_quad(std::uint32_t first, T (&values)[4]) const {
    constexpr unsigned bytes = 4 * sizeof(T);
    if constexpr (bytes == 8) {
      const uint2 raw = load_streaming(reinterpret_cast<const uint2*>(losses + first));
      memcpy(static_cast<void*>(values), &raw, bytes);
    } else {
      uint4 raw[bytes / 16];
#pragma unroll
      for (unsigned part = 0; part < bytes / 16; ++part) {
        raw[part] = load_streaming(reinterpret_cast<const uint4*>(losses + first) + part);
      }
      memcpy(static_cast<void*>(values), raw, bytes);
    }
  }
};

template <class T>
loss_source<T> source_of(const T* losses, loss_key replacement) {
  constexpr std::size_t quad = 4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16;
  return {losses, replacement, reinterpret_cast<std::uintptr_t>(losses) % quad == 0};
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
