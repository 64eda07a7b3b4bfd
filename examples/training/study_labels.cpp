// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What wrong labels do to Selective-Backprop, and what a band does about it.
#include "studies.hpp"

#include <array>

namespace training {
namespace {

constexpr std::array<double, 3> wrong_shares{0.01, 0.1, 0.2};

//! The share of wrong labels among all that was back-propagated while selection was on.
double wrong_among_selected(const record::run& run) {
  double wrong = 0, trained = 0;
  std::uint64_t before = 0;
  for (const record::epoch& epoch : run.epochs) {
    const auto here = static_cast<double>(epoch.backwards - before);
    before = epoch.backwards;
    if (epoch.index == 0) continue;  // every method trains on everything there
    wrong += epoch.wrong_share * here;
    trained += here;
  }
  return trained > 0 ? wrong / trained : 0;
}

}  // namespace

void study_labels(const settings& chosen, train_and_test& data, session& here,
                  record::experiment& record) {
  const double epochs = epochs_or(chosen, 12);
  const auto seeds = seeds_or(chosen, 2);
  std::vector<std::string> names = chosen.methods;
  if (names.empty()) names = {"uniform", "sb", "plan", "band", "band-reuse"};

  record::figure errors{.id = "labels",
                        .title = "Wrong labels: test error",
                        .caption = "Mean of the seeds at equal work; the test labels are clean.",
                        .x_label = "wrong training labels in %",
                        .y_label = "test error in %",
                        .lines = {}};
  record::figure chased{.id = "labels-selected",
                        .title = "Wrong labels: their share among the back-propagated examples",
                        .caption =
                            "After the first epoch. A method that does not chase wrong labels "
                            "stays on the diagonal or below.",
                        .x_label = "wrong training labels in %",
                        .y_label = "wrong among the selected in %",
                        .lines = {}};
  std::vector<std::vector<std::string>> rows{
      {"wrong labels in %", "method", "test error in %", "wrong among selected in %"}};
  for (const std::string& name : names) {
    errors.lines.push_back({name, {}});
    chased.lines.push_back({name, {}});
  }

  for (const double share : wrong_shares) {
    dataset noisy = data.train;
    // A redrawn label is right by chance, of ten classes once in ten.
    const int classes = noisy.classes();
    const double wrong = redraw_labels(noisy, share * classes / (classes - 1), 1);
    const laboratory lab{noisy, data.test, here, chosen.threads};
    std::vector<job> jobs;
    for (const std::string& name : names) {
      for (const std::uint64_t seed : seeds) {
        jobs.push_back(
            with_epochs(make_job(here.what, chosen, *find_method(name)), epochs, seed, noisy));
      }
    }
    const auto outcomes = run_all(lab, jobs);
    for (std::size_t m = 0; m < names.size(); ++m) {
      std::vector<double> error, selected;
      for (std::size_t i = 0; i < seeds.size(); ++i) {
        const record::run& run = outcomes[m * seeds.size() + i].run;
        error.push_back(run.test_error);
        selected.push_back(wrong_among_selected(run));
      }
      errors.lines[m].points.emplace_back(100 * wrong, 100 * mean(error));
      chased.lines[m].points.emplace_back(100 * wrong, 100 * mean(selected));
      rows.push_back(
          {percent(wrong, 1), names[m], percent(mean(error)), percent(mean(selected), 1)});
    }
  }
  record.tables.emplace_back("Wrong labels", std::move(rows));
  record.figures.push_back(std::move(errors));
  record.figures.push_back(std::move(chased));
}

}  // namespace training
