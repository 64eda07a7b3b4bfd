// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The loop over epochs and batches that all methods share, which can be stopped and resumed.
#pragma once

#include "methods.hpp"
#include "trainer.hpp"

#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/policy/uniform.hpp>

#include <algorithm>
#include <cmath>

namespace training {

//! The run as the library's methods want to know it. Its length is that of plain training.
inline gradsieve::methods::run_shape shape_of(const trainer& run) {
  return {.examples = run.examples(),
          .batch_size = run.batch_size(),
          .epochs = static_cast<std::uint32_t>(std::max(2.0, std::round(run.passes()))),
          .seed = run.seed()};
}

//! The batches of an epoch's plan from `at` on.
inline gradsieve::plan_batches rest_of(const gradsieve::plan_view& plan, const place& at,
                                       std::size_t batch_size) {
  return plan.batches(batch_size, gradsieve::last_batch::partial, at.batch);
}

//! A sieve that plans by this policy, after an epoch over everything.
inline gradsieve::sieve_options planned(const trainer& run, const method_options& options,
                                        gradsieve::curve policy) {
  return {.examples = run.examples(),
          .policy = policy,
          .seed = run.seed(),
          .active = gradsieve::after_epochs{1},
          .refresh = gradsieve::max_age{options.max_age}};
}

//! Gives all ids of an epoch in shuffled order: its plan selects nothing.
inline gradsieve::sieve shuffled(const trainer& run) {
  return gradsieve::sieve(
      {.examples = run.examples(), .policy = gradsieve::uniform{1}, .seed = run.seed()});
}
inline auto all_batches(const trainer& run, gradsieve::sieve& order) {
  return [&](const place& at) { return rest_of(order.plan(at.epoch), at, run.batch_size()); };
}

//! Trains on epochs of batches until the budget is spent. Between two batches the run can be saved;
//! a resumed one goes on there.
//! @param parts  all that the method has: they are saved and loaded with the run
//! @param open    `plan_batches(place)`: the rest of an epoch. Called at the epoch's start, where
//!                `batch` is 0, and by a resumed run in its middle.
//! @param step    `void(ids)`: trains on a batch
template <class Open, class Step>
void train_epochs(trainer& run, trainer::part_list parts, Open open, Step step) {
  for (place at = run.begin(parts); !run.finished(); at = {at.epoch + 1, 0}) {
    for (const auto ids : open(at)) {
      if (run.finished()) break;
      step(ids);
      ++at.batch;
      run.between_batches(at, parts);
    }
    run.end_epoch(static_cast<std::size_t>(run.examples()));
  }
}

}  // namespace training
