// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Independent draws: each example is selected with its own probability.
#pragma once

#include <gradsieve/select/sampler.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Poisson sampling. The decision on an example depends on its key, the window, and its own draw
//! alone: a batch in two halves selects what the whole would. O(n), four examples to a draw when
//! keyed by position or by consecutive ids.
struct poisson_selector {
  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) const {
    return rule.visit([&](auto form) {
      return batch.ids.empty() ? by_position(form, window, key, batch, out.data())
                               : by_id(form, window, key, batch, out.data());
    });
  }

  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const std::uint64_t mass = rule.mass_of(window, batch.keys[positions[i]]);
      out[i] = static_cast<float>(static_cast<double>(mass) / static_cast<double>(full_mass));
    }
  }

 private:
  // The form and the window are passed by value: their fields must not be read again after each
  // store into `out`.

  //! Writes `position` whatever the decision, and keeps it by advancing `count`: no branch.
  template <class Form>
  static void decide(Form form, window_view window, loss_key loss, std::uint32_t word,
                     std::size_t position, std::uint32_t* out, std::size_t& count) {
    out[count] = static_cast<std::uint32_t>(position);
    count += std::size_t{form(window, loss, word)};
  }

  template <class Form>
  static std::size_t by_position(Form form, window_view window, const draw_key& key,
                                 const selector_batch& batch, std::uint32_t* out) {
    const loss_key* keys = batch.keys.data();
    const std::size_t n = batch.keys.size();
    std::size_t i = 0, count = 0;
    for (; i < n && (batch.first + i) % 4 != 0; ++i) {
      decide(form, window, keys[i], draw(key, batch.first + i), i, out, count);
    }
    for (; i + 4 <= n; i += 4) {
      const philox_block words = draw_four(key, (batch.first + i) / 4);
      for (std::size_t lane = 0; lane < 4; ++lane) {
        decide(form, window, keys[i + lane], words.word[lane], i + lane, out, count);
      }
    }
    for (; i < n; ++i) {
      decide(form, window, keys[i], draw(key, batch.first + i), i, out, count);
    }
    return count;
  }

  template <class Form>
  static std::size_t by_id(Form form, window_view window, const draw_key& key,
                           const selector_batch& batch, std::uint32_t* out) {
    std::size_t count = 0;
    std::uint64_t block = ~std::uint64_t{0};  // no id is in this one: ids are below 2^63
    philox_block words{};
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
      const auto id = static_cast<std::uint64_t>(batch.ids[i]);
      if (id / 4 != block) {
        block = id / 4;
        words = draw_four(key, block);
      }
      decide(form, window, batch.keys[i], words.word[id % 4], i, out, count);
    }
    return count;
  }
};

static_assert(selector<poisson_selector>);

//! Poisson sampling on its own: owns its rule, draws from a seed, writes into a caller's buffer.
using poisson = sampler<poisson_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
