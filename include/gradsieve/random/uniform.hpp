// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file From random words to unbiased integers and to reals in [0, 1).
#pragma once

#include <gradsieve/random/draw.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A real in [0, 1) with 32 random bits; exact in a double, never 1.
GRADSIEVE_HOST_DEVICE constexpr double to_unit(std::uint32_t word) {
  return word * (1.0 / 4294967296.0);
}

namespace detail {

struct product128 {
  std::uint64_t high, low;
};

//! The full product of two 64-bit integers, without a 128-bit type.
GRADSIEVE_HOST_DEVICE constexpr product128 multiply(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t half = 0xffffffffu;
  const std::uint64_t low = (a & half) * (b & half);
  const std::uint64_t middle = (a >> 32) * (b & half) + (low >> 32);
  const std::uint64_t cross = (a & half) * (b >> 32) + (middle & half);
  return {(a >> 32) * (b >> 32) + (middle >> 32) + (cross >> 32), (cross << 32) | (low & half)};
}

}  // namespace detail

//! An integer in [0, `bound`), every value equally likely: Lemire's multiply-and-reject ("Fast
//! random integer generation in an interval", 2019) on 64-bit words. The words are those of the
//! block with counter (index, step, stream); after two rejections the block itself becomes the next
//! counter, so the answer stays a pure function. The block is that of `draw` at indices 4 index …
//! 4 index + 3: give one of the two a purpose of its own. `bound` 0 means 2^64. Two words nearly
//! always.
GRADSIEVE_HOST_DEVICE constexpr std::uint64_t uniform_below(const draw_key& key,
                                                            std::uint64_t index,
                                                            std::uint64_t bound) {
  philox_block block = draw_four(key, index);
  for (;;) {
    for (int pair = 0; pair < 2; ++pair) {
      const std::uint64_t word =
          (std::uint64_t{block.word[2 * pair + 1]} << 32) | block.word[2 * pair];
      if (bound == 0) return word;
      const auto [high, low] = detail::multiply(word, bound);
      // 2^64 mod bound words are too many; they are those with the smallest low halves.
      if (low >= bound || low >= (0 - bound) % bound) return high;
    }
    block = philox(block, key.seed);
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
