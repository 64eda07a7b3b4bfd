// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The charts of an experiment.
#include "report_plots.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "report_statistics.hpp"
#include "report_summary.hpp"
#include "report_text.hpp"

namespace report {
namespace {

//! A diverged run has no place on an axis of errors; the table counts it.
double percent_or_nothing(const record::run& run) {
  return diverged(run) ? not_a_number : 100 * run.test_error;
}

bool counts_as_diverged(const std::pair<std::uint64_t, double>& seed_and_error) {
  return seed_and_error.second >= 1;
}

enum class cost { seconds, backwards };

named_chart error_chart(const record::experiment& experiment, cost against) {
  const bool seconds = against == cost::seconds;
  named_chart result;
  result.stem = seconds ? "error_vs_seconds" : "error_vs_backwards";
  plot::chart& chart = result.chart;
  chart.title =
      seconds ? "Test error against training time" : "Test error against back-propagated examples";
  result.caption =
      "Every point is one complete run with its own full learning-rate schedule; "
      "the lines join the means over seeds.";
  chart.x = {
      seconds ? "training time, seconds (log scale)" : "back-propagated examples (log scale)",
      true,
      {}};
  chart.y.label = "test error, %";

  const auto names = method_names(experiment);
  std::set<double> budgets;
  std::vector<plot::layer> means;  // over the dots
  bool diverged_runs = false;
  for (std::size_t index = 0; index < names.size(); ++index) {
    plot::layer dots, mean;
    dots.colour = mean.colour = static_cast<int>(index);
    dots.dot_size = .6;
    dots.faint = true;
    for (const auto& run : experiment.runs) {
      if (run.method != names[index]) continue;
      dots.points.emplace_back(seconds ? run.seconds : static_cast<double>(run.backwards),
                               percent_or_nothing(run));
    }
    const auto levels = levels_of(experiment, names[index]);
    for (const level& level : levels) {
      const bool whole = std::none_of(level.errors.begin(), level.errors.end(), counts_as_diverged);
      mean.points.emplace_back(seconds ? level.seconds : level.backwards,
                               whole ? 100 * level.error.mean : not_a_number);
      if (level.budget > 0) budgets.insert(level.budget);
    }
    std::erase_if(mean.points, [](const plot::point& p) { return std::isnan(p.second); });
    if (mean.points.size() < levels.size()) diverged_runs = true;
    mean.line_width = 2.5;
    mean.dot_size = .9;
    if (!mean.points.empty()) {
      chart.labels.push_back({names[index], mean.colour, mean.points.back()});
    }
    chart.layers.push_back(std::move(dots));
    means.push_back(std::move(mean));
  }
  if (diverged_runs) {
    result.caption += " Budgets with a diverged run have no mean; the table counts such runs.";
  }
  chart.layers.insert(chart.layers.end(), means.begin(), means.end());
  if (seconds && budgets.size() >= 2 && budgets.size() <= 8) {
    for (const double budget : budgets) chart.x.tics.emplace_back(budget, budget_text(budget));
  }
  if (names.empty()) return result;
  const auto baseline = levels_of(experiment, names.front());
  if (baseline.empty()) return result;
  const auto& last = baseline.back().errors;
  if (std::any_of(last.begin(), last.end(), counts_as_diverged)) return result;
  const double error = 100 * baseline.back().error.mean;
  chart.level.emplace(error, baseline_title(names.front()) + ", " +
                                 budget_text(named_seconds(baseline.back())) + " s");
  const auto summary = summarise(experiment);
  const auto* best = headline_method(experiment, summary);
  if (seconds && best != nullptr && best->gain.clear()) {
    const std::string prefix = best->gain.kind == speed_up::outcome::at_least ? "at least " : "";
    chart.gain = plot::chart::span{best->gain.baseline_seconds, best->gain.seconds, error,
                                   prefix + multiple(best->gain.factor)};
  }
  return result;
}

named_chart training_curve(const record::experiment& experiment) {
  named_chart result;
  result.stem = "training_curve";
  result.png = false;
  result.chart.title = "Test error within the longest runs";
  result.chart.x.label = "training time, seconds";
  result.chart.y = {"test error, %", true, {}};
  result.caption =
      "One line per seed, at each method's largest budget. Before the learning rate has decayed "
      "the error says little: compare ends, not crossings.";
  const auto names = method_names(experiment);
  for (std::size_t index = 0; index < names.size(); ++index) {
    double largest = -1;
    for (const auto& run : experiment.runs) {
      if (run.method == names[index]) largest = std::max(largest, run.budget_seconds);
    }
    bool labelled = false;
    for (const auto& run : experiment.runs) {
      if (run.method != names[index] || run.budget_seconds < largest) continue;
      plot::layer line;
      line.colour = static_cast<int>(index);
      line.line_width = 1.6;
      for (const auto& epoch : run.epochs) {
        if (epoch.test_error >= 0) line.points.emplace_back(epoch.seconds, 100 * epoch.test_error);
      }
      if (line.points.size() < 2) continue;
      if (!labelled) {
        result.chart.labels.push_back({names[index], line.colour, line.points.back()});
      }
      labelled = true;
      result.chart.layers.push_back(std::move(line));
    }
  }
  return result;
}

//! A series named like a method has its colour, the others what is left; the ink is the baseline's.
std::vector<int> series_colours(const record::experiment& experiment,
                                const record::figure& figure) {
  const auto names = method_names(experiment);
  std::vector<int> colours;
  std::set<int> used;
  for (const auto& series : figure.lines) {
    const auto method = std::find(names.begin(), names.end(), series.name);
    colours.push_back(method == names.end() ? -1 : static_cast<int>(method - names.begin()));
    used.insert(colours.back());
  }
  int next = 1;
  for (int& colour : colours) {
    if (colour >= 0) continue;
    while (used.contains(next)) ++next;
    colour = next++;
  }
  return colours;
}

named_chart own_figure(const record::experiment& experiment, const record::figure& figure) {
  constexpr std::size_t most_dots = 700;  // more are a blot, and megabytes of SVG
  named_chart result;
  result.stem = file_stem(figure.id);
  result.caption = figure.caption;
  result.chart.title = figure.title;
  result.chart.x = {figure.x_label, figure.log_x, {}};
  result.chart.y = {figure.y_label, figure.log_y, {}};
  const auto colours = series_colours(experiment, figure);
  bool thinned = false;
  for (std::size_t index = 0; index < figure.lines.size(); ++index) {
    const auto& series = figure.lines[index];
    plot::layer layer;
    layer.colour = colours[index];
    if (figure.scatter) {
      const std::size_t step = (series.points.size() + most_dots - 1) / most_dots;
      for (std::size_t i = 0; i < series.points.size(); i += step) {
        layer.points.push_back(series.points[i]);
      }
      thinned = thinned || step > 1;
      layer.dot_size = .35;
      layer.faint = true;
    } else {
      layer.points = series.points;
      layer.line_width = 2.5;
      if (series.points.size() <= 16) layer.dot_size = .8;
    }
    const bool several = figure.lines.size() > 1;
    if (several && !series.name.empty() && !layer.points.empty()) {
      const auto last = *std::max_element(
          layer.points.begin(), layer.points.end(),
          [](const auto& a, const auto& b) { return std::isnan(a.first) || a.first < b.first; });
      result.chart.labels.push_back({series.name, layer.colour, last});
    }
    result.chart.layers.push_back(std::move(layer));
  }
  if (thinned) result.caption += " An even part of the points is drawn.";
  return result;
}

}  // namespace

std::vector<named_chart> charts_of(const record::experiment& experiment) {
  std::vector<named_chart> charts = {error_chart(experiment, cost::seconds),
                                     error_chart(experiment, cost::backwards),
                                     training_curve(experiment)};
  for (const auto& figure : experiment.figures) {
    named_chart chart = own_figure(experiment, figure);
    const bool taken = std::any_of(charts.begin(), charts.end(), [&](const named_chart& other) {
      return other.stem == chart.stem;
    });
    if (taken) chart.stem += "_" + std::to_string(charts.size());
    charts.push_back(std::move(chart));
  }
  std::erase_if(charts, [](const named_chart& chart) { return !plot::drawable(chart.chart); });
  return charts;
}

}  // namespace report
