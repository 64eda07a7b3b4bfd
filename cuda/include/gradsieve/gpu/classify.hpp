// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The first step of a draw of exactly k: count the masses, settle the shares.
#pragma once

#include <gradsieve/gpu/block_shares.hpp>
#include <gradsieve/gpu/mass_classes.hpp>
#include <gradsieve/gpu/step.hpp>
#include <gradsieve/gpu/systematic_work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The first launch: writes each example's class and counts them. The last block settles who is
//! certain and how many of the others are drawn, from the counts alone, and finishes the step.
//! O(n log H) and a few passes over the classes.
template <class Source>
struct classify_kernel {
  static constexpr unsigned threads = tile_threads;

  sieve_view sieve;
  Source source;
  mass_classes classes;
  systematic_work work;
  std::uint64_t k = 0;
  std::uint32_t n = 0;
  std::uint32_t* count = nullptr;

  struct class_block {
    block_shares shares;
    std::uint32_t last;
  };

  std::size_t shared_bytes() const {
    shared_size size;
    step_memory::take(size, sieve.history);
    size.take<class_block>(1);
    size.take<std::uint32_t>(classes.size());
    return size.bytes;
  }

  __device__ void operator()(void* shared) const {
    shared_memory memory{static_cast<unsigned char*>(shared)};
    const step_work<Source> step{sieve, source, n, step_memory::take(memory, sieve.history)};
    class_block& block = *memory.take<class_block>(1);
    std::uint32_t* examples = memory.take<std::uint32_t>(classes.size());
    for (std::uint32_t c = threadIdx.x; c < classes.size(); c += threads) examples[c] = 0;
    step.prepare();
    __syncthreads();
    for (std::uint32_t tile = blockIdx.x; tile < tiles_of(n); tile += gridDim.x) {
      classify(step, tile, examples);
    }
    __syncthreads();
    for (std::uint32_t c = threadIdx.x; c < classes.size(); c += threads) {
      if (examples[c] != 0) atomic_add(work.examples + c, examples[c]);
    }
    if (!is_last_block(&sieve.state->arrived, &block.last)) return;
    const std::uint32_t selected = share_out(step, block);
    step.finish(selected, step.mine.block->selective);
    if (threadIdx.x == 0) *count = selected;
  }

 private:
  __device__ void classify(const step_work<Source>& step, std::uint32_t tile,
                           std::uint32_t* examples) const {
    const window_view window = step.window();
    const bool selective = step.mine.block->selective;
    std::uint32_t rejected = 0;
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      const std::uint32_t first = tile * tile_size + quad_start(quad);
      loss_key keys[4];
      source.read(first, n, keys, rejected);
      std::uint32_t found[4];
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        // While all are selected, all but those left out must be.
        found[c] = keys[c] == key_never                  ? classes.never()
                   : !selective || keys[c] == key_always ? classes.always()
                                                         : classes.of(window, keys[c]);
        if (first + c < n) atomic_add(examples + found[c], 1u);
      }
      const uint2 four{found[0] | found[1] << 16, found[2] | found[3] << 16};
      *reinterpret_cast<uint2*>(work.classes + first) = four;
    }
    step.reject(rejected);
  }

  //! Returns how many are selected.
  __device__ std::uint32_t share_out(const step_work<Source>& step, class_block& block) const {
    const bool selective = step.mine.block->selective;
    const std::uint64_t must = work.examples[classes.always()];
    const std::uint64_t wanted = selective ? k : must;
    const bool crowded = must > wanted;
    for (std::uint32_t c = threadIdx.x; c < classes.size(); c += threads) {
      work.masses[c] = mass_of(step.window(), c, crowded);
    }
    systematic_shares& shares = block.shares.shares;
    if (threadIdx.x == 0) shares = {};
    __syncthreads();
    mass_tally mine;
    do {
      mine = {};
      for (std::uint32_t c = threadIdx.x; c < classes.size(); c += threads) {
        if (work.masses[c] == left_out) continue;
        mine.add(shares.certain_from, work.masses[c], work.examples[c]);
      }
    } while (block.shares.settle(mine, wanted));
    for (std::uint32_t c = threadIdx.x; c < classes.size(); c += threads) work.examples[c] = 0;
    if (threadIdx.x == 0) {
      const draw_key key = step.key();
      const tickets with_mass(shares.drawn, shares.sum, gradsieve::draw(key, 0));
      const tickets without(shares.filled, shares.zeros, gradsieve::draw(key, 1));
      *work.draw = {shares, with_mass, without, crowded};
    }
    return static_cast<std::uint32_t>(shares.drawn + shares.filled + block.shares.certain);
  }

  __device__ std::uint64_t mass_of(const window_view& window, std::uint32_t c, bool crowded) const {
    if (c == classes.always()) return crowded ? 1 : certain_mass;
    if (crowded || c == classes.never() || work.examples[c] == 0) return left_out;
    return classes.mass(window, c);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
