// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stochastic gradient descent: momentum, Nesterov's variant, weight decay.
#pragma once

#include "../training/training_options.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace eigen_mlp {

using training::optimiser_options;

class optimiser {
 public:
  optimiser(std::size_t parameters, optimiser_options options)
      : options_(options), velocity_(options.momentum > 0 ? parameters : 0) {}

  //! parameters -= learning_rate * direction; both spans have the size given at construction.
  void step(std::span<float> parameters, std::span<const float> gradient, float learning_rate);

  //! What it remembers from step to step; empty without momentum.
  std::span<float> velocity() { return velocity_; }
  std::span<const float> velocity() const { return velocity_; }

 private:
  optimiser_options options_;
  std::vector<float> velocity_;
};

}  // namespace eigen_mlp
