// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "results.hpp"

#include "../common/report_statistics.hpp"
#include "../common/report_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace study {
namespace {

constexpr double forward_share = 1.0 / 3;

bool counts(const row& made, double noise) {
  return made.of.part == stage::final && made.of.noise == noise;
}

double work_of(const row& made) {
  return forward_share * static_cast<double>(made.forwards) +
         (1 - forward_share) * static_cast<double>(made.backwards);
}

//! Work of one epoch of plain SGD: the baseline's over the epochs it was given.
double work_of_an_epoch(const plan& of, const std::vector<row>& rows) {
  for (const row& made : rows) {
    if (made.of.part == stage::final && made.of.method == of.baseline().method) {
      return work_of(made) / (made.of.share * of.horizon);
    }
  }
  return 1;
}

}  // namespace

record::experiment experiment_of(const plan& of, const std::vector<row>& rows, double noise,
                                 cost of_runs) {
  record::experiment result;
  result.title = of.title;
  result.claim = of.claim;
  for (const candidate& each : of.methods) {
    std::string text;
    for (const std::string& word : each.flags) text += (text.empty() ? "" : " ") + word;
    result.methods.emplace_back(each.method, text);
  }
  const double epoch = work_of_an_epoch(of, rows);
  for (const row& made : rows) {
    if (!counts(made, noise) || (of_runs == cost::seconds && !made.alone)) continue;
    record::run run;
    run.method = made.of.method;
    run.seed = made.of.seed;
    run.budget_seconds = made.of.share * of.horizon;
    run.seconds = of_runs == cost::work ? work_of(made) / epoch : made.seconds;
    run.selection_seconds = of_runs == cost::work ? 0 : made.selection_seconds;
    run.forwards = made.forwards;
    run.backwards = made.backwards;
    run.test_error = made.error;
    run.test_nll = made.nll;
    result.runs.push_back(std::move(run));
  }
  return result;
}

std::vector<difference> differences(const plan& of, const std::vector<row>& rows, double noise) {
  std::map<std::pair<double, std::uint64_t>, double> baseline;
  for (const row& made : rows) {
    if (counts(made, noise) && made.of.method == of.baseline().method) {
      baseline[{made.of.share, made.of.seed}] = error_of(made);
    }
  }
  std::vector<difference> all;
  std::vector<double> p;
  for (const candidate& each : of.methods) {
    if (&each == &of.baseline()) continue;
    for (const double share : of.shares) {
      std::vector<double> values;
      for (const row& made : rows) {
        if (!counts(made, noise) || made.of.method != each.method || made.of.share != share)
          continue;
        const auto other = baseline.find({share, made.of.seed});
        if (other != baseline.end()) values.push_back(error_of(made) - other->second);
      }
      if (values.empty()) continue;
      all.push_back({each.method, share, mean_of(values), 0});
      all.back().adjusted = all.back().error.p;
      const bool named = each.method == of.claim && share == 1;
      p.push_back(named ? report::not_a_number : all.back().error.p);
    }
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!std::isnan(adjusted[i])) all[i].adjusted = adjusted[i];
  }
  return all;
}

std::string speed_up_at(const record::experiment& runs, const std::string& method,
                        const std::string& baseline, double horizon, double factor) {
  const auto curve_of = [&](const std::string& name) {
    std::vector<std::pair<double, double>> curve;
    for (const report::level& each : report::levels_of(runs, name)) {
      curve.emplace_back(each.seconds, each.error.mean);
    }
    return curve;
  };
  double wanted = report::not_a_number;
  for (const report::level& each : report::levels_of(runs, baseline)) {
    if (each.budget == horizon) wanted = factor * each.error.mean;
  }
  using where = report::crossing::where;
  const report::crossing own = report::time_to(curve_of(baseline), wanted);
  const report::crossing other = report::time_to(curve_of(method), wanted);
  // A baseline that is there from its smallest budget on gives only a lower bound, if that.
  if (own.at != where::inside || other.at == where::never) return "-";
  const std::string text = report::fixed(own.seconds / other.seconds, 2);
  return other.at == where::inside ? text : "> " + text;
}

}  // namespace study
