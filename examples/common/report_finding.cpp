// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The finding in words, computed from the runs.
#include <cmath>
#include <utility>

#include "report_summary.hpp"

namespace report {

std::string baseline_title(const std::string& method) {
  return method == "uniform" ? "plain SGD" : method;
}

double named_seconds(const level& level) {
  const bool kept = level.budget > 0 && std::abs(level.seconds / level.budget - 1) < .05;
  return kept ? level.budget : level.seconds;
}

const method_summary* headline_method(const record::experiment& experiment,
                                      const std::vector<method_summary>& rows) {
  // First those that get there sooner, then those with a lower error at equal time, then those that
  // get there later, then by error.
  const auto rank = [](const method_summary& row) -> std::pair<int, double> {
    using outcome = speed_up::outcome;
    const speed_up& gain = row.gain;
    if (gain.kind == outcome::measured || gain.kind == outcome::at_least) return {3, gain.factor};
    if (gain.kind == outcome::unknown && !std::isnan(gain.seconds))
      return {2, -row.last.error.mean};
    if (gain.kind == outcome::none && !std::isnan(gain.seconds)) return {1, gain.factor};
    return {row.last.error.count > 0 ? 0 : -1, row.last.error.count > 0 ? -row.last.error.mean : 0};
  };
  const method_summary* best = nullptr;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].runs == 0) continue;
    if (rows[i].method == experiment.claim) return &rows[i];
    if (best == nullptr || rank(rows[i]) > rank(*best)) best = &rows[i];
  }
  return best;
}

namespace {

std::string interval_text(const speed_up& gain) {
  return multiple(gain.lower) + " to " + multiple(gain.upper);
}

std::string detail_text(const method_summary& row, const std::string& error) {
  std::string text = "At equal mean test error of " + error + " %";
  text += row.gain.seeds == 1 ? ", one seed" : ", " + std::to_string(row.gain.seeds) + " seeds";
  // Where the error is never reached the factors are bounds, and their range says nothing.
  if (!std::isnan(row.gain.lower) && !std::isnan(row.gain.seconds)) {
    text += " (" + interval_text(row.gain) + " when the seeds are resampled)";
  }
  text += "; every run complete, with its own full learning-rate schedule";
  if (!std::isnan(row.overhead)) {
    text += ", selection's " + fixed(100 * row.overhead, 1) + " % of the time included";
  }
  return text + ".";
}

}  // namespace

finding finding_of(const record::experiment& experiment) {
  finding result;
  const auto rows = summarise(experiment);
  if (experiment.runs.empty() || rows.empty()) {
    // A study that compares errors alone says what it is about.
    result.headline =
        experiment.tables.empty() ? "No runs were recorded" : experiment.tables.front().first;
    return result;
  }
  const auto levels = levels_of(experiment, rows.front().method);
  const std::string base = baseline_title(rows.front().method);
  if (levels.empty()) {
    result.headline = "Nothing to compare with: " + base + " has no complete run";
    return result;
  }
  const std::string budget = budget_text(named_seconds(levels.back()));
  const std::string error = percent(levels.back().error.mean);
  const method_summary* row = headline_method(experiment, rows);
  if (row == nullptr) {
    result.headline = base + " has " + error + " % test error after " + budget + " seconds";
    result.detail = "Nothing was run to compare it with.";
    return result;
  }
  const speed_up& gain = row->gain;
  const std::string& name = row->method;
  const std::string goal = base + "'s " + budget + "-second error";
  const std::string seconds = budget_text(gain.seconds), factor = multiple(gain.factor);
  const std::string alone = gain.seeds < 2 ? " (one seed)" : "";
  using outcome = speed_up::outcome;
  result.detail = detail_text(*row, error);
  result.gain = gain.clear();
  if (gain.clear() && gain.kind == outcome::measured) {
    result.headline = name + " reaches " + goal + " in " + seconds + " seconds: " + factor + alone;
  } else if (gain.clear()) {
    result.headline = name + " reaches " + goal + " within its smallest budget, " + seconds +
                      " seconds: at least " + factor + alone;
  } else if (gain.kind == outcome::measured || gain.kind == outcome::at_least) {
    result.headline = "No clear gain here: " + name + " reaches " + goal + " in " + seconds +
                      " seconds, but the seeds disagree (" + interval_text(gain) + ")";
  } else if (gain.kind == outcome::none && std::isnan(gain.seconds)) {
    result.headline = "No gain here: " + name + " does not reach " + goal + " in " +
                      budget_text(row->last.seconds) + " seconds (" +
                      percent(row->last.error.mean) + " against " + error + " %)";
  } else if (gain.kind == outcome::none) {
    result.headline = "No gain here: " + name + " needs " + seconds + " seconds for " + goal +
                      " (" + factor + ")";
  } else {
    result.headline = "No speed-up can be stated: " + name + " has " +
                      percent(row->last.error.mean) + " % test error after " +
                      budget_text(row->last.seconds) + " seconds, " + base + " " + error +
                      " % after " + budget;
    result.detail = "The runs' budgets do not meet at an equal error.";
  }
  return result;
}

}  // namespace report
