// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Speed-up at equal mean error, interpolated in log time, with an interval over seeds.
#include <algorithm>
#include <cmath>
#include <random>

#include "report_statistics.hpp"

namespace report {

crossing time_to(const std::vector<std::pair<double, double>>& curve, double error) {
  // From the end: a dip below the error that does not last is luck, not an arrival.
  std::size_t first = curve.size();
  while (first > 0 && curve[first - 1].second <= error) --first;
  if (curve.empty() || std::isnan(error)) return {};
  if (first == curve.size()) return {crossing::where::never, curve.back().first};
  if (first == 0) return {crossing::where::before_first, curve.front().first};
  const auto [slow_seconds, slow_error] = curve[first - 1];
  const auto [seconds, reached] = curve[first];
  if (!std::isfinite(slow_error)) return {crossing::where::inside, seconds};
  const double share = (slow_error - error) / (slow_error - reached);
  return {crossing::where::inside, slow_seconds * std::pow(seconds / slow_seconds, share)};
}

bool speed_up::clear() const {
  return (kind == outcome::measured || kind == outcome::at_least) && factor >= smallest_gain &&
         !(lower < smallest_gain);  // NaN: there is no interval
}

namespace {

//! How often each seed is drawn in a resample; all ones is the data itself.
using draw = std::vector<std::pair<std::uint64_t, int>>;

double mean_error(const level& at, const draw* weights) {
  if (weights == nullptr) return at.error.mean;
  double sum = 0;
  int count = 0;
  for (const auto& [seed, error] : at.errors) {
    for (const auto& [drawn, times] : *weights) {
      if (drawn != seed) continue;
      sum += times * error;
      count += times;
    }
  }
  return count == 0 ? not_a_number : sum / count;
}

speed_up point_estimate(const std::vector<level>& baseline, std::size_t at,
                        const std::vector<level>& method, const draw* weights) {
  speed_up result;
  result.baseline_seconds = baseline[at].seconds;
  result.error = mean_error(baseline[at], weights);
  std::vector<std::pair<double, double>> curve;
  for (const level& measured : method) {
    const double error = mean_error(measured, weights);
    if (!std::isnan(error)) curve.emplace_back(measured.seconds, error);
  }
  if (curve.empty() || std::isnan(result.error)) return result;
  const crossing reached = time_to(curve, result.error);
  result.factor = result.baseline_seconds / reached.seconds;
  using outcome = speed_up::outcome;
  if (reached.at == crossing::where::never) {
    // Only a method that had (nearly) as long as the baseline can be said to bring nothing.
    const bool had_time = method.back().budget >= baseline[at].budget && baseline[at].budget > 0;
    result.kind = had_time || reached.seconds >= .95 * result.baseline_seconds ? outcome::none
                                                                               : outcome::unknown;
    return result;
  }
  result.seconds = reached.seconds;
  if (reached.at == crossing::where::before_first) {
    result.kind = result.factor >= smallest_gain ? outcome::at_least : outcome::unknown;
  } else {
    result.kind = result.factor >= smallest_gain ? outcome::measured : outcome::none;
  }
  return result;
}

std::vector<std::uint64_t> common_seeds(const level& a, const std::vector<level>& b) {
  std::vector<std::uint64_t> seeds;
  for (const auto& [seed, error] : a.errors) {
    const bool shared = std::all_of(b.begin(), b.end(), [s = seed](const level& other) {
      return std::any_of(other.errors.begin(), other.errors.end(),
                         [s](const auto& entry) { return entry.first == s; });
    });
    if (shared && std::find(seeds.begin(), seeds.end(), seed) == seeds.end()) seeds.push_back(seed);
  }
  return seeds;
}

//! Calls `use` with every resample of up to 5 seeds, or with 4000 drawn ones (always the same).
template <class Use>
void resample(const std::vector<std::uint64_t>& seeds, Use use) {
  const std::size_t n = seeds.size();
  std::size_t resamples = 4000;
  const bool all = n <= 5;
  if (all) {
    resamples = 1;
    for (std::size_t i = 0; i < n; ++i) resamples *= n;
  }
  std::mt19937_64 random(20260101);
  for (std::size_t index = 0; index < resamples; ++index) {
    draw weights;
    for (const std::uint64_t seed : seeds) weights.emplace_back(seed, 0);
    std::size_t digits = index;
    for (std::size_t i = 0; i < n; ++i, digits /= n) {
      ++weights[all ? digits % n : random() % n].second;
    }
    use(weights);
  }
}

}  // namespace

speed_up compare(const std::vector<level>& baseline, std::size_t at,
                 const std::vector<level>& method) {
  if (at >= baseline.size() || method.empty()) return {};
  speed_up result = point_estimate(baseline, at, method, nullptr);
  const auto seeds = common_seeds(baseline[at], method);
  result.seeds = seeds.size();
  if (seeds.size() < 2) return result;
  std::vector<double> factors;
  resample(seeds, [&](const draw& weights) {
    const speed_up one = point_estimate(baseline, at, method, &weights);
    if (std::isfinite(one.factor)) factors.push_back(one.factor);
  });
  if (factors.empty()) return result;
  std::sort(factors.begin(), factors.end());
  // Nearest ranks, outwards: with two or three seeds this is the whole range.
  const auto cut = static_cast<std::size_t>(.025 * static_cast<double>(factors.size() - 1));
  result.lower = factors[cut];
  result.upper = factors[factors.size() - 1 - cut];
  return result;
}

}  // namespace report
