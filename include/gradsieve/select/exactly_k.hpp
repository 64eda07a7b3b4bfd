// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of a batch, each with a probability proportional to the policy's.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/select/rule_masses.hpp>
#include <gradsieve/select/sampler.hpp>
#include <gradsieve/select/systematic.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Systematic sampling of min(k, n) examples: inclusion pi_i = min(1, c P_i) with sum k, so the
//! shape of a batch never changes. Examples that must be selected come first; when they alone
//! exceed k, k of them are drawn uniformly. Examples that must not be selected never are, so fewer
//! than k are selected when no others are left. When fewer than k have any probability, the rest is
//! filled uniformly: `filled()` tells how many. Refuses draws keyed by id. O(n log H).
class exactly_k_selector {
 public:
  static constexpr bool needs_batch = true;  //!< a decision depends on the batch's others
  std::size_t k = 0;

  explicit exactly_k_selector(std::size_t count = 0) : k(count) {}

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("exactly_k", batch);
    crowded_ = detail::is_crowded(batch.keys, k);
    assign(rule, window, batch);
    const systematic_result result = draw_(masses_.view(), k, key, out);
    filled_ = result.filled;
    for (std::size_t i = 0; i < result.selected; ++i) out[i] = places_[out[i]];
    return result.selected;
  }

  void reserve(std::size_t n) {
    masses_.reserve(n);
    places_.reserve(n);
  }

  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const loss_key key = batch.keys[positions[i]];
      const bool out_of_draw = key == key_never || (crowded_ && key != key_always);
      out[i] =
          out_of_draw
              ? 0.0f
              : static_cast<float>(draw_.inclusion(mass_of(rule, window, batch, positions[i])));
    }
  }

  //! Of the last batch, how many examples without any probability were taken to make up the count.
  std::size_t filled() const { return filled_; }

 private:
  //! The masses of those that may be selected, and their places.
  void assign(const rule_view& rule, const window_view& window, const selector_batch& batch) {
    const std::size_t n = batch.keys.size();
    masses_.clear();
    places_.clear();
    std::uint64_t* const masses = masses_.extend(n);
    std::uint32_t* const places = places_.extend(n);
    std::size_t size = 0;
    constexpr std::size_t chunk = detail::wide_kernels::most;
    std::uint64_t of_chunk[chunk] = {};
    for (std::size_t done = 0; done < n; done += chunk) {
      const detail::slice keys(batch.keys.data() + done, (std::min)(chunk, n - done));
      const group_id* groups = batch.groups == nullptr ? nullptr : batch.groups + done;
      if (!crowded_) detail::rule_masses(rule, window, keys, groups, of_chunk);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const bool certain = keys[i] == key_always;
        masses[size] = !certain ? of_chunk[i] : crowded_ ? 1 : certain_mass;
        places[size] = static_cast<std::uint32_t>(done + i);
        size += std::size_t{crowded_ ? certain : keys[i] != key_never};
      }
    }
    masses_.resize(size);
    places_.resize(size);
  }

  std::uint64_t mass_of(const rule_view& rule, const window_view& window,
                        const selector_batch& batch, std::size_t i) const {
    if (batch.keys[i] == key_always) return crowded_ ? 1 : certain_mass;
    return rule.mass_of(window, batch.keys[i], batch.group(i));
  }

  systematic draw_;
  detail::buffer<std::uint64_t> masses_;
  detail::buffer<std::uint32_t> places_;
  std::size_t filled_ = 0;
  bool crowded_ = false;
};

static_assert(selector<exactly_k_selector>);

using exactly_k = sampler<exactly_k_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
