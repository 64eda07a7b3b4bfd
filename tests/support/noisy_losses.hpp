// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses of a classifier of ten classes in training, some of whose labels are wrong.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/random_source.hpp"

namespace support {

enum class noise { symmetric, pair };

struct labelled_losses {
  std::vector<float> losses;
  std::vector<char> wrong;  // of each example
};

//! n examples of which the share `rate` has a wrong label: of any other class, or of the one class
//! that a class is paired with. The classifier knows the rate, as one that generalises does: it
//! gives the true class 1 - rate and spreads the rest over those that labels may be. `skill` is the
//! mean margin of the true class's logit: about 4 when nine of ten are right.
inline labelled_losses noisy_losses(std::size_t n, double rate, noise kind, std::uint64_t seed,
                                    double skill = 4) {
  random_source source(seed);
  const auto normal = [&] {  // Box and Muller
    const double u = 1 - static_cast<double>(source.unit()), v = static_cast<double>(source.unit());
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  };
  labelled_losses result;
  for (std::size_t i = 0; i < n; ++i) {
    const bool wrong = static_cast<double>(source.unit()) < rate;
    const double doubt = 1 / (1 + std::exp(skill + 2.2 * normal()));  // of the true class
    // The probability of each of the other classes, by doubt alone: uneven.
    const double rival = doubt / 9 * std::exp(0.8 * normal());
    const double told = kind == noise::pair ? rate : rate / 9 * std::exp(0.5 * normal());
    const double p = wrong ? told * (1 - doubt) + (1 - rate) * rival : (1 - rate) * (1 - doubt);
    result.losses.push_back(static_cast<float>(-std::log(std::fmax(p, 1e-7))));
    result.wrong.push_back(static_cast<char>(wrong));
  }
  return result;
}

}  // namespace support
