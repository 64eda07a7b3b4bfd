// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The tables of a report, and its summary in Markdown.
#include "report_summary.hpp"

#include <algorithm>
#include <cmath>

namespace report {
namespace {

std::string range_text(double low, double high, std::string (*text)(double)) {
  return std::isnan(low) ? "-" : text(low) + " to " + text(high);
}

//! The one budget at which all methods ended, or a negative number.
double common_budget(const std::vector<method_summary>& rows) {
  double budget = -1;
  for (const auto& row : rows) {
    if (row.last.error.count == 0) continue;
    if (budget >= 0 && row.last.budget != budget) return -1;
    budget = row.last.budget;
  }
  return budget;
}

}  // namespace

std::string speed_up_text(const speed_up& gain) {
  using outcome = speed_up::outcome;
  switch (gain.kind) {
    case outcome::unknown:
      return std::isnan(gain.seconds) ? "not measured" : "lower error, not measured";
    case outcome::none:
      return std::isnan(gain.seconds) ? "no gain here"
                                      : "no gain here (" + multiple(gain.factor) + ")";
    case outcome::at_least:
      return (gain.clear() ? "at least " : "not clear: at least ") + multiple(gain.factor);
    case outcome::measured: break;
  }
  return (gain.clear() ? "" : "not clear: ") + multiple(gain.factor);
}

table summary_table(const record::experiment& experiment, detail detail) {
  const bool full = detail == detail::full;
  const auto rows = summarise(experiment);
  const double budget = common_budget(rows);
  table result;
  std::vector<std::string> head = {"method",   "target hit",    "seconds",   "backwards",
                                   "forwards", "final error %", "min to max"};
  if (!full) head[1] = "hits";
  if (full) head.insert(head.end(), {"final NLL", "selection %"});
  head.emplace_back("speed-up");
  if (full) head.emplace_back("its range");
  if (budget < 0) head.emplace_back("after");
  result.rows.push_back(std::move(head));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const method_summary& row = rows[i];
    if (row.runs == 0) continue;
    const spread& error = row.last.error;
    std::vector<std::string> cells = {
        row.method,
        std::to_string(row.hits) + "/" + std::to_string(row.seeds),
        seconds_text(row.seconds_to_target),
        count_text(row.backwards_to_target),
        count_text(row.forwards_to_target),
        percent(error.median),
        error.count > 1 ? range_text(error.minimum, error.maximum, percent) : "-"};
    if (full) {
      cells.push_back(fixed(row.last.nll, 4));
      cells.push_back(fixed(100 * row.overhead, 1));
    }
    cells.push_back(i == 0 ? "baseline" : speed_up_text(row.gain));
    if (full) {
      // Where the error is never reached the factors are bounds, and their range says nothing.
      const bool reached = !std::isnan(row.gain.seconds);
      cells.push_back(reached ? range_text(row.gain.lower, row.gain.upper, multiple) : "-");
    }
    if (budget < 0) cells.push_back(budget_text(row.last.budget) + " s");
    result.rows.push_back(std::move(cells));
  }
  return result;
}

table speed_up_table(const record::experiment& experiment) {
  table result;
  const auto names = method_names(experiment);
  if (names.size() < 2) return result;
  const auto baseline = levels_of(experiment, names.front());
  if (baseline.size() < 2) return result;  // the summary has said it all
  std::vector<std::string> head = {"method"};
  for (const level& level : baseline) {
    head.push_back("its " + budget_text(named_seconds(level)) + " s error, " +
                   percent(level.error.mean) + " %");
  }
  result.rows.push_back(std::move(head));
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto levels = levels_of(experiment, names[i]);
    if (levels.empty()) continue;
    std::vector<std::string> cells = {names[i]};
    for (std::size_t at = 0; at < baseline.size(); ++at) {
      cells.push_back(speed_up_text(compare(baseline, at, levels)));
    }
    result.rows.push_back(std::move(cells));
  }
  return result;
}

std::vector<std::string> remarks(const record::experiment& experiment) {
  const auto rows = summarise(experiment);
  std::vector<std::string> lines;
  if (rows.empty()) return lines;
  const std::string base = baseline_title(rows.front().method);
  const double target = target_error(experiment);
  if (!std::isnan(target)) {
    lines.push_back("Target: " + percent(target) + " % test error" +
                    (experiment.target_error >= 0
                         ? "."
                         : ", the median of " + base + " at its largest budget.") +
                    " Target hit: seeds with a complete run that reaches it. Seconds, "
                    "backwards and forwards are those of the cheapest such run, "
                    "median over seeds; \"-\" when half of the seeds have none.");
  }
  lines.push_back("Speed-up: the time of " + base +
                  " at its largest budget over the time the "
                  "method needs for the same mean error, interpolated in log time between complete "
                  "runs, never beyond what was measured; its range is 95 % of the outcomes when "
                  "the seeds are resampled.");
  lines.emplace_back(
      "Seconds are training time with scoring, selection and data order included, "
      "evaluation excluded.");
  std::size_t diverged = 0, fewest = rows.front().seeds;
  for (const auto& row : rows) {
    if (row.runs == 0) continue;
    diverged += row.diverged;
    fewest = std::min(fewest, row.seeds);
  }
  if (fewest == 1) lines.emplace_back("One seed: how much the numbers vary is not known.");
  if (fewest == 2) lines.emplace_back("Two seeds: the intervals are rough.");
  if (diverged > 0) {
    lines.push_back(std::to_string(diverged) + (diverged == 1 ? " run" : " runs") +
                    " diverged and count as 100 % error.");
  }
  return lines;
}

std::string summary_markdown(const record::experiment& experiment) {
  const finding finding = finding_of(experiment);
  std::string text = "# " + experiment.title + "\n\n**" + finding.headline + ".**";
  if (!finding.detail.empty()) text += " " + finding.detail;
  text += "\n\n";
  if (const table runs = summary_table(experiment, detail::full); runs.rows.size() > 1) {
    text += runs.markdown() + "\n";
    for (const auto& line : remarks(experiment)) text += "* " + line + "\n";
  }
  if (const table table = speed_up_table(experiment); !table.rows.empty()) {
    text += "\n## Speed-up at each budget\n\n" + table.markdown();
  }
  if (!experiment.methods.empty()) {
    text += "\n## Methods\n\n";
    for (const auto& [name, description] : experiment.methods) {
      text += "* `" + name + "`: " + description + "\n";
    }
  }
  for (const auto& [title, rows] : experiment.tables) {
    text += "\n## " + title + "\n\n" + table{rows}.markdown();
  }
  if (!experiment.notes.empty()) {
    text += "\n## Notes\n\n";
    for (const auto& note : experiment.notes) text += "* " + note + "\n";
  }
  text += "\n## Environment\n\n";
  table environment{{{"what", "value"}}};
  for (const auto& [key, value] : experiment.environment) environment.rows.push_back({key, value});
  return text + environment.markdown();
}

}  // namespace report
