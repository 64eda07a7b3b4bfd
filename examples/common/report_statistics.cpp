// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Medians, hit rates and the levels of a method.
#include "report_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace report {

spread spread_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  spread result;
  result.count = values.size();
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  result.median = values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
  result.minimum = values.front();
  result.maximum = values.back();
  double sum = 0;
  for (const double value : values) sum += value;
  result.mean = sum / static_cast<double>(values.size());
  return result;
}

bool diverged(const record::run& run) {
  return !(run.test_error >= 0 && run.test_error <= 1);  // true for NaN
}

double error_of(const record::run& run) { return diverged(run) ? 1.0 : run.test_error; }

std::vector<std::string> method_names(const record::experiment& experiment) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& [name, description] : experiment.methods) add(name);
  for (const auto& run : experiment.runs) add(run.method);
  return names;
}

std::vector<level> levels_of(const record::experiment& experiment, const std::string& method) {
  std::map<double, std::vector<const record::run*>> by_budget;
  for (const auto& run : experiment.runs) {
    if (run.method == method && std::isfinite(run.seconds) && run.seconds > 0) {
      // Anything but a positive number means "no budget"; NaN must not become a key of the map.
      by_budget[run.budget_seconds > 0 ? run.budget_seconds : 0].push_back(&run);
    }
  }
  std::vector<level> levels;
  for (const auto& [budget, runs] : by_budget) {
    level result;
    result.budget = budget;
    std::vector<double> seconds, forwards, backwards, nll, errors;
    for (const record::run* run : runs) {
      seconds.push_back(run->seconds);
      forwards.push_back(static_cast<double>(run->forwards));
      backwards.push_back(static_cast<double>(run->backwards));
      nll.push_back(run->test_nll);
      errors.push_back(error_of(*run));
      result.errors.emplace_back(run->seed, errors.back());
    }
    result.seconds = spread_of(std::move(seconds)).median;
    result.forwards = spread_of(std::move(forwards)).median;
    result.backwards = spread_of(std::move(backwards)).median;
    result.nll = spread_of(std::move(nll)).median;
    result.error = spread_of(std::move(errors));
    levels.push_back(std::move(result));
  }
  std::stable_sort(levels.begin(), levels.end(),
                   [](const level& a, const level& b) { return a.seconds < b.seconds; });
  return levels;
}

double target_error(const record::experiment& experiment) {
  if (experiment.target_error >= 0) return experiment.target_error;
  const auto names = method_names(experiment);
  const auto levels = names.empty() ? std::vector<level>{} : levels_of(experiment, names.front());
  if (levels.empty()) return not_a_number;
  std::vector<double> errors;
  for (const auto& [seed, error] : levels.back().errors) errors.push_back(error);
  std::sort(errors.begin(), errors.end());
  // The upper one of two middles: more than half of the baseline's own runs then reach the target.
  return errors[errors.size() / 2];
}

namespace {

//! As `spread_of().median`, but infinity is a value: a seed that never got there is not left out.
double median_with_infinity(std::vector<double> values) {
  if (values.empty()) return not_a_number;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
}

void reach_target(const record::experiment& experiment, double target, method_summary& row) {
  std::map<std::uint64_t, const record::run*> cheapest;  // by seed; null: target not reached
  for (const auto& run : experiment.runs) {
    if (run.method != row.method || !std::isfinite(run.seconds)) continue;
    const record::run*& best = cheapest[run.seed];
    if (error_of(run) <= target && (best == nullptr || run.seconds < best->seconds)) best = &run;
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> seconds, forwards, backwards;
  for (const auto& [seed, run] : cheapest) {
    row.hits += run != nullptr;
    seconds.push_back(run ? run->seconds : never);
    forwards.push_back(run ? static_cast<double>(run->forwards) : never);
    backwards.push_back(run ? static_cast<double>(run->backwards) : never);
  }
  row.seconds_to_target = median_with_infinity(std::move(seconds));
  row.forwards_to_target = median_with_infinity(std::move(forwards));
  row.backwards_to_target = median_with_infinity(std::move(backwards));
}

}  // namespace

std::vector<method_summary> summarise(const record::experiment& experiment) {
  const auto names = method_names(experiment);
  const auto baseline = names.empty() ? std::vector<level>{} : levels_of(experiment, names.front());
  const double target = target_error(experiment);
  std::vector<method_summary> rows;
  for (const auto& name : names) {
    method_summary row;
    row.method = name;
    std::set<std::uint64_t> seeds;
    double training = 0, selecting = 0;
    for (const auto& run : experiment.runs) {
      if (run.method != name) continue;
      ++row.runs;
      seeds.insert(run.seed);
      row.diverged += diverged(run);
      if (std::isfinite(run.seconds) && std::isfinite(run.selection_seconds)) {
        training += run.seconds;
        selecting += run.selection_seconds;
      }
    }
    row.seeds = seeds.size();
    if (training > 0) row.overhead = selecting / training;
    reach_target(experiment, target, row);
    const auto levels = levels_of(experiment, name);
    if (!levels.empty()) row.last = levels.back();
    if (!baseline.empty() && name != names.front()) {
      row.gain = compare(baseline, baseline.size() - 1, levels);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace report
