// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A training step that spares the backward pass of examples with next to no gradient.
#pragma once

#include "methods.hpp"

#include <gradsieve/gradsieve.hpp>

#include <vector>

namespace training {

//! Forwards a batch and back-propagates all but the lowest losses, by their percentile among the
//! last ones. The sum of the gradients is divided by the whole batch, so that the step is that of
//! plain SGD but for what the skipped examples would have added, which is little: see the figure of
//! loss against gradient norm.
class light_step {
 public:
  light_step(trainer& run, const method_options& options)
      : run_(run),
        sieve_({.policy = gradsieve::step{.threshold = options.skip},
                .history = options.history,
                .seed = run.seed()}) {
    sieve_.watch(run);
  }

  std::span<const float> operator()(std::span<const std::int64_t> ids) {
    const auto losses = run_.forward(ids);
    const auto kept = run_.selecting([&] { return sieve_.pick(losses); });
    const float share = static_cast<float>(kept.size()) / static_cast<float>(ids.size());
    weights_.assign(kept.size(), share);
    run_.backward(kept.positions(), weights_);
    return losses;
  }

  //! What it remembers from step to step.
  gradsieve::sieve* memory() { return &sieve_; }

 private:
  trainer& run_;
  gradsieve::sieve sieve_;
  std::vector<float> weights_;
};

}  // namespace training
