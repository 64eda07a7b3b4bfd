// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Importance sampling: draws with replacement in proportion to a score, once that pays.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/variance_gain.hpp>
#include <gradsieve/select/with_replacement.hpp>
#include <gradsieve/sieve.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Draws k of a batch with replacement in proportion to its scores while the smoothed variance gain
//! tau is above a threshold, and k at random without replacement below it. tau is renewed with each
//! batch: tau <- a tau + (1 - a) of the batch, from 0. Negative scores count as 0; a batch without
//! a positive one is drawn at random. Examples that must be selected have the largest score. The
//! gate is worked out in integers and saved with the sieve. O(n).
class importance_selector {
 public:
  static constexpr bool needs_batch = true;
  std::size_t k = 0;

  explicit importance_selector(double threshold = 1.5, double smoothing = 0.9)
      : threshold_(unit(threshold)), smoothing_(unit(smoothing)) {}

  //! The smoothed gain, and whether the last batch was drawn by scores.
  double gain() const { return static_cast<double>(smoothed_) / 65536; }
  bool open() const { return open_; }

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("importance", batch);
    write_masses(batch.keys);
    smoothed_ =
        (smoothing_ * smoothed_ + (65536 - smoothing_) * variance_gain(masses_.view())) >> 16;
    open_ = smoothed_ > threshold_ && has_mass();
    const std::size_t wanted = (std::min)(k, places_.size());
    if (!open_) return random_k_selector{k}.select(rule, window, key, batch, out);
    table_.assign(masses_.view());
    table_(key, out.first(wanted));
    for (std::uint32_t& slot : out.first(wanted)) slot = places_[slot];
    return wanted;
  }

  void reserve(std::size_t n) {
    places_.reserve(n);
    finite_.reserve(n);
    masses_.reserve(n);
    table_.reserve(n);
  }
  bool can_be_unbiased(std::uint64_t) const { return true; }  //!< by its own chances

  //! How often each was expected: `normalisation::unbiased` is then Hansen and Hurwitz's estimator.
  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    if (!open_) return random_k_selector{k}.inclusion(rule, window, batch, positions, out);
    const auto draws = static_cast<double>((std::min)(k, places_.size()));
    std::size_t next = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      while (next < places_.size() && places_[next] < positions[i]) ++next;
      const bool here = next < places_.size() && places_[next] == positions[i];
      out[i] = here ? static_cast<float>(draws * table_.probability(next)) : 0.0f;
    }
  }

  void write(byte_writer& out) const {
    out.put(threshold_);
    out.put(smoothing_);
    out.put(smoothed_);
  }
  void read(byte_reader& in) {
    in.expect("a gain threshold (of 65536ths) of", threshold_);
    in.expect("a smoothing (of 65536ths) of", smoothing_);
    const auto saved = in.get<std::uint64_t>();
    if (saved >> 33 != 0) detail::fail<state_error>("state: a variance gain of ", saved);
    smoothed_ = saved;
  }

 private:
  static std::uint64_t unit(double value) {
    return static_cast<std::uint64_t>(std::llround(value * 65536));
  }

  void write_masses(std::span<const loss_key> keys) {
    finite_.clear();
    places_.clear();
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == key_never) continue;
      places_.push_back(i);
      finite_.push_back(keys[i] == key_always ? loss_key{0} : keys[i]);
    }
    masses_.resize(finite_.size());
    by_value{}.write(finite_.view(), masses_.room());
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (keys[places_[i]] == key_always) masses_[i] = full_mass;
    }
  }
  bool has_mass() const {
    for (const std::uint64_t mass : masses_) {
      if (mass != 0) return true;
    }
    return false;
  }

  std::uint64_t threshold_, smoothing_, smoothed_ = 0;
  bool open_ = false;
  detail::buffer<std::uint32_t> places_;
  detail::buffer<loss_key> finite_;
  detail::buffer<std::uint64_t> masses_;
  with_replacement table_ = with_replacement(std::array<std::uint64_t, 1>{1});
};
static_assert(gradsieve::selector<importance_selector>);

