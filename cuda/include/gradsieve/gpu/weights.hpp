// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Inclusion probabilities and weights where the losses are.
#pragma once

#include <gradsieve/gpu/scan.hpp>
#include <gradsieve/gpu/step.hpp>
#include <gradsieve/select/weights.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

using gradsieve::detail::is_inclusion;
using gradsieve::detail::is_scaled;
using gradsieve::detail::raw_weight;
using gradsieve::detail::scaled_weight;
using gradsieve::detail::weight_scale;

//! The probability with which each example selected was to be, by the window that decided; 1 while
//! everything is selected; 0 for a position beyond the batch. O(count log H).
//! @tparam Inclusion  `float operator()(const window_view&, loss_key) const`
template <class Source, class Inclusion>
struct probability_kernel {
  static constexpr unsigned threads = tile_threads;

  sieve_view sieve;
  Source source;
  Inclusion inclusion;
  std::uint32_t n = 0;
  const std::uint32_t* positions = nullptr;
  const std::uint32_t* count = nullptr;
  float* out = nullptr;

  std::size_t shared_bytes() const { return (sieve.history + 2) * sizeof(loss_key); }

  __device__ void operator()(void* shared) const {
    const std::uint32_t selected = *count < n ? *count : n;
    const bool selective = sieve.state->selective != 0;
    loss_key* slots = static_cast<loss_key*>(shared);
    if (selective) copy_by_block(slots, sieve.window(sieve.state->deciding), sieve.history + 2);
    __syncthreads();
    const window_view window{slots, sieve.history};
    for (std::size_t i = blockIdx.x * threads + threadIdx.x; i < selected;
         i += std::size_t{gridDim.x} * threads) {
      const std::uint32_t position = positions[i];
      float probability = position < n ? 1.0f : 0.0f;
      if (selective && position < n) probability = inclusion(window, source.accepted(position));
      out[i] = probability;
    }
  }
};

//! Sums of doubles in a fixed order, whatever the grid: each tile's by the block's threads, then
//! the tiles' by one block.
struct ordered_sums {
  double* tiles = nullptr;  // of each tile
  std::uint32_t* arrived = nullptr;

  struct block_state {
    block_sums<tile_threads, double> sums;
    std::uint32_t last;
  };

  //! The block's threads' values, added up.
  __device__ static double of_block(double mine, block_state& block) {
    double total = 0;
    block.sums.exclusive(mine, total);
    return total;
  }
  //! All tiles, by the last block.
  __device__ double of_tiles(std::uint32_t count, block_state& block) const {
    double mine = 0;
    for (std::uint32_t i = threadIdx.x; i < count; i += tile_threads) mine += tiles[i];
    return of_block(mine, block);
  }
};

//! Weights before they are scaled, and what to scale them by. O(count).
struct weigh_kernel {
  static constexpr unsigned threads = tile_threads;

  ordered_sums sums;
  double* factor = nullptr;
  const float* probabilities = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t most = 0;
  normalisation scale = normalisation::none;
  double cap = 0;
  float* out = nullptr;

  std::size_t shared_bytes() const { return sizeof(ordered_sums::block_state); }

  __device__ void operator()(void* shared) const {
    auto& block = *static_cast<ordered_sums::block_state*>(shared);
    const std::uint32_t n = *count < most ? *count : most, tiles = tiles_of(n);
    for (std::uint32_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      double mine = 0;
      for (unsigned i = threadIdx.x; i < tile_size; i += threads) {
        const std::uint32_t at = tile * tile_size + i;
        if (at >= n) break;
        const float probability = probabilities[at];
        // Nothing selected can have had another probability; it must not spoil the sum.
        const bool good = scale == normalisation::none || is_inclusion(probability);
        const double weight = good ? raw_weight(probability, scale, cap) : 0.0;
        out[at] = static_cast<float>(weight);
        mine += weight;
      }
      if (!is_scaled(scale)) continue;
      mine = ordered_sums::of_block(mine, block);
      if (threadIdx.x == 0) sums.tiles[tile] = mine;
    }
    if (!is_scaled(scale) || !is_last_block(sums.arrived, &block.last)) return;
    const double sum = sums.of_tiles(tiles, block);
    if (threadIdx.x == 0) *factor = sum > 0 ? weight_scale(scale, n, sum) : 0.0;
  }
};

