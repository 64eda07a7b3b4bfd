// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How far counts and means are from what they should be, in standard deviations.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace support {

//! The largest |z| of counts that are each binomial (n, p[i]), whether or not they depend on each
//! other; huge when a probability of 0 or 1 was missed. Below 5 for all of m counts: alpha < m
//! 6e-7.
inline double worst_z(std::span<const std::uint64_t> counts, std::span<const double> p, double n) {
  double worst = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double difference = std::abs(static_cast<double>(counts[i]) - n * p[i]);
    const double deviation = std::sqrt(std::max(n * p[i] * (1 - p[i]), 1e-12));
    worst = std::max(worst, difference / deviation);
  }
  return worst;
}

//! Mean of independent values, and how many standard errors it is from a given one.
class running_mean {
 public:
  void add(double value) {
    count_ += 1;
    const double before = value - mean_;
    mean_ += before / count_;
    squares_ += before * (value - mean_);
  }

  double mean() const { return mean_; }
  double z(double expected) const {
    return (mean_ - expected) / std::sqrt(squares_ / (count_ - 1) / count_);
  }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

}  // namespace support
