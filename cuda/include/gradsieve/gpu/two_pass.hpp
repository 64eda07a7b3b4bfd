// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The same pick in three launches in which no block waits for another.
#pragma once

#include <gradsieve/gpu/decide.hpp>
#include <gradsieve/gpu/output.hpp>
#include <gradsieve/gpu/scan.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! What the launches hand on, for the tiles of the largest batch.
struct tile_decisions {
  std::uint32_t* mask = nullptr;    // a bit for each example, as of `mask_output`
  std::uint32_t* counts = nullptr;  // of each tile; then of all before it
};

//! The first pass: decides, and writes each tile's bits and how many are set.
template <class Decider>
struct decide_kernel {
  static constexpr unsigned threads = tile_threads;

  Decider decider;
  tile_decisions decisions;

  std::size_t shared_bytes() const { return decider.shared_bytes(); }

  __device__ void operator()(void* shared) const {
    shared_memory memory{static_cast<unsigned char*>(shared)};
    const auto step = decider.step(memory);
    const auto rule = decider.prepare(step, memory);
    for (std::uint32_t tile = blockIdx.x; tile < tiles_of(decider.n); tile += gridDim.x) {
      const std::uint32_t selected = decider.decide(step, rule, tile);
      quad_places places;
      const std::uint32_t total = places.find(selected, step.mine.block->sums);
      if (threadIdx.x == 0) decisions.counts[tile] = total;
      mask_output{decisions.mask}.write(selected, places, total, nullptr, tile * tile_size,
                                        decider.n, nullptr);
    }
  }
};

//! Between the passes, by one block: adds up the tiles, renews the window and the counters.
template <class Source>
struct count_kernel {
  static constexpr unsigned threads = tile_threads;
  static constexpr bool alone = true;

  sieve_view sieve;
  Source source;
  std::uint32_t n = 0;
  std::uint32_t* counts = nullptr;
  std::uint32_t* count = nullptr;

  std::size_t shared_bytes() const {
    shared_size size;
    step_memory::take(size, sieve.history);
    return size.bytes;
  }

  __device__ void operator()(void* shared) const {
    shared_memory memory{static_cast<unsigned char*>(shared)};
    const step_work<Source> step{sieve, source, n, step_memory::take(memory, sieve.history)};
    step.prepare();
    __syncthreads();
    const std::uint32_t all = scan_by_block(counts, tiles_of(n), step.mine.block->sums);
    step.finish(all, step.mine.block->selective);
    if (threadIdx.x == 0) *count = all;
  }
};

//! The second pass: makes the output from the bits.
template <class Output>
struct expand_kernel {
  static constexpr unsigned threads = tile_threads;

  tile_decisions decisions;
  Output output;
  std::uint32_t n = 0;

  struct block_state {
    block_sums<threads, std::uint32_t> sums;
    std::uint32_t staged[tile_size];
  };
  std::size_t shared_bytes() const { return sizeof(block_state); }

  __device__ void operator()(void* shared) const {
    block_state& block = *static_cast<block_state*>(shared);
    for (std::uint32_t tile = blockIdx.x; tile < tiles_of(n); tile += gridDim.x) {
      const std::uint32_t base = tile * tile_size;
      std::uint32_t selected = 0;
#pragma unroll
      for (unsigned quad = 0; quad < tile_quads; ++quad) {
        const std::uint32_t first = base + quad_start(quad);
        const std::uint32_t word = first < n ? decisions.mask[first / 32] : 0;
        selected |= (word >> (first % 32) & 15) << (4 * quad);
      }
      quad_places places;
      const std::uint32_t total = places.find(selected, block.sums);
      output.write(selected, places, total, decisions.counts + tile, base, n, block.staged);
    }
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
