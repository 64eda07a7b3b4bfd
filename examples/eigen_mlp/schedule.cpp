// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "schedule.hpp"

#include <cmath>
#include <numbers>

namespace eigen_mlp {

double learning_rate(double peak, double progress, decay shape, double warm_up) {
  if (progress >= 1) return 0;
  if (progress < warm_up) return peak * progress / warm_up;
  const double left = (1 - progress) / (1 - warm_up);
  if (shape == decay::linear) return peak * left;
  return peak * 0.5 * (1 - std::cos(std::numbers::pi * left));
}

}  // namespace eigen_mlp
