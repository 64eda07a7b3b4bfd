// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy of two probabilities: below a percentile, and from it on.
#pragma once

#include <gradsieve/policy/policy.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! P = `below` for percentiles under `threshold`, `above` from it on.
struct step {
  double threshold = 0.5;
  double below = 0.0;  //!< in [0, 1]
  double above = 1.0;  //!< in [0, 1]

  constexpr double operator()(double percentile) const {
    return percentile < threshold ? below : above;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
