// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve was told of the work done.
#pragma once

#include <cstdint>

namespace gradsieve::inline v0 {

//! Executed work, in examples: what was observed and what the queue handed out. A sieve cannot see
//! a backward pass, so a selection counts as one where nothing hands it out again.
struct work_counters {
  std::uint64_t forwards = 0;   //!< losses passed in, and ids handed out by the queue
  std::uint64_t backwards = 0;  //!< observed after training, or selected (handed out, with a queue)
  std::uint64_t skipped = 0;    //!< offered and not selected, or left out of a plan
  std::uint64_t refreshed = 0;  //!< of `forwards`: only to renew a loss
  std::uint64_t non_finite = 0;  //!< losses that were NaN or infinite

  friend constexpr bool operator==(const work_counters&, const work_counters&) = default;
};

}  // namespace gradsieve::inline v0
