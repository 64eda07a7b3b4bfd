// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The loop of independent draws over a batch: words for some hundred examples, then
//! decisions.
#pragma once

#include <gradsieve/select/draw_words.hpp>
#include <gradsieve/select/selector.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

inline auto wide_form(const wide_kernels& wide, const monotone_rule&) { return wide.monotone; }
inline auto wide_form(const wide_kernels& wide, const interval_rule&) { return wide.interval; }
inline auto wide_form(const wide_kernels& wide, const general_rule&) { return wide.general; }

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
