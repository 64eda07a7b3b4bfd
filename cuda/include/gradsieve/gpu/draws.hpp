// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The random words of four neighbours in a batch, by position or by id.
#pragma once

#include <gradsieve/random/draw.hpp>

#include <cuda_runtime.h>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! As `draw`, with no indexing by a variable, which would move the block to local memory.
__device__ inline std::uint32_t draw_one(const draw_key& key, std::uint64_t index) {
  const philox_block block = draw_four(key, index / 4);
  const unsigned lane = static_cast<unsigned>(index % 4);
  return lane == 0   ? block.word[0]
         : lane == 1 ? block.word[1]
         : lane == 2 ? block.word[2]
                     : block.word[3];
}

__device__ inline std::uint32_t tie_draw(draw_key key, std::uint64_t index) {
  key.use = purpose::ties;
  return draw_one(key, index);
}

//! Words that belong to the place in the (global) batch: one Philox call for four where the batch
//! starts at a multiple of four, else two.
struct position_draws {
  static constexpr purpose use = purpose::pick_by_position;
  std::uint64_t first_position = 0;

  __device__ philox_block words(const draw_key& key, std::uint32_t first, std::uint32_t) const {
    const std::uint64_t index = first_position + first;
    const philox_block low = draw_four(key, index / 4);
    const unsigned shift = static_cast<unsigned>(index % 4);
    if (shift == 0) return low;
    const philox_block high = draw_four(key, index / 4 + 1);
    philox_block words;
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      // No indexing by a variable, which would move the block to local memory.
      const unsigned at = shift + c;
      words.word[c] = at == 1   ? low.word[1]
                      : at == 2 ? low.word[2]
                      : at == 3 ? low.word[3]
                      : at == 4 ? high.word[0]
                      : at == 5 ? high.word[1]
                                : high.word[2];
    }
    return words;
  }
  __device__ std::uint32_t tie_word(const draw_key& key, std::uint32_t position) const {
    return tie_draw(key, first_position + position);
  }
};

//! Words that belong to the example: one Philox call each.
struct id_draws {
  static constexpr purpose use = purpose::pick_by_id;
  const std::int64_t* ids = nullptr;

  __device__ philox_block words(const draw_key& key, std::uint32_t first, std::uint32_t n) const {
    philox_block words{};
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      if (first + c >= n) continue;
      words.word[c] = draw_one(key, static_cast<std::uint64_t>(ids[first + c]));
    }
    return words;
  }
  __device__ std::uint32_t tie_word(const draw_key& key, std::uint32_t position) const {
    return tie_draw(key, static_cast<std::uint64_t>(ids[position]));
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
