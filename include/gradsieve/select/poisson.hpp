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
    if (rule.by_group.count != 0) return by_group(rule, window, key, batch, out);
    return rule.visit([&](auto form) {
      return batch.ids.empty() ? by_position(form, window, key, batch, out.data())
                               : by_id(form, window, key, batch, out.data());
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
  //! One batch's decisions. The form and the window are copies: their fields must not be read again
  //! after each store into `out`.
  template <class Form>
  struct decisions {
    Form form;
    window_view window;
    draw_key key;
    std::uint32_t* out;
    std::size_t count = 0;

    //! Writes `position` whatever the decision, and keeps it by advancing `count`: no branch.
    void decide(loss_key loss, std::uint32_t word, std::uint64_t index, std::size_t position) {
      const auto tie_word = [this, index] {
        draw_key second = key;
        second.use = purpose::ties;
        return draw(second, index);
      };
      out[count] = static_cast<std::uint32_t>(position);
      count += std::size_t{form(window, loss, word, tie_word)};
    }
  };

  template <class Form>
  static std::size_t by_position(Form form, window_view window, const draw_key& key,
                                 const selector_batch& batch, std::uint32_t* out) {
    const loss_key* keys = batch.keys.data();
    const std::size_t n = batch.keys.size();
    const std::uint64_t first = batch.first;
    decisions<Form> to{form, window, key, out};
    std::size_t i = 0;
    for (; i < n && (first + i) % 4 != 0; ++i)
      to.decide(keys[i], draw(key, first + i), first + i, i);
    for (; i + 4 <= n; i += 4) {
      const philox_block words = draw_four(key, (first + i) / 4);
      for (std::size_t lane = 0; lane < 4; ++lane) {
        to.decide(keys[i + lane], words.word[lane], first + i + lane, i + lane);
      }
    }
    for (; i < n; ++i) to.decide(keys[i], draw(key, first + i), first + i, i);
    return to.count;
  }

  template <class Form>
  static std::size_t by_id(Form form, window_view window, const draw_key& key,
                           const selector_batch& batch, std::uint32_t* out) {
    decisions<Form> to{form, window, key, out};
    std::uint64_t block = ~std::uint64_t{0};  // no id is in this one: ids are below 2^63
    philox_block words{};
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
      const auto id = static_cast<std::uint64_t>(batch.ids[i]);
      if (id / 4 != block) {
        block = id / 4;
        words = draw_four(key, block);
      }
      to.decide(batch.keys[i], words.word[id % 4], id, i);
    }
    return to.count;
  }

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
