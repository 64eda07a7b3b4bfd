// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Progressive Data Dropout: examples that the network gets right are left out, and its
//! random twin.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/key_masses.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/sieve.hpp>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! The losses above a threshold; with `Random`, as many of the batch at random. Examples that must
//! be selected are; those that must not never are. May select none. O(n).
template <bool Random>
class threshold_selector {
 public:
  static constexpr bool needs_batch = Random;

  explicit threshold_selector(double threshold = 0) : threshold_(to_key(threshold)) {}

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < batch.keys.size(); ++i) {
      out[count] = i;
      count += std::size_t{batch.keys[i] > threshold_};
    }
    if constexpr (!Random) return count;
    any_.k = count;
    return any_.select(rule, window, key, batch, out);
  }

  bool can_be_unbiased(std::uint64_t) const { return Random; }  //!< else some have no chance

  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    if constexpr (Random) return any_.inclusion(rule, window, batch, positions, out);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      out[i] = batch.keys[positions[i]] > threshold_ ? 1.0f : 0.0f;
    }
  }

  void write(byte_writer& out) const { out.put(threshold_); }
  void read(byte_reader& in) const { in.expect("a threshold of key", threshold_); }

 private:
  loss_key threshold_;
  random_k_selector any_;
};

namespace progressive {

//! Selection is on in all epochs but the last. The losses are cross-entropies, so that p < tau is
//! loss > -log tau. @throws invalid_argument unless 0 < tau < 1, and without epochs.
template <bool Random>
basic_sieve<no_history, threshold_selector<Random>> make(const run_shape& run, double tau) {
  if (!detail::in_unit_interval(tau) || !(tau > 0) || !(tau < 1)) {
    detail::fail<invalid_argument>("progressive_dropout: tau is ", tau, ", not in (0, 1)");
  }
  if (run.epochs == 0) {
    detail::fail<invalid_argument>("progressive_dropout: needs epochs, for its last one");
  }
  const activity active = !activity(after_epochs{run.epochs - 1});
  return {run.batch_alone(active), no_history(), threshold_selector<Random>(-std::log(tau))};
}

}  // namespace progressive

//! Trains on the examples whose probability of the true class is below tau, after the forward pass
//! of each batch; in the last epoch on all. The losses must be cross-entropies. A probability of
//! tau itself is left out, NaN always, and a batch may select none. Call `begin_epoch`. Source: the
//! paper's difficulty-based variant (DBPD), tau = .3.
//! Differences from the public code: its scoring forward is in train mode and so moves BatchNorm's
//! statistics, which here is the trainer's to avoid.
struct progressive_dropout {
  double tau = 0.3;  //!< in (0, 1)

  static constexpr method_info info{.name = "progressive_dropout",
                                    .source = "Shriram et al., NeurIPS 2025, arXiv 2505.22342",
                                    .rule = "p(true class) < tau; all in the last epoch",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};

  //! @throws invalid_argument unless 0 < tau < 1, and without `epochs`.
  basic_sieve<no_history, threshold_selector<false>> make(const run_shape& run) const {
    return progressive::make<false>(run, tau);
  }
};

//! Its twin: as many of each batch, at random. Often as good. Source: the paper's schedule-matched
//! random dropout (SMRD). Differences: matched batch by batch, there epoch by epoch.
struct progressive_dropout_random {
  double tau = 0.3;  //!< in (0, 1)

  static constexpr method_info info{.name = "progressive_dropout_random",
                                    .source = "Shriram et al., NeurIPS 2025, arXiv 2505.22342",
                                    .rule = "as many as progressive_dropout, at random",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};

  //! @throws invalid_argument unless 0 < tau < 1, and without `epochs`.
  basic_sieve<no_history, threshold_selector<true>> make(const run_shape& run) const {
    return progressive::make<true>(run, tau);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
