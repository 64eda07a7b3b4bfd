// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Independent draws: each example is selected with its own probability.
#pragma once

#include <gradsieve/select/independent.hpp>
#include <gradsieve/select/sampler.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Poisson sampling. The decision on an example depends on its key, the window, and its own draw
//! alone: a batch in two halves selects what the whole would. O(n), four examples to a draw when
//! keyed by position or by consecutive ids.
struct poisson_selector {
  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) const {
    if (rule.by_group.count != 0) return by_group(rule, window, key, batch, out);
    const detail::wide_kernels* wide = detail::wide_path();
    return rule.visit([&](const auto& form) {
      return detail::select_independently(wide, form, window, key, batch, out.data());
    });
  }

  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const std::uint64_t mass =
          rule.mass_of(window, batch.keys[positions[i]], batch.group(positions[i]));
      out[i] = static_cast<float>(to_probability(mass));
    }
  }

 private:
  //! Each example by the table of its group: a rank search for each.
  static std::size_t by_group(const rule_view& rule, const window_view& window, const draw_key& key,
                              const selector_batch& batch, std::span<std::uint32_t> out) {
    std::size_t count = 0;
    std::uint64_t block = ~std::uint64_t{0};
    philox_block words{};
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
      const std::uint64_t index = batch.draw_index(i);
      if (index / 4 != block) {
        block = index / 4;
        words = draw_four(key, block);
      }
      out[count] = static_cast<std::uint32_t>(i);
      count +=
          std::size_t{words.word[index % 4] < rule.mass_of(window, batch.keys[i], batch.group(i))};
    }
    return count;
  }
};

static_assert(selector<poisson_selector>);

//! Poisson sampling on its own: owns its rule, draws from a seed, writes into a caller's buffer.
using poisson = sampler<poisson_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
