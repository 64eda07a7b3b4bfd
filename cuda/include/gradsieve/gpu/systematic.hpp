// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of a batch in three steps: count the masses, measure the tiles, draw.
#pragma once

#include <gradsieve/gpu/classify.hpp>
#include <gradsieve/gpu/output.hpp>
#include <gradsieve/gpu/scan.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The second launch: what each tile holds of ticket-bearing mass, of examples without any, and of
//! certain ones. The last block adds them up. O(n).
struct measure_kernel {
  static constexpr unsigned threads = tile_threads;

  systematic_work work;
  std::uint32_t n = 0;
  std::uint32_t* arrived = nullptr;

  struct block_state {
    block_sums<threads, std::uint64_t> sums;
    std::uint32_t last;
  };
  std::size_t shared_bytes() const { return sizeof(block_state); }

  __device__ void operator()(void* shared) const {
    block_state& block = *static_cast<block_state*>(shared);
    const systematic_shares shares = work.draw->shares;
    for (std::uint32_t tile = blockIdx.x; tile < tiles_of(n); tile += gridDim.x) {
      std::uint64_t mass = 0, examples = 0, all_mass = 0, all_examples = 0;
#pragma unroll
      for (unsigned quad = 0; quad < tile_quads; ++quad) {
        const quad_masses mine(work, tile, quad);
#pragma unroll
        for (unsigned c = 0; c < 4; ++c) {
          const std::uint64_t one = mine[c];
          if (one == left_out) continue;
          if (one == 0) {
            examples += std::uint64_t{1} << 32;
          } else if (shares.is_certain(one)) {
            ++examples;
          } else {
            mass += one;
          }
        }
      }
      block.sums.exclusive(mass, all_mass);
      block.sums.exclusive(examples, all_examples);
      if (threadIdx.x != 0) continue;
      work.tile_masses[tile] = all_mass;
      work.tile_examples[tile] = all_examples;
    }
    if (!is_last_block(arrived, &block.last)) return;
    scan_by_block(work.tile_masses, tiles_of(n), block.sums);
    scan_by_block(work.tile_examples, tiles_of(n), block.sums);
  }
};

//! The third launch: finds the tickets and writes. Where an example goes follows from the tickets,
//! the certain and the filled ones before it: no block needs to know another's decisions. O(n).
//! @tparam Output  `positions_output`, `ids_output`, `mask_output`
template <class Output>
struct draw_kernel {
  static constexpr unsigned threads = tile_threads;

  systematic_work work;
  Output output;
  std::uint32_t n = 0;

  struct block_state {
    block_sums<threads, std::uint64_t> masses;
    block_sums<threads, std::uint32_t> sums;
    systematic_draw draw;
    std::uint32_t prefix;
    union {
      std::uint64_t before[tile_threads * tile_quads];
      std::uint32_t staged[tile_size];
    };
  };
  std::size_t shared_bytes() const { return sizeof(block_state); }

  __device__ void operator()(void* shared) const {
    block_state& block = *static_cast<block_state*>(shared);
    const systematic_draw& draw = block.draw;
    if (threadIdx.x == 0) block.draw = *work.draw;
    __syncthreads();
    for (std::uint32_t tile = blockIdx.x; tile < tiles_of(n); tile += gridDim.x) {
      const std::uint32_t selected = find(block, tile);
      quad_places places;
      const std::uint32_t total = places.find(selected, block.sums);
      if (threadIdx.x == 0) block.prefix = before(draw, tile);
      output.write(selected, places, total, &block.prefix, tile * tile_size, n, block.staged);
    }
  }

 private:
  //! How many are selected before a tile.
  __device__ std::uint32_t before(const systematic_draw& draw, std::uint32_t tile) const {
    const std::uint64_t examples = work.tile_examples[tile];
    tickets with_mass = draw.with_mass, without = draw.without;
    return static_cast<std::uint32_t>(with_mass.move_to(work.tile_masses[tile]) +
                                      without.move_to(examples >> 32) + examples);
  }

  //! Bit 4 quad + c: whether this thread's example c of the quad is selected.
  __device__ std::uint32_t find(block_state& block, std::uint32_t tile) const {
    // A tile's ticket-bearing mass has at most 45 bits; examples without any are counted above.
    constexpr unsigned counted_from = 48;
    const systematic_draw& draw = block.draw;
    std::uint64_t before[tile_quads];
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      const quad_masses mine(work, tile, quad);
      before[quad] = 0;
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        const std::uint64_t mass = mine[c];
        if (mass == 0) before[quad] += std::uint64_t{1} << counted_from;
        if (!draw.shares.is_certain(mass)) before[quad] += mass;
      }
    }
    sums_before_quads(before, block.masses);
    // One quad after another from shared memory, so that registers hold the masses of one.
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      block.before[quad * threads + threadIdx.x] = before[quad];
    }
    const std::uint64_t mass_before = work.tile_masses[tile];
    const std::uint64_t zeros_before = work.tile_examples[tile] >> 32;
    std::uint32_t selected = 0;
#pragma unroll 1
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      const quad_masses mine(work, tile, quad);
      const std::uint64_t within = block.before[quad * threads + threadIdx.x];
      tickets with_mass = draw.with_mass, without = draw.without;
      with_mass.move_to(mass_before + (within << 16 >> 16));
      without.move_to(zeros_before + (within >> counted_from));
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        const std::uint64_t mass = mine[c];
        bool here = mass != left_out;
        if (mass == 0) {
          here = without.pass(1);
        } else if (!draw.shares.is_certain(mass)) {
          here = with_mass.pass(mass);
        }
        selected |= std::uint32_t{here} << (4 * quad + c);
      }
    }
    return selected;
  }
};

//! All three launches as one, for a batch of one tile.
template <class Source, class Output>
struct tile_draw_kernel {
  static constexpr unsigned threads = tile_threads;
  static constexpr bool alone = true;

  classify_kernel<Source> classify;
  measure_kernel measure;
  draw_kernel<Output> draw;

  std::size_t shared_bytes() const {
    const std::size_t first = classify.shared_bytes(), last = draw.shared_bytes();
    return first > last ? first : last;
  }

  __device__ void operator()(void* shared) const {
    classify(shared);
    __syncthreads();
    measure(shared);
    __syncthreads();
    draw(shared);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
