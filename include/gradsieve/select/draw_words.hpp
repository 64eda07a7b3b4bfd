// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The words of many draws at once: those that `draw` gives, for a fraction of its time.
#pragma once

#include <gradsieve/random/draw.hpp>
#include <gradsieve/wide/path.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The words of indices `index` … `index + n - 1`, after those of the same block before them;
//! returns where they start. @param words  room for n + index % 4, rounded up to a multiple of 64
inline const std::uint32_t* draw_words(const wide_kernels* wide, const draw_key& key,
                                       std::uint64_t index, std::size_t n, std::uint32_t* words) {
  const std::size_t before = index % 4, size = before + n;
  const std::uint64_t first = index / 4, last = (index + n - 1) / 4;
  if (wide != nullptr && first >> 32 == last >> 32) {
    const std::size_t step = 4 * wide->lanes;
    wide->draw(key, first, (size + step - 1) / step * step, words);
  } else {
    for (std::size_t i = 0; i < size; i += 4) {
      const philox_block four = draw_four(key, (index - before + i) / 4);
      for (std::size_t lane = 0; lane < 4; ++lane) words[i + lane] = four.word[lane];
    }
  }
  return words + before;
}

//! The word of each of n ids.
inline const std::uint32_t* draw_words(const wide_kernels* wide, const draw_key& key,
                                       const std::int64_t* ids, std::size_t n,
                                       std::uint32_t* words) {
  std::size_t i = 0;
  if (wide != nullptr) {
    i = n - n % wide->lanes;
    wide->draw_ids(key, ids, i, words);
  }
  for (; i < n; ++i) words[i] = draw(key, static_cast<std::uint64_t>(ids[i]));
  return words;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
