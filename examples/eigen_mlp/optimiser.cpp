// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "optimiser.hpp"

namespace eigen_mlp {

void optimiser::step(std::span<float> parameters, std::span<const float> gradient,
                     float learning_rate) {
  const float decay = options_.weight_decay;
  const float momentum = options_.momentum;
  if (velocity_.empty()) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i] -= learning_rate * (gradient[i] + decay * parameters[i]);
    }
    return;
  }
  const float ahead = options_.nesterov ? momentum : 1.0f;
  const float fresh = options_.nesterov ? 1.0f : 0.0f;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const float slope = gradient[i] + decay * parameters[i];
    velocity_[i] = momentum * velocity_[i] + slope;
    parameters[i] -= learning_rate * (fresh * slope + ahead * velocity_[i]);
  }
}

}  // namespace eigen_mlp
