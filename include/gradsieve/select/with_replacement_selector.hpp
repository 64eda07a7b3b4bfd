// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file k draws of a batch with replacement, each in proportion to the policy.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/rule_masses.hpp>
#include <gradsieve/select/sampler.hpp>
#include <gradsieve/select/with_replacement.hpp>

#include <algorithm>
#include <array>

namespace gradsieve::inline GRADSIEVE_ABI {

//! min(k, n) draws, n the examples that may be selected; an example drawn twice is selected twice.
//! Each draw takes an example in proportion to its P, or any of them alike where none has any.
//! Examples that must be selected are, once each, before anything is drawn; when they alone exceed
//! k, k of them are selected at random. Refuses draws keyed by id. O(n log H).
//! Source: Hansen and Hurwitz 1943; their estimator is `weights(normalisation::unbiased)`.
class with_replacement_selector {
 public:
  static constexpr bool needs_batch = true;  //!< a decision depends on the batch's others
  std::size_t k = 0;

  explicit with_replacement_selector(std::size_t count = 0) : k(count) {}

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("with_replacement", batch);
    crowded_ = detail::is_crowded(batch.keys, k);
    any_.k = k;
    if (crowded_) return any_.select(rule, window, key, batch, out);
    assign(rule, window, batch);
    const std::size_t draws = (std::min)(k - must_.size(), places_.size());
    drawn_.resize(draws);
    if (draws != 0) {
      table_.assign(masses_.view());
      table_(key, drawn_.room());
    }
    for (std::uint32_t& place : drawn_) place = places_[place];
    std::merge(must_.begin(), must_.end(), drawn_.begin(), drawn_.end(), out.data());
    return must_.size() + draws;
  }

  //! How often each was expected: above 1 for one that was to be drawn more than once.
  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    if (crowded_) return any_.inclusion(rule, window, batch, positions, out);
    const auto draws = static_cast<double>(drawn_.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const loss_key key = batch.keys[positions[i]];
      if (key == key_always || key == key_never || drawn_.size() == 0) {
        out[i] = key == key_always ? 1.0f : 0.0f;
        continue;
      }
      const std::uint64_t mass = alike_ ? 1 : rule.mass_of(window, key, batch.group(positions[i]));
      out[i] = static_cast<float>(draws * (static_cast<double>(mass) / static_cast<double>(sum_)));
    }
  }

  void reserve(std::size_t n) {
    must_.reserve(n);
    places_.reserve(n);
    drawn_.reserve(n);
    masses_.reserve(n);
    table_.reserve(n);
  }

 private:
  //! Whom a draw may take, and the masses of those.
  void assign(const rule_view& rule, const window_view& window, const selector_batch& batch) {
    const std::size_t n = batch.keys.size();
    must_.clear();
    places_.clear();
    masses_.resize(n);
    detail::rule_masses(rule, window, {batch.keys.data(), n}, batch.groups, masses_.data());
    sum_ = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (batch.keys[i] == key_always) must_.push_back(i);
      if (batch.keys[i] == key_always || batch.keys[i] == key_never) continue;
      sum_ += masses_[i];
      masses_[places_.size()] = masses_[i];
      places_.push_back(i);
    }
    masses_.resize(places_.size());
    alike_ = sum_ == 0;
    if (alike_) masses_.assign(places_.size(), 1);
    if (alike_) sum_ = places_.size();
  }

  detail::buffer<std::uint32_t> must_, places_, drawn_;
  detail::buffer<std::uint64_t> masses_;
  random_k_selector any_;  // of more that must be selected than k
  with_replacement table_ = with_replacement(std::array<std::uint64_t, 1>{1});
  std::uint64_t sum_ = 0;
  bool alike_ = false, crowded_ = false;
};

static_assert(selector<with_replacement_selector>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
