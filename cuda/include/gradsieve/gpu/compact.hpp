// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Brings the rows of selected examples together in place.
#pragma once

#include <gradsieve/gpu/capture.hpp>
#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/row_tile.hpp>
#include <gradsieve/gpu/warp.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

namespace detail {

//! How many of `values`, which ascend, are below `bound`. A whole warp calls it; each step narrows
//! the search 32-fold.
__device__ inline std::uint32_t count_below(const std::uint32_t* values, std::uint32_t size,
                                            std::uint32_t bound) {
  std::uint32_t low = 0, high = size;
  while (low < high) {
    const std::uint32_t step = (high - low - 1) / warp_size + 1;
    const std::uint64_t at = low + std::uint64_t{step} * lane_index();
    const unsigned below = __ballot_sync(whole_warp, at < high && values[at] < bound);
    if (below == 0) break;
    const std::uint32_t last = static_cast<std::uint32_t>(__popc(below)) - 1;
    const std::uint32_t from = low + last * step;
    low = from + 1;
    high = high - from < step ? high : from + step;
  }
  return low;
}

//! Moves rows down in place. Row j only ever moves down, from `positions[j]` to j <= positions[j],
//! so what a tile overwrites is read by itself or by earlier tiles. A tile
//! 1. reads its rows into registers,
//! 2. publishes that it has,
//! 3. waits until the earlier tiles that read what it is about to overwrite have published,
//! 4. writes.
//!
//! No deadlock: tiles are taken in order by ticket, so an earlier tile is in the hands of a block
//! that runs, and between taking it and publishing it a block waits for nothing. So every tile
//! waited for is published, in whatever order blocks start, and however few run at once.
//!
//! No race: reading before publishing, and waiting before writing, are ordered by release and
//! acquire; and nothing that was written in this launch is ever read in it.
template <class Vector>
struct compact_kernel {
  static constexpr unsigned threads = row_threads;

  row_tiles tiles;
  unsigned char* rows = nullptr;
  const std::uint32_t* positions = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t most = 0;
  std::uint64_t* roll = nullptr;   //!< launches before this one (32 bits), tickets taken (32)
  std::uint32_t* words = nullptr;  //!< for each tile the last launch in which it was read

  struct block_state {
    std::uint32_t tile, launch;
  };
  std::size_t shared_bytes() const { return sizeof(block_state); }

  __device__ void operator()(void* shared) const {
    block_state& block = *static_cast<block_state*>(shared);
    const std::uint32_t n = *count < most ? *count : most;
    const auto all = static_cast<std::uint32_t>(tiles.count(n));
    while (next_tile(block, all)) move(block.tile, block.launch, n);
  }

 private:
  //! The last ticket of a launch is taken when nobody will take another: it starts the next roll.
  __device__ bool next_tile(block_state& block, std::uint32_t all) const {
    __syncthreads();
    if (threadIdx.x == 0) {
      const std::uint64_t ticket = atomic_add(roll, std::uint64_t{1});
      block.tile = static_cast<std::uint32_t>(ticket);
      block.launch = static_cast<std::uint32_t>(ticket >> 32) + 1;
      if (block.tile == all + gridDim.x - 1) *roll = std::uint64_t{block.launch} << 32;
    }
    __syncthreads();
    return block.tile < all;
  }

  __device__ void move(std::uint32_t tile, std::uint32_t launch, std::uint32_t n) const {
    const std::uint32_t group = tile / tiles.parts, first = group * tiles.rows;
    const std::uint32_t last = (n - first < tiles.rows ? n : first + tiles.rows) - 1;
    // Positions ascend, so where the last row stays, all before it stay too, and nobody reads here.
    if (positions[last] == last) return;
    held_vectors<Vector> held;
    held.read(tiles, tile, n, rows, positions);
    __syncthreads();
    if (warp_index() == 0) {
      if (lane_index() == 0) store_release(words + tile, launch);
      wait_for_readers(tile - group * tiles.parts, group, first, launch);
    }
    __syncthreads();
    held.write(tiles, tile, n, rows, [](std::uint32_t row) { return row; });
  }

  //! The rows that read from this tile's place are neighbours and at most as many as it has rows:
  //! they lie in the group of the first such row and the one behind it.
  __device__ void wait_for_readers(std::uint32_t part, std::uint32_t group, std::uint32_t first,
                                   std::uint32_t launch) const {
    const std::uint32_t reader = count_below(positions, first, first) / tiles.rows + lane_index();
    if (lane_index() < 2 && reader < group) {
      const std::uint32_t* word = words + (reader * tiles.parts + part);
      while (load_acquire(word) != launch) {
      }
    }
    __syncwarp();
  }
};

}  // namespace detail

//! Moves selected rows to the front of the array that they are in, keeping their order: one launch
//! that reads and writes each row once. Owns what its blocks tell each other: 4 bytes for each 512
//! of the array, whatever its rows.
//!
//! `compact` neither synchronises nor allocates and can be captured. One call at a time: on
//! different streams they must be ordered by events.
class row_compactor {
 public:
  //! @param most_bytes  the most that is ever moved: rows times their bytes
  [[nodiscard]] cudaError_t create(std::size_t most_bytes) {
    if (cudaError_t bad = detail::cannot_wait(nullptr); bad != cudaSuccess) return bad;
    row_compactor fresh;
    fresh.most_bytes_ = most_bytes;
    // A tile has more than half of its vectors, and those have at least a byte.
    cudaError_t error = fresh.words_.allocate(most_bytes / (detail::row_tile_vectors / 2) + 1);
    if (error == cudaSuccess) error = fresh.words_.zero();
    if (error == cudaSuccess) error = fresh.roll_.allocate(1);
    if (error == cudaSuccess) error = fresh.roll_.zero();
    if (error == cudaSuccess) *this = std::move(fresh);
    return error;
  }

  //! Row `positions[j]` becomes row j, for j below `*count`; later rows are left as they fall.
  //! @param row_bytes  1 to 2^31
  //! @param positions  strictly ascending, as a pick writes them
  //! @param count      read when the launch runs; at most `most_rows` are moved
  //! @return cudaErrorInvalidValue for null or misaligned pointers where there are rows, a row size
  //!         out of bounds, or more bytes than `create` was told
  [[nodiscard]] cudaError_t compact(void* rows, std::size_t row_bytes,
                                    const std::uint32_t* positions, const std::uint32_t* count,
                                    std::size_t most_rows, cudaStream_t stream = nullptr) {
    if (!detail::can_move_rows(row_bytes, most_rows)) return cudaErrorInvalidValue;
    if (most_rows == 0) return cudaSuccess;
    if (words_.size() == 0 || row_bytes > most_bytes_ / most_rows) return cudaErrorInvalidValue;
    if (rows == nullptr || !detail::is_array(positions) || !detail::is_array(count)) {
      return cudaErrorInvalidValue;
    }
    const unsigned width = detail::vector_width(row_bytes, rows, rows);
    const auto tiles = detail::row_tiles::of(row_bytes, width);
    const auto most = static_cast<std::uint32_t>(most_rows);
    if (tiles.count(most) >= detail::most_row_tiles) return cudaErrorInvalidValue;
    return detail::with_vector(width, [&](auto vector) {
      const detail::compact_kernel<decltype(vector)> kernel{
          tiles,        static_cast<unsigned char*>(rows), positions, count, most, roll_.data(),
          words_.data()};
      return detail::launch_over(kernel, tiles.count(most), stream);
    });
  }

 private:
  std::size_t most_bytes_ = 0;
  device_buffer<std::uint32_t> words_;
  device_buffer<std::uint64_t> roll_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
