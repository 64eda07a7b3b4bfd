// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The kernels that fill and empty a ring of rows.
#pragma once

#include <gradsieve/gpu/row_tile.hpp>
#include <gradsieve/gpu/warp.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The most columns of a batch: inputs, targets, ids and the like.
inline constexpr std::size_t most_columns = 8;

//! Counters of a ring of rows. Places count from the beginning, so they only grow; row p lies at
//! p mod capacity.
struct ring_state {
  std::uint64_t tail = 0;     //!< where the next row goes
  std::uint64_t head = 0;     //!< the first row that was not handed out
  std::uint64_t dropped = 0;  //!< rows that were not taken in
  std::uint32_t appends = 0;  //!< launches so far
  std::uint32_t arrived = 0;  //!< blocks that have finished in this launch
};

//! What the host is told of it.
struct ring_answer {
  std::uint64_t tail = 0, dropped = 0;
};

//! A column's rows, from where they are to the ring.
struct ring_column {
  const unsigned char* source = nullptr;
  unsigned char* ring = nullptr;
  row_tiles tiles;
  std::uint32_t width = 1;
};

//! Appends the selected rows of every column. Blocks share the tiles of all columns; the last one
//! to finish moves the counters, which by then every block has read.
struct append_kernel {
  static constexpr unsigned threads = row_threads;

  ring_column columns[most_columns];
  std::uint32_t used = 0;
  std::uint32_t capacity = 0;
  const std::uint32_t* positions = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t most = 0;
  ring_state* state = nullptr;
  ring_answer* answers = nullptr;  //!< in host memory
  std::uint32_t depth = 1;         //!< how many answers are kept

  struct block_state {
    std::uint32_t n, start;
  };
  std::size_t shared_bytes() const { return sizeof(block_state); }

  __device__ void operator()(void* shared) const {
    block_state& block = *static_cast<block_state*>(shared);
    if (threadIdx.x == 0) {
      const std::uint64_t tail = state->tail;
      const auto room = static_cast<std::uint32_t>(capacity - (tail - state->head));
      const std::uint32_t offered = *count < most ? *count : most;
      block.n = offered < room ? offered : room;
      block.start = static_cast<std::uint32_t>(tail % capacity);
    }
    __syncthreads();
    std::uint32_t tile = blockIdx.x;
    for (std::uint32_t c = 0; c < used; ++c) {
      const auto all = static_cast<std::uint32_t>(columns[c].tiles.count(block.n));
      for (; tile < all; tile += gridDim.x) move(columns[c], tile, block);
      tile -= all;
    }
    __syncthreads();
    if (threadIdx.x == 0 && atomic_add(&state->arrived, 1u) == gridDim.x - 1) finish(block.n);
  }

 private:
  __device__ void move(const ring_column& column, std::uint32_t tile,
                       const block_state& block) const {
    with_vector(column.width, [&](auto vector) {
      held_vectors<decltype(vector)> held;
      held.read(column.tiles, tile, block.n, column.source, positions);
      held.write(column.tiles, tile, block.n, column.ring, [&](std::uint32_t row) {
        const std::uint32_t left = capacity - block.start;
        return row < left ? block.start + row : row - left;
      });
    });
  }

  __device__ void finish(std::uint32_t n) const {
    ring_state& ring = *state;
    ring.tail += n;
    ring.dropped += *count - n;
    ring.arrived = 0;
    answers[ring.appends % depth] = {ring.tail, ring.dropped};
    ++ring.appends;
  }
};

//! Moves a ring's head past a batch that was handed out; with `empty` the tail too.
struct release_kernel {
  static constexpr unsigned threads = warp_size;

  ring_state* state = nullptr;
  std::uint64_t head = 0;
  bool empty = false;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    if (threadIdx.x != 0) return;
    state->head = head;
    if (empty) state->tail = head;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
