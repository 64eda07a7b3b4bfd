// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stale-SB: Selective-Backprop that decides on losses of earlier epochs.
#pragma once

#include <gradsieve/methods/selective_backprop.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! An example is forwarded again only when its loss is missing or stale (`due(ids)`, then
//! `refresh`), and decided on the loss on record by `pick_cached(ids)`. Source: section 5 of the
//! paper, n = 3 in its code. Variants by `refresh`: `max_age{n}` epochs since the example's own
//! last forward, `every_n_epochs{n}` for all at once, `staggered{n}`, which spreads them over the
//! epochs. Ties, NaN and empty batches as in `selective_backprop`; an example that has had only NaN
//! is due each time. Differences from the public code: it stores the loss of the training step
//! without resetting the age, forwards whole chunks for one stale example, and gives losses to the
//! wrong example once ages differ within a batch.
struct stale_selective_backprop {
  selective_backprop decision = {};
  staleness refresh = max_age{3};

  static constexpr method_info info{.name = "stale_selective_backprop",
                                    .source = "Jiang et al. 2019, arXiv 1910.00762",
                                    .rule = "the same on losses up to max_age epochs old",
                                    .weights = "-",
                                    .cost = "O(n log n + H)",
                                    .hooks = hook::draw | hook::plan,
                                    .example_bytes = 8};

  //! @throws invalid_argument without `examples`.
  sieve make(const run_shape& run) const {
    if (run.examples == 0) {
      detail::fail<invalid_argument>(
          "stale_selective_backprop: examples is 0, but it needs a ledger");
    }
    sieve_options made = decision.options(run);
    made.refresh = refresh;
    return sieve(made);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
