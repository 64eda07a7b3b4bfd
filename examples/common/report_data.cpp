// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The experiment as data for other programs.
#include "report_data.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "report_statistics.hpp"
#include "report_summary.hpp"
#include "report_text.hpp"

namespace report {
namespace {

using json = nlohmann::ordered_json;

//! Bytes that are not UTF-8 must not cost the run its record.
std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json to_json(const spread& values) {
  return {{"runs", values.count},
          {"median", values.median},
          {"mean", values.mean},
          {"minimum", values.minimum},
          {"maximum", values.maximum}};
}

std::string_view name_of(speed_up::outcome kind) {
  switch (kind) {
    case speed_up::outcome::measured: return "measured";
    case speed_up::outcome::at_least: return "at least";
    case speed_up::outcome::none: return "no gain";
    case speed_up::outcome::unknown: break;
  }
  return "unknown";
}

json to_json(const speed_up& gain) {
  return {{"outcome", name_of(gain.kind)},
          {"clear", gain.clear()},
          {"factor", gain.factor},
          {"lower", gain.lower},
          {"upper", gain.upper},
          {"seconds", gain.seconds},
          {"baseline_seconds", gain.baseline_seconds},
          {"error", gain.error},
          {"seeds", gain.seeds}};
}

json to_json(const record::run& run) {
  return {{"method", run.method},
          {"seed", run.seed},
          {"budget_seconds", run.budget_seconds},
          {"seconds", run.seconds},
          {"selection_seconds", run.selection_seconds},
          {"forwards", run.forwards},
          {"backwards", run.backwards},
          {"test_error", run.test_error},
          {"test_nll", run.test_nll},
          {"trained_ids", hexadecimal(run.trained_ids)},
          {"final_weights", hexadecimal(run.final_weights)}};
}

json to_json(const std::vector<record::exhibit>& exhibits) {
  json list = json::array();
  for (const auto& exhibit : exhibits) {
    list.push_back({{"id", exhibit.id},
                    {"label", exhibit.label},
                    {"true_label", exhibit.true_label},
                    {"seen", exhibit.seen},
                    {"selected", exhibit.selected},
                    {"loss", exhibit.loss}});
  }
  return list;
}

json to_json(const record::figure& figure) {
  json lines = json::array();
  for (const auto& series : figure.lines) {
    lines.push_back({{"name", series.name}, {"points", series.points}});
  }
  return {{"id", figure.id},
          {"title", figure.title},
          {"x_label", figure.x_label},
          {"y_label", figure.y_label},
          {"lines", std::move(lines)}};
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

}  // namespace

std::string run_json(const record::experiment& experiment) {
  json root;
  root["format"] = 1;
  root["title"] = experiment.title;
  root["finding"] = finding_of(experiment).headline;
  root["environment"] = json::object();
  for (const auto& [key, value] : experiment.environment) root["environment"][key] = value;
  root["target_error"] = target_error(experiment);
  root["methods"] = json::array();
  const auto rows = summarise(experiment);
  for (const auto& row : rows) {
    std::string description;
    for (const auto& [name, text] : experiment.methods) {
      if (name == row.method) description = text;
    }
    json method = {{"name", row.method},
                   {"description", description},
                   {"seeds", row.seeds},
                   {"seeds_at_target", row.hits},
                   {"diverged", row.diverged},
                   {"seconds_to_target", row.seconds_to_target},
                   {"forwards_to_target", row.forwards_to_target},
                   {"backwards_to_target", row.backwards_to_target},
                   {"selection_share", row.overhead},
                   {"final_error", to_json(row.last.error)}};
    if (&row != &rows.front()) method["speed_up"] = to_json(row.gain);
    root["methods"].push_back(std::move(method));
  }
  root["runs"] = json::array();
  for (const auto& run : experiment.runs) root["runs"].push_back(to_json(run));
  root["figures"] = json::array();
  for (const auto& figure : experiment.figures) root["figures"].push_back(to_json(figure));
  root["tables"] = json::array();
  for (const auto& [title, cells] : experiment.tables) {
    root["tables"].push_back({{"title", title}, {"rows", cells}});
  }
  root["most_selected"] = to_json(experiment.most_selected);
  root["least_selected"] = to_json(experiment.least_selected);
  root["notes"] = experiment.notes;
  return dump(root, 1) + "\n";
}

std::string steps_jsonl(const record::experiment& experiment) {
  std::string text;
  for (const auto& run : experiment.runs) {
    for (const auto& step : run.steps) {
      const json line = {{"method", run.method},
                         {"seed", run.seed},
                         {"budget_seconds", run.budget_seconds},
                         {"step", step.index},
                         {"forwards", step.forwards},
                         {"backwards", step.backwards},
                         {"seconds", step.seconds},
                         {"loss", step.loss},
                         {"lr", step.learning_rate},
                         {"selection_us", step.selection_us},
                         {"trained_ids", hexadecimal(step.trained_ids)}};
      text += dump(line, -1) + '\n';
    }
  }
  return text;
}

std::string epochs_csv(const record::experiment& experiment) {
  std::string text =
      "method,seed,budget_seconds,epoch,seconds,forwards,backwards,train_loss,test_error,"
      "learning_rate,keep_rate,wrong_share\n";
  for (const auto& run : experiment.runs) {
    const std::string prefix = csv_field(run.method) + ',' + std::to_string(run.seed) + ',' +
                               exact(run.budget_seconds) + ',';
    for (const auto& epoch : run.epochs) {
      text += prefix + std::to_string(epoch.index) + ',' + exact(epoch.seconds) + ',' +
              std::to_string(epoch.forwards) + ',' + std::to_string(epoch.backwards) + ',' +
              exact(epoch.train_loss) + ',' +
              (epoch.test_error >= 0 ? exact(epoch.test_error) : std::string()) + ',' +
              exact(epoch.learning_rate) + ',' + exact(epoch.keep_rate) + ',' +
              exact(epoch.wrong_share) + '\n';
    }
  }
  return text;
}

}  // namespace report
