// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "paired.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace study {

interval mean_of(const std::vector<double>& values) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const std::size_t n = values.size();
  interval result{n, nan, nan, nan, nan};
  if (n == 0) return result;
  const auto count = static_cast<double>(n);
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (n < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  const double error = std::sqrt(squares / (count - 1) / count);
  const boost::math::students_t student(count - 1);
  const double reach = boost::math::quantile(student, 0.975) * error;
  result.lower = result.mean - reach;
  result.upper = result.mean + reach;
  if (error > 0) {
    const double t = std::abs(result.mean) / error;
    result.p = 2 * boost::math::cdf(boost::math::complement(student, t));
  } else {
    result.p = result.mean == 0 ? 1 : 0;
  }
  return result;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted = p;
  double least = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    least = std::max(least, std::min(1.0, p[order[k]] * static_cast<double>(order.size() - k)));
    adjusted[order[k]] = least;
  }
  return adjusted;
}

}  // namespace study
