// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Composer's Selective-Backprop: ranks within the batch, exactly a share of it.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/successive_selector.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! int(keep n) of a batch, one after another without replacement, by p_i = ((i + .5) / n)^(1/keep -
//! 1) for ascending ranks i. On from the share `start` of the run to `end`, but at every
//! `interrupt`-th step, which trains on all (0: no such step). Source: mosaicml/composer,
//! selective_backprop. Equal losses rank by position. NaN and empty batches select none.
//! Differences from the public code: at least one is selected; NaN is not the highest rank; steps
//! are counted over the run, so those that train on all are the picks 0, interrupt, 2 interrupt, …;
//! BatchNorm's statistics are the trainer's, so score in eval mode.
struct composer {
  double keep = 0.5;  //!< in (0, 1]
  double start = 0.5, end = 0.9;
  std::uint64_t interrupt = 2;

  static constexpr method_info info{.name = "composer",
                                    .source = "mosaicml/composer 2021",
                                    .rule = "p = ((rank + .5) / n)^(1/keep - 1) in the batch",
                                    .weights = "-",
                                    .cost = "O(n log n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using selector_type = counted<successive_selector<by_batch_rank>, keep_share>;
  using sieve_type = basic_sieve<no_history, selector_type>;

  //! @throws invalid_argument unless 0 < keep <= 1 and 0 <= start <= end <= 1, and without
  //! `epochs`.
  sieve_type make(const run_shape& run) const {
    detail::check_share("composer: keep", keep);
    activity active = between{start, end};
    if (interrupt != 0) active = active && !activity(every_nth{interrupt});
    run.need_epochs(active, "composer");
    const successive_selector<by_batch_rank> inner(0, {.exponent = 1 / keep - 1});
    return {run.batch_alone(active), no_history(), selector_type({keep}, inner)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
