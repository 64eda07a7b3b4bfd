// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Is the baseline a good one? Plain SGD with other batch sizes and with momentum, given the
//! same seconds.
#include "studies.hpp"

#include "calibrate.hpp"

#include <cstdio>

namespace training {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

void study_front(const settings& chosen, train_and_test& data, session& here,
                 record::experiment& record) {
  const train_and_test split = hold_out_tenth(data.train);
  const laboratory lab{split.train, split.test, here, chosen.threads};
  const method& plain = methods().front();
  const auto seeds = seeds_or(chosen, 2);

  // All get the seconds that this many epochs take with the default batch size.
  const double epochs = epochs_or(chosen, 8);
  const auto price_of = [&](const training_options& options) {
    return here.saved.measured([&] { return calibrate(here.what.make, split.train, options); });
  };
  const double seconds = epochs * static_cast<double>(split.train.size()) *
                         price_of(make_job(here.what, chosen, plain).training).train_seconds;
  std::vector<std::vector<std::string>> rows{
      {"batch size", "momentum", "epochs in the time", "learning rates", "hold-out errors in %"}};
  for (const rival& each : here.what.rivals) {
    job task = make_job(here.what, chosen, plain);
    task.training.batch_size = each.batch_size;
    task.training.optimiser.momentum = each.momentum;
    const prices cost = price_of(task.training);
    const double affordable =
        seconds / cost.train_seconds / static_cast<double>(split.train.size());
    std::string rates, errors;
    for (const double rate : each.rates) {
      task.training.learning_rate = rate;
      std::vector<job> jobs;
      jobs.reserve(seeds.size());
      for (const std::uint64_t seed : seeds) {
        jobs.push_back(with_epochs(task, affordable, seed, split.train));
      }
      std::vector<double> values;
      for (const outcome& result : run_all(lab, jobs)) values.push_back(result.run.test_error);
      rates += (rates.empty() ? "" : ", ") + number(rate);
      errors += (errors.empty() ? "" : ", ") + percent(mean(values));
    }
    rows.push_back({std::to_string(each.batch_size), number(double{each.momentum}),
                    number(affordable), rates, errors});
  }
  record.tables.emplace_back("Plain SGD in " + number(seconds) + " seconds a run, mean of " +
                                 std::to_string(seeds.size()) + " seeds",
                             std::move(rows));
}

}  // namespace training
