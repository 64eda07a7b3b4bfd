// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A fixed share of each batch: the largest losses, the smallest, or any at random.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! The int(keep n) largest losses of each batch, at least one. Of equal losses the earlier win, so
//! of a batch of equal ones the first are taken. NaN is never selected.
//! Differences: implementations by `argsort()[-k:]` select all for k = 0, and rank NaN highest.
struct top_k {
  double keep = 0.5;  //!< in (0, 1]

  static constexpr method_info info{.name = "top_k",
                                    .source = "Kawaguchi and Lu, AISTATS 2020, arXiv 1907.04371",
                                    .rule = "the largest losses of the batch",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using sieve_type = basic_sieve<no_history, counted<top_k_selector, keep_share>>;

  //! @throws invalid_argument unless 0 < keep <= 1.
  sieve_type make(const run_shape& run) const {
    detail::check_share("top_k: keep", keep);
    return {run.batch_alone(), no_history(), counted<top_k_selector, keep_share>({keep})};
  }
};

//! The int(keep n) smallest losses of each batch, at least one: the control that a claim for the
//! largest should beat. Ties and NaN as in `top_k`.
struct low_k {
  double keep = 0.5;  //!< in (0, 1]

  static constexpr method_info info{.name = "low_k",
                                    .source = "control",
                                    .rule = "the smallest losses of the batch",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using sieve_type = basic_sieve<no_history, counted<low_k_selector, keep_share>>;

  //! @throws invalid_argument unless 0 < keep <= 1.
  sieve_type make(const run_shape& run) const {
    detail::check_share("low_k: keep", keep);
    return {run.batch_alone(), no_history(), counted<low_k_selector, keep_share>({keep})};
  }
};

//! int(keep n) of each batch at random, at least one, every subset equally likely, whatever the
//! losses: no claim is made without it. NaN is never selected.
struct random_k {
  double keep = 0.5;  //!< in (0, 1]

  static constexpr method_info info{.name = "random_k",
                                    .source = "control",
                                    .rule = "a random share of the batch",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using sieve_type = basic_sieve<no_history, counted<random_k_selector, keep_share>>;

  //! @throws invalid_argument unless 0 < keep <= 1.
  sieve_type make(const run_shape& run) const {
    detail::check_share("random_k: keep", keep);
    return {run.batch_alone(), no_history(), counted<random_k_selector, keep_share>({keep})};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