//! The score to sample by: |softmax(z) - onehot(y)|, which bounds the norm of an example's gradient
//! up to a factor that all share. A logit of -infinity is a class of probability 0, as where
//! classes are masked; NaN where one is NaN or +infinity, or all are -infinity. Source: section 3.2
//! of the paper.
//! @param logits  one for each class. @throws out_of_range for a label beyond them.
inline float last_layer_bound(std::span<const float> logits, std::size_t label) {
  if (label >= logits.size()) {
    detail::fail<out_of_range>("last_layer_bound: label ", label, " of ", logits.size(),
                               " classes");
  }
  double most = static_cast<double>(logits[0]), sum = 0, squares = 0;
  for (const float z : logits) most = (std::max)(most, static_cast<double>(z));
  for (const float z : logits) sum += std::exp(static_cast<double>(z) - most);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double p = std::exp(static_cast<double>(logits[i]) - most) / sum;
    const double residual = i == label ? 1 - p : p;
    squares += residual * residual;
  }
  return static_cast<float>(std::sqrt(squares));
}

//! Writes (1 / (N p_i))^power, p_i the probability of one draw: 1 is unbiased, 0 no weight, below 0
//! emphasises what is drawn often. Source: Katharopoulos and Fleuret 2017, arXiv 1706.00043.
//! @param expected  how often each was expected in `expected.size()` draws, > 0
//! @param offered  N, of the batch. @throws invalid_argument for sizes that differ, or a count that
//! is not positive and finite; nothing is written.
inline void write_biased_weights(std::span<const float> expected, std::size_t offered, double power,
                                 std::span<float> out) {
  if (out.size() != expected.size()) {
    detail::fail<invalid_argument>("write_biased_weights: room for ", out.size(), " weights, but ",
                                   expected.size(), " counts");
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!detail::is_inclusion(expected[i])) {
      detail::fail<invalid_argument>("write_biased_weights: the count at position ", i, " is ",
                                     static_cast<double>(expected[i]));
    }
  }
  const double share = static_cast<double>(expected.size()) / static_cast<double>(offered);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(std::pow(share / static_cast<double>(expected[i]), power));
  }
}

//! A fifth of each batch (b = 128 of B = 640), with replacement in proportion to the scores, once
//! the gain tau exceeds its threshold; pass `last_layer_bound`s (or losses) as the losses. Weights
//! `selection.weights(normalisation::unbiased)` make (1 / N) sum w l unbiased. Source: algorithm 1,
//! with the numbers of its experiments on CIFAR; it surely pays from tau = (B + 3 b) / (3 b) on.
//! All equal scores: tau is 1, so the draw is uniform. NaN is never selected. Differences from the
//! public code: while tau is low, its forward pass over B is skipped altogether, which is up to the
//! trainer here: `sieve.selector().open()`.
struct importance_sampling {
  double keep = 0.2;       //!< b / B, in (0, 1]
  double threshold = 1.5;  //!< tau_th, >= 0; below 1 the gate is always open
  double smoothing = 0.9;  //!< a of tau, in [0, 1)

  static constexpr method_info info{.name = "importance_sampling",
                                    .source = "Katharopoulos and Fleuret 2018, arXiv 1803.00942",
                                    .rule = "p in proportion to a gradient bound, if tau is large",
                                    .weights = "1 / (n p)",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using selector_type = counted<importance_selector, keep_share>;
  using sieve_type = basic_sieve<no_history, selector_type>;

  //! @throws invalid_argument for numbers outside their ranges.
  sieve_type make(const run_shape& run) const {
    detail::check_share("importance_sampling: keep", keep);
    if (!detail::is_at_least_zero(threshold) || !(threshold <= 65536)) {
      detail::fail<invalid_argument>("importance_sampling: threshold is ", threshold,
                                     ", not in [0, 65536]");
    }
    if (!detail::in_unit_interval(smoothing) || smoothing >= 1) {
      detail::fail<invalid_argument>("importance_sampling: smoothing is ", smoothing,
                                     ", not in [0, 1)");
    }
    return {run.batch_alone(), no_history(),
            selector_type({keep}, importance_selector(threshold, smoothing))};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
