// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What got slower since an earlier run, noise excepted.
#pragma once

#include "results.hpp"

namespace bench_report {

struct change {
  const entry* before = nullptr;
  const entry* now = nullptr;
  double factor = 1;  //!< seconds now over seconds before, the machine's drift taken out
};

struct comparison {
  std::size_t compared = 0;  //!< benchmarks of the library that both runs have
  //! How much slower the machine is today: the rivals' median factor. Their code does not change.
  double drift = 1;
  //! Benchmarks of the library that only the baseline has: not run, renamed or removed.
  std::vector<const entry*> missing;
  std::vector<change> slower, faster;  //!< by more than 5 %, beyond noise; the largest first
};

//! Slower beyond noise: the median by more than 5 %, and every repetition now slower than every one
//! before, after the drift is taken out. Times of the compiler and of training are left to the eye.
//! Views into both arguments.
//! @throws failure when they have nothing in common, or fewer than 5 repetitions.
[[nodiscard]] comparison compare(const results& before, const results& now);

//! A table of what changed, and closing sentences; one of them names what was not compared.
[[nodiscard]] std::string describe(const comparison& what);

}  // namespace bench_report
