// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "report_decisions.hpp"

#include <algorithm>

#include "report_statistics.hpp"
#include "report_text.hpp"

namespace report {
namespace {

using side = record::loss_summary record::decisions::*;

//! The median over the runs; "-" when no run has any loss on this side.
std::string cell(const std::vector<record::decisions>& runs, side which,
                 double record::loss_summary::*value) {
  std::vector<double> values;
  for (const auto& run : runs) {
    if ((run.*which).count != 0) values.push_back((run.*which).*value);
  }
  return values.empty() ? "-" : significant(spread_of(values).median, 2);
}

std::vector<std::string> row(const std::string& method,
                             const std::vector<record::decisions>& runs) {
  std::vector<double> shares;
  for (const auto& run : runs) {
    const auto selected = static_cast<double>(run.selected.count);
    shares.push_back(selected / (selected + static_cast<double>(run.skipped.count)));
  }
  std::vector<std::string> cells = {method, percent(spread_of(shares).median)};
  for (const auto value :
       {&record::loss_summary::mean, &record::loss_summary::median, &record::loss_summary::upper}) {
    cells.push_back(cell(runs, &record::decisions::selected, value));
    cells.push_back(cell(runs, &record::decisions::skipped, value));
  }
  return cells;
}

}  // namespace

void add_decision_table(record::experiment& experiment) {
  std::vector<std::vector<std::string>> rows = {
      {"method", "selected %", "mean selected", "mean skipped", "median selected", "median skipped",
       "90 % quantile selected", "90 % quantile skipped"}};
  for (const std::string& method : method_names(experiment)) {
    double budget = 0;
    for (const auto& run : experiment.runs) {
      if (run.method == method) budget = std::max(budget, run.budget_seconds);
    }
    std::vector<record::decisions> runs;
    for (const auto& run : experiment.runs) {
      const auto decided = run.decided.selected.count + run.decided.skipped.count;
      if (run.method == method && run.budget_seconds >= budget && decided != 0) {
        runs.push_back(run.decided);
      }
    }
    if (!runs.empty()) rows.push_back(row(method, runs));
  }
  if (rows.size() > 1) {
    experiment.tables.emplace_back("Losses selected and skipped in the last epoch",
                                   std::move(rows));
  }
}

}  // namespace report
