// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Where tics and labels of a chart go.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "plot.hpp"
#include "report_text.hpp"

namespace plot {
namespace {

std::string tic_text(double value) {
  const double size = std::abs(value);
  if (size >= 1e4 && size < 1e15) {
    const char* unit = size >= 1e9 ? " G" : size >= 1e6 ? " M" : " k";
    return report::significant(value / (size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : 1e3), 4) + unit;
  }
  return report::significant(value, 4);
}

}  // namespace

std::vector<std::pair<double, std::string>> choose_tics(double low, double high, bool log) {
  std::vector<std::pair<double, std::string>> tics;
  if (!(high > low) || (log && !(low > 0))) return tics;
  if (log && std::log10(high / low) > .6) {
    const double decades = std::log10(high / low);
    const auto stride = static_cast<int>(std::ceil(decades / 8));
    const std::vector<double> digits = decades > 3     ? std::vector<double>{1}
                                       : decades > 1.3 ? std::vector<double>{1, 2, 5}
                                                       : std::vector<double>{1, 1.5, 2, 3, 5, 7};
    for (int e = static_cast<int>(std::floor(std::log10(low))); e <= std::log10(high); ++e) {
      if (e % stride != 0) continue;
      for (const double digit : digits) {
        const double at = digit * std::pow(10.0, e);
        if (at >= low && at <= high) tics.emplace_back(at, tic_text(at));
      }
    }
    return tics;
  }
  const double raw = (high - low) / 5;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double digit = raw / power;
  const double step = power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    const double at = i * step + 0.0;  // never "-0"
    tics.emplace_back(at, tic_text(at));
  }
  return tics;
}

std::vector<double> spread_out(std::vector<double> positions, double gap) {
  std::vector<std::size_t> order(positions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return positions[a] < positions[b]; });
  // Neighbours push each other apart; the few dozen rounds end once nothing overlaps.
  for (int round = 0; round < 200; ++round) {
    for (std::size_t i = 1; i < order.size(); ++i) {
      double& a = positions[order[i - 1]];
      double& b = positions[order[i]];
      const double lack = gap - (b - a);
      if (lack > 0) {
        a -= lack / 2;
        b += lack / 2;
      }
    }
    if (order.empty()) break;
    const double room = std::max(0.0, gap * static_cast<double>(order.size() - 1));
    const double low = 0, high = std::max(1.0, room);
    for (double& position : positions) position = std::clamp(position, low, high);
  }
  return positions;
}

}  // namespace plot
