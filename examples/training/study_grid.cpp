// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The learning rate of every method, chosen where no test image is looked at.
#include "studies.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace training {
namespace {

constexpr int most_extensions = 4;

std::string rate_text(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", rate);
  return text;
}

//! Mean hold-out error by learning rate, for each method.
using grid = std::vector<std::map<double, double>>;

double best_rate(const std::map<double, double>& column) {
  return std::ranges::min_element(column, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

}  // namespace

void study_grid(const settings& chosen, train_and_test& data, session& here,
                record::experiment& record) {
  const train_and_test split = hold_out_tenth(data.train);
  const laboratory lab{split.train, split.test, here, chosen.threads};
  const double epochs = epochs_or(chosen, 8);
  const auto seeds = seeds_or(chosen, 3);
  std::vector<std::string> names = chosen.methods;
  if (names.empty()) names = {"uniform", "sb", "sb-reuse", "plan"};

  grid errors(names.size());
  const auto measure = [&](double rate) {
    std::vector<job> jobs;
    for (const std::string& name : names) {
      for (const std::uint64_t seed : seeds) {
        job task =
            with_epochs(make_job(here.what, chosen, *find_method(name)), epochs, seed, split.train);
        task.training.learning_rate = rate;
        jobs.push_back(task);
      }
    }
    const auto outcomes = run_all(lab, jobs);
    for (std::size_t column = 0; column < names.size(); ++column) {
      std::vector<double> values;
      for (std::size_t i = 0; i < seeds.size(); ++i) {
        values.push_back(outcomes[column * seeds.size() + i].run.test_error);
      }
      errors[column][rate] = mean(values);
    }
  };

  const double middle = chosen.learning_rate.value_or(here.what.learning_rate);
  for (const double rate : {middle / 2, middle, middle * 2}) measure(rate);
  // A best point at the edge says that the grid is too small; all methods get the new trials.
  for (int i = 0; i < most_extensions; ++i) {
    const double lowest = errors.front().begin()->first;
    const double highest = errors.front().rbegin()->first;
    const bool lower = std::ranges::any_of(errors, [&](auto& c) { return best_rate(c) == lowest; });
    const bool higher =
        std::ranges::any_of(errors, [&](auto& c) { return best_rate(c) == highest; });
    if (lower) measure(lowest / 2);
    if (higher) measure(highest * 2);
    if (!lower && !higher) break;
  }

  std::vector<std::vector<std::string>> rows{{"learning rate"}};
  for (const std::string& name : names) rows.front().push_back(name);
  for (const auto& [rate, ignored] : errors.front()) {
    rows.push_back({rate_text(rate)});
    for (const auto& column : errors) {
      rows.back().push_back(percent(column.at(rate)) + (best_rate(column) == rate ? " *" : ""));
    }
  }
  record.tables.emplace_back("Hold-out error in %, mean of " + std::to_string(seeds.size()) +
                                 " seeds, work of " + rate_text(epochs) +
                                 " epochs of plain SGD; * is each method's best",
                             std::move(rows));
}

}  // namespace training
