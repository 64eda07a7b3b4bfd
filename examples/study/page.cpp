// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "page.hpp"

#include "../common/plot.hpp"
#include "../common/report_files.hpp"
#include "../common/report_statistics.hpp"
#include "../common/report_summary.hpp"
#include "../common/report_text.hpp"
#include "agenda.hpp"
#include "results.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>

namespace study {
namespace {

using report::fixed;
using report::percent;
using cells = std::vector<std::vector<std::string>>;

std::string noise_text(double noise) {
  return noise == 0 ? "clean labels" : report::exact(100 * noise) + " % label noise";
}
std::string chart_name(double noise) {
  return "error_noise_" + report::exact(100 * noise) + ".svg";
}
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}
std::string p_text(double p) { return std::isnan(p) ? "-" : p < .001 ? "< .001" : fixed(p, 3); }
std::string signed_percent(double value) {
  return std::isnan(value) ? "-" : (value > 0 ? "+" : "") + percent(value);
}

std::string tuning_table(const plan& of, const std::vector<row>& rows, double noise) {
  cells table{{"method", "trials", "chosen", "hold-out error, %"}};
  for (const choice& each : choose(of, rows)) {
    if (each.noise != noise) continue;
    table.push_back({each.method, std::to_string(of.baseline().trials()), joined(each.flags),
                     percent(each.error)});
  }
  return report::table{table}.markdown();
}

//! Mean error and its interval at every budget.
std::string error_table(const plan& of, const std::vector<row>& rows, double noise) {
  cells table{{"method"}};
  for (const double share : of.shares) {
    table.front().push_back(report::exact(share * of.horizon) + " epochs");
  }
  for (const candidate& each : of.methods) {
    table.push_back({each.method});
    for (const double share : of.shares) {
      std::vector<double> errors;
      for (const row& made : rows) {
        if (made.of.part == stage::final && made.of.noise == noise && made.of.share == share &&
            made.of.method == each.method) {
          errors.push_back(made.error);
        }
      }
      const interval mean = mean_of(errors);
      const double reach = mean.upper - mean.mean;
      table.back().push_back(
          errors.empty() ? "-"
                         : percent(mean.mean) + (std::isnan(reach) ? "" : " ± " + percent(reach)));
    }
  }
  return report::table{table}.markdown();
}

std::string difference_table(const std::vector<difference>& all) {
  cells table{{"method", "share of T", "difference, points", "95 %", "p", "p after Holm", "seeds"}};
  for (const difference& each : all) {
    table.push_back(
        {each.method, report::exact(each.share), signed_percent(each.error.mean),
         std::isnan(each.error.lower)
             ? "-"
             : signed_percent(each.error.lower) + " … " + signed_percent(each.error.upper),
         p_text(each.error.p), p_text(each.adjusted), std::to_string(each.error.count)});
  }
  return report::table{table}.markdown();
}

std::string speed_up_table(const plan& of, const record::experiment& runs) {
  constexpr double factors[] = {1, 1.1, 1.2, 1.4};
  cells table{{"method", "at its error", "95 %", "at 1.1 times", "at 1.2 times", "at 1.4 times"}};
  const std::string baseline = of.baseline().method;
  const auto levels = report::levels_of(runs, baseline);
  const auto at = std::ranges::find(levels, of.horizon, &report::level::budget);
  for (const candidate& each : of.methods) {
    if (&each == &of.baseline()) continue;
    std::vector<std::string> line{each.method};
    for (const double factor : factors) {
      line.push_back(speed_up_at(runs, each.method, baseline, of.horizon, factor));
      if (factor != 1) continue;
      std::string reach = "-";
      if (at != levels.end()) {
        const auto gain = report::compare(levels, static_cast<std::size_t>(at - levels.begin()),
                                          report::levels_of(runs, each.method));
        if (std::isfinite(gain.lower)) {
          reach = fixed(gain.lower, 2) + " … " + fixed(gain.upper, 2);
        }
      }
      line.push_back(reach);
    }
    table.push_back(std::move(line));
  }
  return report::table{table}.markdown();
}

//! Executed passes and selection's share at the horizon.
std::string work_table(const plan& of, const std::vector<row>& rows, double noise) {
  cells table{{"method", "forwards", "backwards", "seconds", "of it selection, %"}};
  for (const candidate& each : of.methods) {
    double forwards = 0, backwards = 0, seconds = 0, selecting = 0, count = 0, timed = 0;
    for (const row& made : rows) {
      if (made.of.part != stage::final || made.of.noise != noise || made.of.share != 1 ||
          made.of.method != each.method) {
        continue;
      }
      ++count;
      forwards += static_cast<double>(made.forwards);
      backwards += static_cast<double>(made.backwards);
      if (!made.alone) continue;
      ++timed;
      seconds += made.seconds;
      selecting += made.selection_seconds;
    }
    if (count == 0) continue;
    table.push_back({each.method, report::count_text(forwards / count),
                     report::count_text(backwards / count),
                     timed > 0 ? report::seconds_text(seconds / timed) : "-",
                     timed > 0 ? fixed(100 * selecting / seconds, 2) : "-"});
  }
  return report::table{table}.markdown();
}

//! Who is worse than the baseline beyond doubt, or "not worse" by the protocol's bound.
std::string verdicts(const std::vector<difference>& all) {
  constexpr double tolerated = .002;
  std::set<std::string> lost, fine, methods;
  for (const difference& each : all) {
    methods.insert(each.method);
    if (each.error.lower > 0) lost.insert(each.method + " at " + report::exact(each.share) + " T");
  }
  for (const std::string& method : methods) {
    const bool within = std::ranges::all_of(all, [&](const difference& each) {
      return each.method != method || each.error.upper <= tolerated;
    });
    if (within) fine.insert(method);
  }
  const auto list = [](const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? std::string("none") : text;
  };
  return "Worse than the baseline beyond doubt: " + list(lost) +
         ".\nNot worse at any budget (the upper bound is at most 0.2 points): " + list(fine) +
         ".\n";
}

plot::chart chart_of(const plan& of, const record::experiment& runs, double noise) {
  plot::chart chart;
  chart.title = of.title + ", " + noise_text(noise);
  chart.x = {"executed work, epochs of plain SGD (log scale)", true, {}};
  chart.y.label = "test error, %";
  for (const double share : of.shares) {
    chart.x.tics.emplace_back(share * of.horizon, report::exact(share * of.horizon));
  }
  int colour = 0;
  for (const candidate& each : of.methods) {
    plot::layer mean;
    mean.colour = colour++;
    mean.line_width = 2.5;
    mean.dot_size = .9;
    for (const report::level& level : report::levels_of(runs, each.method)) {
      mean.points.emplace_back(level.seconds, 100 * level.error.mean);
    }
    if (!mean.points.empty()) {
      chart.labels.push_back({each.method, mean.colour, mean.points.back()});
    }
    chart.layers.push_back(std::move(mean));
  }
  return chart;
}

std::string section(const plan& of, const std::vector<row>& rows, double noise) {
  std::string text = "\n## With " + noise_text(noise) + "\n\n";
  const auto is_final = [&](const row& made) {
    return made.of.part == stage::final && made.of.noise == noise;
  };
  const bool tuned = missing_trials(of, rows).empty();
  text += tuned ? "Parameters, chosen on the hold-out:\n\n" + tuning_table(of, rows, noise)
                : "Tuning is not finished.\n";
  if (std::ranges::none_of(rows, is_final)) return text + "\nNo final run yet.\n";
  const auto by_work = experiment_of(of, rows, noise, cost::work);
  const auto by_time = experiment_of(of, rows, noise, cost::seconds);
  const auto all = differences(of, rows, noise);
  text += "\n![error against work](" + chart_name(noise) + ")\n";
  text += "\nTest error in %, mean over seeds and its 95 % interval:\n\n" +
          error_table(of, rows, noise);
  text += "\nAgainst " + of.baseline().method +
          " at the same budget, paired over seeds (named "
          "beforehand: " +
          of.claim + " at T):\n\n" + difference_table(all) + "\n" + verdicts(all);
  text += "\nSpeed-up in executed work, where the method's mean error comes down to " +
          of.baseline().method + "'s at T, and to multiples of it:\n\n" +
          speed_up_table(of, by_work);
  if (!by_time.runs.empty()) {
    text += "\nThe same in seconds, of runs that had the machine for themselves:\n\n" +
            speed_up_table(of, by_time);
  }
  return text + "\nAt T:\n\n" + work_table(of, rows, noise);
}

}  // namespace

