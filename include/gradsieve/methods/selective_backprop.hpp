// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selective-Backprop: the percentile of a loss, to a power, is its probability.
#pragma once

#include <gradsieve/history/batch_history.hpp>
#include <gradsieve/history/tied_history.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! P = max(floor, percentile^beta) of the loss among the last `history` ones, after the batch
//! entered them; independent draws, no weights; the chosen queue up for full batches. Everything is
//! trained in the first epoch. E[share selected] = 1 / (1 + beta) for continuous losses. Source:
//! section 3.2 and the public code's defaults; the paper also has beta 1 and 2.
//!
//! Published variants: `make<mid_rank_history<loss_window>>` and `make<inclusive_history<…>>` rank
//! equal losses by the middle or the last of their ranks, `tied = ties::averaged` by the mean
//! probability; of losses all equal they select P(.5), P(1) and mean P, the strict default P(0),
//! which is none. `make<batch_history>` ranks within the batch; `history = examples` within the
//! last epoch; `stale_selective_backprop`, whose `plan(epoch)` ranks within the ledger, has the
//! rule for stale losses that a plan needs. NaN enters no history.
//! Differences from the public code: NaN leaves its window never; its queue hands out one batch for
//! each batch offered, and so lags behind; its counters are of intended work.
struct selective_backprop {
  double beta = 3.0;
  double floor = 0.0;
  std::size_t history = 1024;  //!< losses
  ties tied = ties::strict;
  bool queued = true;         //!< batches of `batch_size` from `queue()`; picks then need ids
  std::uint32_t warm_up = 1;  //!< epochs that train on everything

  static constexpr method_info info{.name = "selective_backprop",
                                    .source = "Jiang et al. 2019, arXiv 1910.00762",
                                    .rule = "P = percentile^beta among the last H losses",
                                    .weights = "-",
                                    .cost = "O(n log n + H)",
                                    .hooks = hook::pick | hook::weights,
                                    .example_bytes = 0};

  sieve_options options(const run_shape& run) const {
    return {.examples = run.examples,
            .policy = power{.beta = beta, .floor = floor},
            .history = history,
            .max_batch = run.batch_size == 0 ? std::size_t{4096} : run.batch_size,
            .seed = run.seed,
            .replica = run.replica,
            .active = after_epochs{warm_up},
            .total_epochs = run.epochs,
            .queue = {.batch_size = queued ? run.batch_size : 0},
            .tied = tied};
  }

  //! @tparam History  `loss_window`, one of the variants above, or any other
  template <gradsieve::history History = loss_window>
  basic_sieve<History> make(const run_shape& run) const {
    sieve_options made = options(run);
    if constexpr (std::same_as<History, batch_history>) {
      made.history = made.max_batch;
      made.min_fill = 1;
    }
    return basic_sieve<History>(made);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
