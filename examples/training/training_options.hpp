// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a training run is told, whatever computes it.
#pragma once

#include <gradsieve/schedule/work_schedule.hpp>

#include <cstdint>

namespace training {

inline constexpr double warm_up = 0.15;  //!< share of the budget

//! Stochastic gradient descent.
struct optimiser_options {
  float momentum = 0;      //!< in [0, 1); 0 is plain gradient descent
  bool nesterov = true;    //!< looks one step of momentum ahead; no difference without momentum
  float weight_decay = 0;  //!< added to the gradient as this multiple of the parameter
};

struct training_options {
  int batch_size = 64;
  double learning_rate = 0.1;
  gradsieve::work_schedule schedule = gradsieve::linear_decay{.warm_up = warm_up};
  optimiser_options optimiser;
  double budget = 600'000;  //!< in units of one trained example
  double forward_share = 1.0 / 3;
  std::uint64_t seed = 1;
  std::int64_t max_batch = 1024;  //!< the widest batch that a method may forward
};

}  // namespace training
