// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains small networks with and without selection and writes a report of what it saved.
#include "comparison.hpp"
#include "environment.hpp"
#include "studies.hpp"

#include "../common/report.hpp"

#include <iostream>

namespace eigen_mlp {
namespace {

void run(const request& asked) {
  const settings& chosen = asked.chosen;
  train_and_test data = load(chosen.data, chosen.train_images);
  const double wrong =
      chosen.label_noise > 0 ? redraw_labels(data.train, chosen.label_noise, 1) : 0.0;
  progress_line progress(chosen.quiet     ? verbosity::quiet
                         : chosen.verbose ? verbosity::verbose
                                          : verbosity::normal);
  progress.show("measuring the cost of a step");
  prices cost = calibrate(data.train, make_job(chosen, methods().front()).training);
  // Work in epochs has fixed prices, so that the same seed gives the same run on every machine.
  const bool timed = chosen.study.empty() && chosen.epochs.empty();
  if (!timed) cost.forward_share = prices{}.forward_share;

  record::experiment record;
  record.title = "Fashion-MNIST, MLP " + network_name(chosen);
  record.target_error = chosen.target_error < 0 ? -1 : chosen.target_error / 100;
  describe_environment(asked, cost, data, wrong, record);
  if (chosen.study.empty()) {
    compare(chosen, cost, data, progress, record);
  } else {
    record.title += ", study " + chosen.study;
    find_study(chosen.study)->run(chosen, data, progress, record);
  }
  if (!chosen.out.empty()) {
    progress.show("writing the report");
    report::write(record, chosen.out);
  }
  progress.show("");
  if (!chosen.quiet) std::cout << report::summary(record);
}

}  // namespace
}  // namespace eigen_mlp

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto asked = eigen_mlp::read_flags(argc, argv, exit_code);
  if (!asked) return exit_code;
  try {
    eigen_mlp::run(*asked);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "eigen_mlp: " << error.what() << '\n';
    return 1;
  }
}
