// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of a batch one after another, by masses that are made of the batch's own keys.
#pragma once

#include <gradsieve/select/key_masses.hpp>
#include <gradsieve/select/selector.hpp>
#include <gradsieve/select/successive.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! min(k, n) examples of a batch, drawn successively (see `successive`) by the masses that `Masses`
//! makes of their keys; the policy has no part in it. Examples that must be selected come first,
//! those that must not never are. When fewer than k have mass, the rest is filled uniformly.
//! Inclusion probabilities are approximate, so weights made of them are not exactly unbiased.
//! O(n + k log n), and what `Masses` takes. Refuses draws keyed by id.
template <key_masses Masses>
class successive_selector {
 public:
  static constexpr bool needs_batch = true;  //!< a decision depends on the batch's others
  std::size_t k = 0;

  explicit successive_selector(std::size_t count = 0, Masses by = {})
      : k(count), by_(std::move(by)) {}

  std::size_t select(const rule_view&, const window_view&, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("successive", batch);
    eligible_.assign(by_, batch.keys, k);
    const systematic_result result = draw_(eligible_.masses(), k, key, out);
    filled_ = result.filled;
    for (std::size_t i = 0; i < result.selected; ++i) out[i] = eligible_.place(out[i]);
    return result.selected;
  }

  void reserve(std::size_t n) {
    detail::reserve_for(by_, n);
    draw_.reserve(n);
    eligible_.reserve(n);
    approximate_.reserve(n);
  }
  //! As far as the approximation goes.
  bool can_be_unbiased(std::uint64_t) const { return true; }

  void inclusion(const rule_view&, const window_view&, const selector_batch&,
                 std::span<const std::uint32_t> positions, std::span<float> out) {
    approximate_.resize(eligible_.size());
    successive::approximate_inclusion(eligible_.masses(), k, approximate_.room());
    std::size_t next = 0;  // both ascend
    for (std::size_t i = 0; i < positions.size(); ++i) {
      while (next < eligible_.size() && eligible_.place(next) < positions[i]) ++next;
      const bool here = next < eligible_.size() && eligible_.place(next) == positions[i];
      out[i] = here ? static_cast<float>(approximate_[next]) : 0.0f;
    }
  }

  //! Of the last batch, how many examples without any mass were taken to make up the count.
  std::size_t filled() const { return filled_; }

 private:
  Masses by_;
  successive draw_;
  detail::eligible_masses eligible_;
  detail::buffer<double> approximate_;
  std::size_t filled_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
