// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The loop of independent draws over a batch: words for some hundred examples, then
//! decisions.
#pragma once

#include <gradsieve/select/selector.hpp>
#include <gradsieve/wide/path.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

inline auto wide_form(const wide_kernels& wide, const monotone_rule&) { return wide.monotone; }
inline auto wide_form(const wide_kernels& wide, const interval_rule&) { return wide.interval; }
inline auto wide_form(const wide_kernels& wide, const general_rule&) { return wide.general; }

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

inline bool consecutive(const std::int64_t* ids, std::size_t n) {
  const auto first = static_cast<std::uint64_t>(ids[0]);
  if (static_cast<std::uint64_t>(ids[n - 1]) - first != n - 1) return false;
  std::uint64_t differences = 0;  // no early end, so that the loop is one of vectors
  for (std::size_t i = 0; i < n; ++i) {
    differences |= (static_cast<std::uint64_t>(ids[i]) - first) ^ i;
  }
  return differences == 0;
}

//! Selects by one form of rule; every path of `wide` (or none) selects the same.
template <class Form>
std::size_t select_independently(const wide_kernels* wide, const Form& form,
                                 const window_view& window, const draw_key& key,
                                 const selector_batch& batch, std::uint32_t* out) {
  constexpr std::size_t chunk = wide_kernels::most;
  alignas(64) std::uint32_t buffer[chunk];
  std::size_t count = 0;
  for (std::size_t done = 0; done < batch.keys.size();) {
    std::size_t n = (std::min)(chunk, batch.keys.size() - done);
    std::uint64_t index = batch.first + done;
    const std::uint32_t* words = nullptr;
    const std::int64_t* ids = batch.ids.empty() ? nullptr : batch.ids.data() + done;
    if (ids != nullptr) index = static_cast<std::uint64_t>(ids[0]);
    if (ids == nullptr || consecutive(ids, n)) {
      n = (std::min)(n, chunk - index % 4);
      words = draw_words(wide, key, index, n, buffer);
    } else {
      words = draw_words(wide, key, ids, n, buffer);
    }
    std::size_t i = 0;
    if constexpr (requires { wide_form(*wide, form); }) {
      if (wide != nullptr) {
        i = n - n % wide->lanes;
        count += wide_form(*wide, form)(
            form, window, {batch.keys.data() + done, words, i, static_cast<std::uint32_t>(done)},
            out + count);
      }
    }
    for (; i < n; ++i) {
      const auto tie_word = [&] {
        draw_key second = key;
        second.use = purpose::ties;
        return draw(second, ids == nullptr ? index + i : static_cast<std::uint64_t>(ids[i]));
      };
      // Writes the position whatever the decision, and keeps it by advancing `count`: no branch.
      out[count] = static_cast<std::uint32_t>(done + i);
      count += std::size_t{form(window, batch.keys[done + i], words[i], tie_word)};
    }
    done += n;
  }
  return count;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
