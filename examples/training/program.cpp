// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "program.hpp"

#include "calibrate.hpp"
#include "comparison.hpp"
#include "environment.hpp"
#include "print_table.hpp"
#include "studies.hpp"

#include "../common/report.hpp"

#include <algorithm>
#include <iostream>

namespace training {
namespace {

//! A study's answer is its tables.
void print_answer(const record::experiment& record, bool is_study) {
  if (!is_study) std::cout << report::summary(record);
  for (const auto& [title, rows] : record.tables) {
    std::cout << '\n' << title << '\n';
    print_table(rows);
  }
}

void run(const program& what, const request& asked) {
  const settings& chosen = asked.chosen;
  train_and_test data = load(chosen.data, chosen.train_images);
  const double wrong = chosen.label_noise == 0 ? 0.0
                       : chosen.noise == noise_kind::next
                           ? flip_labels_to_next(data.train, chosen.label_noise, 1)
                           : redraw_labels(data.train, chosen.label_noise, 1);
  if (chosen.hold_out) data = hold_out_tenth(data.train);
  progress_line progress(chosen.quiet     ? verbosity::quiet
                         : chosen.verbose ? verbosity::verbose
                                          : verbosity::normal);
  checkpoint saved;
  if (!chosen.out.empty()) {
    const bool saves = chosen.save_every > 0 || chosen.resume;
    saved = checkpoint(what.name, chosen.out / "checkpoint",
                       saves ? identity_of(what, asked, data) : identity{}, chosen.save_every,
                       chosen.resume);
  }
  progress.show("measuring the cost of a step");
  prices cost = saved.measured([&] {
    const auto options = make_job(what, chosen, what.methods().front()).training;
    return what.own ? what.own->calibrate(data.train, options)
                    : calibrate(what.make, data.train, options);
  });
  // Work in epochs has fixed prices, so that the same seed gives the same run on every machine.
  const bool timed = chosen.study.empty() && chosen.epochs.empty();
  if (!timed) cost.forward_share = prices{}.forward_share;

  record::experiment record;
  record.title = data.train.name + ", " + what.network_kind + ' ' + what.network_name(data.train);
  record.target_error = chosen.target_error < 0 ? -1 : chosen.target_error / 100;
  describe_environment(what, asked, cost, data, wrong, record);
  session here{what, progress, saved};
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
    report::write(record, chosen.out, chosen.data_only ? report::parts::data : report::parts::all);
    saved.remove();
  }
  progress.show("");
  if (!chosen.quiet) print_answer(record, !chosen.study.empty());
}

}  // namespace

tuned program::best_for(const method& what) const {
  const auto found = std::ranges::find(best, what.name, &tuned::method);
  return found != best.end() ? *found : tuned{what.name, learning_rate};
}

std::span<const method> program::methods() const {
  return own ? own->methods : training::methods();
}

const method* program::find(std::string_view wanted) const {
  const auto all = methods();
  const auto found = std::ranges::find(all, wanted, &method::name);
  return found == all.end() ? nullptr : &*found;
}

int run_program(const program& what, int argc, char** argv) {
  int exit_code = 0;
  const auto asked = read_flags(what, argc, argv, exit_code);
  if (!asked) return exit_code;
  try {
    run(what, *asked);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << what.name << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace training
