// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses to benchmark on: fixed, log-normal like a classifier's in the middle of training.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

inline std::vector<float> losses(std::size_t n, std::uint32_t seed = 1) {
  std::mt19937 engine(seed);
  std::lognormal_distribution<float> draw(-1.0f, 1.5f);
  std::vector<float> values(n);
  for (float& value : values) value = draw(engine);
  return values;
}

//! Whether a selected share is what the policy asks for, to within five standard deviations and the
//! rounding of a window of 1024.
inline bool plausible(double share, double expected, double examples) {
  const double deviation = std::sqrt(expected * (1 - expected) / examples);
  return std::fabs(share - expected) < 5 * deviation + 0.02;
}

}  // namespace bench
