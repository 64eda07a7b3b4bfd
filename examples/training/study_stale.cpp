// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Cached losses: how many selection forwards they save, and at what price in error.
#include "studies.hpp"

#include <cstdio>

namespace training {
namespace {

//! Forward passes spent on choosing, for each example that was trained.
double scoring_forwards(const record::run& run) {
  return static_cast<double>(run.forwards - run.backwards) / static_cast<double>(run.backwards);
}

std::string ratio(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

void study_stale(const settings& chosen, train_and_test& data, session& here,
                 record::experiment& record) {
  const laboratory lab{data.train, data.test, here, chosen.threads};
  const double epochs = epochs_or(chosen, 8);
  const auto seeds = seeds_or(chosen, 3);
  struct variant {
    std::string name;
    job task;
  };
  std::vector<variant> variants{{"sb", make_job(here.what, chosen, *find_method("sb"))}};
  for (const std::uint32_t age : {2u, 3u, 4u, 6u}) {
    job task = make_job(here.what, chosen, *find_method("stale-sb"));
    task.options.max_age = age;
    variants.push_back({"stale-sb, every " + std::to_string(age) + " epochs", task});
  }

  std::vector<job> jobs;
  for (const variant& each : variants) {
    for (const std::uint64_t seed : seeds) {
      jobs.push_back(with_epochs(each.task, epochs, seed, data.train));
    }
  }
  const auto outcomes = run_all(lab, jobs);
  std::vector<std::vector<std::string>> rows{
      {"method", "selection forwards per trained example", "saved in %", "test error in %"}};
  record::figure prices{
      .id = "stale",
      .title = "Cached losses: test error against selection forwards",
      .caption =
          "Mean of the seeds at equal work. Selective-Backprop scores "
          "every example anew, Stale-SB every few epochs only.",
      .x_label = "selection forwards per trained example",
      .y_label = "test error in %",
      .lines = {{.name = "sb", .points = {}}, {.name = "stale-sb", .points = {}}}};
  double baseline = 0;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    std::vector<double> forwards, error;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      forwards.push_back(scoring_forwards(outcomes[v * seeds.size() + i].run));
      error.push_back(outcomes[v * seeds.size() + i].run.test_error);
    }
    if (v == 0) baseline = mean(forwards);
    prices.lines[v == 0 ? 0 : 1].points.emplace_back(mean(forwards), 100 * mean(error));
    rows.push_back({variants[v].name, ratio(mean(forwards)),
                    percent(1 - mean(forwards) / baseline, 0), percent(mean(error))});
  }
  record.tables.emplace_back("Cached losses at equal work", std::move(rows));
  record.figures.push_back(std::move(prices));
}

}  // namespace training
