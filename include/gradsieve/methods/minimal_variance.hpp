// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Minimal-variance sampling: inclusion in proportion to a score, certain from a threshold
//! on.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/systematic.hpp>
#include <gradsieve/sieve.hpp>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Independent draws with p_i = min(1, s_i / mu), mu such that they sum to k: the shares of
//! `systematic`, drawn one by one, in integers. Negative scores count as 0. When fewer than k are
//! positive, k cannot be reached: those are certain, none of the others is drawn, and `reached()`
//! is false. Examples that must be selected are certain; when they exceed k, each has k over their
//! number. O(n), in a few passes. Source: Ibragimov and Gusev 2019, theorem 1.
class minimal_variance_selector {
 public:
  static constexpr bool needs_batch = true;
  std::size_t k = 0;

  explicit minimal_variance_selector(std::size_t count = 0) : k(count) {}

  std::size_t select(const rule_view&, const window_view&, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("minimal_variance", batch);
    by_value by;
    eligible_.assign(by, batch.keys, k);
    const auto masses = eligible_.masses();
    std::size_t positive = 0;
    for (std::size_t i = 0; i < masses.size(); ++i) positive += std::size_t{masses[i] != 0};
    reached_ = positive >= (std::min)(k, masses.size());
    shares_.prepare(masses, (std::min)(k, positive));
    std::size_t count = 0;
    for (std::size_t i = 0; i < masses.size(); ++i) {
      out[count] = eligible_.place(i);
      count += std::size_t{shares_.draws(masses[i], draw(key, batch.first + eligible_.place(i)))};
    }
    return count;
  }

  void reserve(std::size_t n) { eligible_.reserve(n); }
  bool can_be_unbiased(std::uint64_t) const { return true; }  //!< by its own chances

  void inclusion(const rule_view&, const window_view&, const selector_batch&,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    std::size_t next = 0;  // both ascend
    for (std::size_t i = 0; i < positions.size(); ++i) {
      while (next < eligible_.size() && eligible_.place(next) < positions[i]) ++next;
      const bool here = next < eligible_.size() && eligible_.place(next) == positions[i];
      out[i] = here ? static_cast<float>(shares_.inclusion(eligible_.masses()[next])) : 0.0f;
    }
  }

  //! Whether the last batch had k examples to choose from.
  bool reached() const { return reached_; }

 private:
  detail::eligible_masses eligible_;
  systematic shares_;
  bool reached_ = true;
};
static_assert(gradsieve::selector<minimal_variance_selector>);

//! The score of gradient boosting: sqrt(g^2 + lambda h^2), g and h an example's first and second
//! derivatives. In other trainers the score is the gradient's norm, or the loss.
inline float minimal_variance_score(float g, float h, float lambda = 1) {
  return std::sqrt(g * g + lambda * h * h);
}

//! About int(keep n) of each batch; `weights(normalisation::unbiased)` are 1 / p. All equal scores:
//! each with probability k / n; all 0: none. NaN is never selected.
//! Differences from the public code (CatBoost, XGBoost): there the score is made of both
//! derivatives and lambda estimated, and an unreachable k divides by 0.
struct minimal_variance {
  double keep = 0.8;  //!< k over n, in (0, 1]; CatBoost's subsample

  static constexpr method_info info{.name = "minimal_variance",
                                    .source = "Ibragimov and Gusev, NeurIPS 2019, arXiv 1910.13204",
                                    .rule = "p = min(1, score / mu), independent draws",
                                    .weights = "1 / p",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using selector_type = counted<minimal_variance_selector, keep_share>;
  using sieve_type = basic_sieve<no_history, selector_type>;

  //! @throws invalid_argument unless 0 < keep <= 1.
  sieve_type make(const run_shape& run) const {
    detail::check_share("minimal_variance: keep", keep);
    return {run.batch_alone(), no_history(), selector_type({keep})};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
