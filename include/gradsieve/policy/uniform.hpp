// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The policy that ignores the loss: the random baseline of every claim.
#pragma once

#include <gradsieve/policy/policy.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! P = `probability`, whatever the loss.
struct uniform {
  double probability = 1.0;  //!< in [0, 1]

  constexpr double operator()(double) const { return probability; }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
