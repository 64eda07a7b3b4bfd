// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What any method needs to know of a training run.
#pragma once

#include <gradsieve/history/no_history.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/sieve/options.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! The numbers of a run that its methods are made for: `info_batch{}.make({.examples = 60'000,
//! .batch_size = 128, .epochs = 20, .seed = 1})`. Each method reads those it has a use for.
struct run_shape {
  std::int64_t examples = 0;   //!< of the data set, with the ids 0 … examples - 1
  std::size_t batch_size = 0;  //!< of a training step
  std::uint32_t epochs = 0;    //!< passes that schedules are shares of
  std::uint64_t seed = 0;      //!< same seed, same examples
  std::uint32_t replica = 0;   //!< below 2^24: separates several of one seed

  //! @throws invalid_argument, naming the method, for a schedule of shares of an unknown length.
  void need_epochs(const activity& active, std::string_view method) const {
    if (active.needs_total() && epochs == 0) {
      gradsieve::detail::fail<invalid_argument>(
          method, ": needs epochs in its run_shape, as it is on for a share of them");
    }
  }

  //! Options of a sieve whose selector looks at the batch alone: the policy has no part in it, and
  //! no history is kept. With `examples` there is a ledger beside it.
  sieve_options batch_alone(const activity& active = always{}) const {
    return {.examples = examples,
            .policy = gradsieve::uniform{1},
            .history = 1,
            .max_batch = batch_size == 0 ? std::size_t{4096} : batch_size,
            .seed = seed,
            .replica = replica,
            .active = active,
            .total_epochs = epochs};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
