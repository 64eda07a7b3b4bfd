// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Are counts of yes-or-no draws plausible? Are two such draws independent?
#pragma once

#include "support/chi_squared.hpp"

namespace support {

struct chi_squared_result {
  double statistic = 0;
  double degrees = 0;

  //! Above 1: implausible at alpha = 1e-4.
  double severity() const { return statistic / chi_squared_critical(degrees); }
  bool plausible() const { return severity() < 1; }
};

//! Whether counts[i] of n independent draws of probability p[i] are plausible, for all i at once.
//! A draw of probability 0 or 1 that went the other way counts as impossible.
inline chi_squared_result bernoulli_counts(std::span<const std::uint64_t> counts,
                                           std::span<const double> p, double n) {
  constexpr double impossible = 1e12;
  chi_squared_result result;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double difference = static_cast<double>(counts[i]) - n * p[i];
    if (p[i] <= 0 || p[i] >= 1) {
      if (std::abs(difference) > 0.5) result.statistic += impossible;
    } else {
      result.statistic += difference * difference / (n * p[i] * (1 - p[i]));
      result.degrees += 1;
    }
  }
  return result;
}

//! A 2x2 contingency table of two yes-or-no variables; one degree of freedom.
struct contingency {
  double both = 0, first = 0, second = 0, neither = 0;

  void add(bool a, bool b) { (a ? (b ? both : first) : (b ? second : neither)) += 1; }

  chi_squared_result independence() const {
    const double n = both + first + second + neither;
    const double cross = both * neither - first * second;
    const double margins =
        (both + first) * (second + neither) * (both + second) * (first + neither);
    return {n * cross * cross / margins, 1};
  }
};

}  // namespace support