//! Scales what `weigh_kernel` left.
struct scale_kernel {
  static constexpr unsigned threads = tile_threads;

  const double* factor = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t most = 0;
  float* out = nullptr;

  std::size_t shared_bytes() const { return 0; }

  __device__ void operator()(void*) const {
    const std::uint32_t n = *count < most ? *count : most;
    for (std::size_t i = blockIdx.x * threads + threadIdx.x; i < n;
         i += std::size_t{gridDim.x} * threads) {
      out[i] = scaled_weight(out[i], *factor);
    }
  }
};

//! A step in which nothing is dropped: writes the policy's probability of each loss and what to
//! scale them by, and renews the window and the counters. O(n log H).
template <class Source>
struct share_kernel {
  static constexpr unsigned threads = tile_threads;

  sieve_view sieve;
  Source source;
  rule_view rule;
  ordered_sums sums;
  double* factor = nullptr;
  std::uint32_t n = 0;
  float* out = nullptr;

  std::size_t shared_bytes() const {
    shared_size size;
    step_memory::take(size, sieve.history);
    size.take<ordered_sums::block_state>(1);
    return size.bytes;
  }

  __device__ void operator()(void* shared) const {
    shared_memory memory{static_cast<unsigned char*>(shared)};
    const step_work<Source> step{sieve, source, n, step_memory::take(memory, sieve.history)};
    auto& block = *memory.take<ordered_sums::block_state>(1);
    step.prepare();
    __syncthreads();
    const std::uint32_t tiles = tiles_of(n);
    for (std::uint32_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      const double mine = ordered_sums::of_block(weigh(step, tile), block);
      if (threadIdx.x == 0) sums.tiles[tile] = mine;
    }
    if (!is_last_block(sums.arrived, &block.last)) return;
    const double sum = sums.of_tiles(tiles, block);
    const bool selective = step.mine.block->selective;
    if (threadIdx.x == 0) {
      *factor = !selective ? 1.0 : sum > 0 ? static_cast<double>(n) / sum : 0.0;
    }
    step.finish(n, false);
  }

 private:
  //! The sum of this thread's probabilities.
  __device__ double weigh(const step_work<Source>& step, std::uint32_t tile) const {
    const window_view window = step.window();
    const bool selective = step.mine.block->selective;
    std::uint32_t rejected = 0;
    double sum = 0;
#pragma unroll
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      const std::uint32_t first = tile * tile_size + quad_start(quad);
      loss_key keys[4];
      source.read(first, n, keys, rejected);
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        if (first + c >= n) continue;
        const float p = selective
                            ? static_cast<float>(to_probability(rule.mass_of(window, keys[c])))
                            : (keys[c] != key_never ? 1.0f : 0.0f);
        out[first + c] = p;
        sum += static_cast<double>(p);
      }
    }
    step.reject(rejected);
    return sum;
  }
};

//! Scales what `share_kernel` left; where no example has any probability, all count the same.
template <class Source>
struct share_scale_kernel {
  static constexpr unsigned threads = tile_threads;

  Source source;
  const double* factor = nullptr;
  std::uint32_t n = 0;
  float* out = nullptr;

  std::size_t shared_bytes() const { return 0; }

  __device__ void operator()(void*) const {
    const double scale = *factor;
    for (std::size_t i = blockIdx.x * threads + threadIdx.x; i < n;
         i += std::size_t{gridDim.x} * threads) {
      const auto at = static_cast<std::uint32_t>(i);
      out[i] = scale > 0 ? scaled_weight(out[i], scale)
                         : (source.accepted(at) != key_never ? 1.0f : 0.0f);
    }
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
