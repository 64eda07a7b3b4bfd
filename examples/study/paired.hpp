// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Differences between two methods over the seeds that both ran.
#pragma once

#include <cstddef>
#include <vector>

namespace study {

//! A mean with its 95 % interval (Student's t). NaN where there are too few values.
struct interval {
  std::size_t count = 0;
  double mean, lower, upper;
  double p;  //!< two-sided, of a true mean of 0
};
interval mean_of(const std::vector<double>& values);

//! p values made larger, so that the chance of any false finding among all of them stays what each
//! alone promises (Holm 1979). NaN stays NaN and does not count.
std::vector<double> holm(const std::vector<double>& p);

}  // namespace study