std::string page(const plan& of, const std::vector<row>& rows) {
  std::string text = "# " + of.title +
                     "\n\nGenerated from `rows.jsonl` by `scripts/study.sh`; "
                     "what was to be run is in the plan beside it.\n\n";
  std::set<std::string> machines, versions;
  std::size_t alone = 0;
  for (const row& made : rows) {
    machines.insert(made.processor);
    versions.insert(made.library);
    alone += made.alone ? 1 : 0;
  }
  const auto trials = missing_trials(of, rows);
  const auto choices = trials.empty() ? choose(of, rows) : std::vector<choice>{};
  const std::size_t finals = trials.empty() ? missing_finals(of, choices, rows).size() : 0;
  text += "* " + std::to_string(rows.size()) + " runs, " + std::to_string(alone) +
          " of them alone on the machine; missing: " + std::to_string(trials.size()) + " trials, " +
          (trials.empty() ? std::to_string(finals) : std::string("all")) + " final runs\n";
  for (const std::string& machine : machines) text += "* processor: " + machine + "\n";
  for (const std::string& version : versions) text += "* gradsieve " + version + "\n";
  text += "* T is " + report::exact(of.horizon) +
          " epochs of plain SGD's work; every run is "
          "complete, its learning rate fully decayed\n* tuning: " +
          std::to_string(of.baseline().trials()) + " trials a method, " +
          std::to_string(of.tuning_seeds.size()) + " seeds, " +
          report::exact(of.tuning_share * of.horizon) +
          " epochs, on a fixed tenth of the training set that was not trained on; finals with "
          "fresh seeds: " +
          std::to_string(of.final_seeds.size()) + "\n";
  for (const std::string& sentence : complaints(choices)) text += "* warning: " + sentence + "\n";
  for (const double noise : of.noise) text += section(of, rows, noise);
  return text;
}

void write_page(const plan& of, const std::vector<row>& rows, const std::filesystem::path& folder) {
  report::prepare_directory(folder);
  report::write_file(folder / "README.md", page(of, rows));
  for (const double noise : of.noise) {
    const auto chart = chart_of(of, experiment_of(of, rows, noise, cost::work), noise);
    if (!plot::drawable(chart)) continue;
    const std::filesystem::path file = folder / chart_name(noise);
    try {
      report::write_file(file, plot::render(chart, plot::format::svg, file));
    } catch (const plot::missing_gnuplot&) {
      std::cerr << "study: gnuplot was not found; the page has no charts\n";
      return;
    }
  }
}

}  // namespace study
