// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains small networks with and without selection and writes a report of what it saved.
#include "calibrate.hpp"
#include "comparison.hpp"
#include "environment.hpp"
#include "studies.hpp"

#include "../common/report.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace eigen_mlp {
namespace {

//! A study's answer is its tables.
void print(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::cout << std::left << std::setw(static_cast<int>(widths[i]) + 2) << row[i];
    }
    std::cout << '\n';
  }
}

void print_answer(const record::experiment& record, bool is_study) {
  if (!is_study) std::cout << report::summary(record);
  for (const auto& [title, rows] : record.tables) {
    std::cout << '\n' << title << '\n';
    print(rows);
  }
}

void run(const request& asked) {
  const settings& chosen = asked.chosen;
  train_and_test data = load(chosen.data, chosen.train_images);
  const double wrong =
      chosen.label_noise > 0 ? redraw_labels(data.train, chosen.label_noise, 1) : 0.0;
  progress_line progress(chosen.quiet     ? verbosity::quiet
                         : chosen.verbose ? verbosity::verbose
                                          : verbosity::normal);
  checkpoint saved;
  if (!chosen.out.empty()) {
    const bool saves = chosen.save_every > 0 || chosen.resume;
    saved = checkpoint(chosen.out / "checkpoint", saves ? identity_of(asked, data) : identity{},
                       chosen.save_every, chosen.resume);
  }
  progress.show("measuring the cost of a step");
  prices cost = saved.measured(
      [&] { return calibrate(data.train, make_job(chosen, methods().front()).training); });
  // Work in epochs has fixed prices, so that the same seed gives the same run on every machine.
  const bool timed = chosen.study.empty() && chosen.epochs.empty();
  if (!timed) cost.forward_share = prices{}.forward_share;

  record::experiment record;
  record.title = "Fashion-MNIST, MLP " + network_name(chosen);
  record.target_error = chosen.target_error < 0 ? -1 : chosen.target_error / 100;
  describe_environment(asked, cost, data, wrong, record);
  session here{progress, saved};
  if (chosen.study.empty()) {
    compare(chosen, cost, data, here, record);
  } else {
    record.title += ", study " + chosen.study;
    find_study(chosen.study)->run(chosen, data, here, record);
  }
  if (chosen.resume) {
    record.notes.emplace_back(
        "The runs were stopped and resumed; their seconds are those of the "
        "parts together.");
  }
  if (!chosen.out.empty()) {
    progress.show("writing the report");
    report::write(record, chosen.out);
    saved.remove();
  }
  progress.show("");
  if (!chosen.quiet) print_answer(record, !chosen.study.empty());
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
