// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stochastic gradient descent: momentum, Nesterov's variant, weight decay.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace eigen_mlp {

struct optimiser_options {
  float momentum = 0;      //!< in [0, 1); 0 is plain gradient descent
  bool nesterov = true;    //!< looks one step of momentum ahead; no difference without momentum
  float weight_decay = 0;  //!< added to the gradient as this multiple of the parameter
};

class optimiser {
 public:
  optimiser(std::size_t parameters, optimiser_options options)
      : options_(options), velocity_(options.momentum > 0 ? parameters : 0) {}

  //! parameters -= learning_rate * direction; both spans have the size given at construction.
  void step(std::span<float> parameters, std::span<const float> gradient, float learning_rate);

  //! What it remembers from step to step; empty without momentum.
  std::span<float> velocity() { return velocity_; }

 private:
  optimiser_options options_;
  std::vector<float> velocity_;
};

}  // namespace eigen_mlp
