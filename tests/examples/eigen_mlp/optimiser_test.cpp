// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "optimiser.hpp"

#include <array>

#include "catch.hpp"

namespace {

using namespace eigen_mlp;

TEST_CASE("plain descent, momentum, Nesterov and weight decay follow their definitions") {
  const std::array<float, 1> gradient{2.0f};
  const auto two_steps = [&](optimiser_options options) {
    std::array<float, 1> parameter{1.0f};
    optimiser rule(1, options);
    rule.step(parameter, gradient, 0.1f);
    rule.step(parameter, gradient, 0.1f);
    return parameter[0];
  };
  CHECK(two_steps({}) == Approx(1 - 0.1 * 2 - 0.1 * 2));
  // Velocities 2 and 2 + .5 * 2.
  CHECK(two_steps({.momentum = 0.5f, .nesterov = false}) == Approx(1 - 0.1 * 2 - 0.1 * 3));
  // Gradient + momentum * velocity.
  CHECK(two_steps({.momentum = 0.5f}) == Approx(1 - 0.1 * (2 + 1) - 0.1 * (2 + 1.5)));
  // 1 - .1 * (2 + .5) = .75, then .75 - .1 * (2 + .375).
  CHECK(two_steps({.weight_decay = 0.5f}) == Approx(0.75 - 0.1 * 2.375));
}

}  // namespace
