// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy that spares the highest losses: a guard against mislabelled examples.
#pragma once

#include <gradsieve/policy/power.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! P = (percentile / cap)^beta up to `cap`, `floor` above it.
//!
//! Selective-Backprop chases wrong labels, since they keep a high loss. The band ranks as usual and
//! leaves out the top 1 - cap of the losses; set `cap` near 1 - (share of wrong labels).
struct band {
  double cap = 0.8;    //!< in (0, 1]
  double beta = 1.0;   //!< >= 0
  double floor = 0.0;  //!< probability above the cap, in [0, 1]

  double operator()(double percentile) const {
    if (!detail::is_at_least_zero(cap) || !(cap > 0)) {
      detail::fail<policy_error>("band: cap is ", cap, ", it must be above 0 (at percentile ",
                                 percentile, ")");
    }
    return percentile <= cap ? detail::power_of(percentile / cap, beta) : floor;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
