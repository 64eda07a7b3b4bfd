// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "results.hpp"

#include "catch.hpp"
#include "page.hpp"
#include "plans.hpp"
#include "support/scratch_folder.hpp"

namespace {

using study::task;

//! Error 0.2 at half of the horizon and 0.1 at the whole for uniform; the plan has half of it.
double error_of(const task& of) {
  const double uniform = of.share == 1 ? .1 : .2;
  return (of.method == "plan" ? uniform / 2 : uniform) + .001 * static_cast<double>(of.seed % 2);
}

std::vector<study::row> all_rows(const study::plan& plan) {
  auto rows = plans::rows_of(study::missing_trials(plan, {}), error_of);
  const auto choices = study::choose(plan, rows);
  for (auto& each : plans::rows_of(study::missing_finals(plan, choices, rows), error_of)) {
    rows.push_back(each);
  }
  return rows;
}

TEST_CASE("study: work is counted in epochs of the baseline") {
  const study::plan plan = study::parse_plan(plans::small);
  auto rows = all_rows(plan);
  for (study::row& each : rows) {
    if (each.of.method == "plan") each.backwards = 0;  // forwards alone: a third
  }
  const auto runs = study::experiment_of(plan, rows, 0, study::cost::work).runs;
  REQUIRE(runs.size() == 8);
  for (const auto& run : runs) {
    CHECK(run.seconds == Approx(run.budget_seconds * (run.method == "plan" ? 1.0 / 3 : 1)));
  }
}

TEST_CASE("study: rows that were not alone have no place among seconds") {
  const study::plan plan = study::parse_plan(plans::small);
  auto rows = all_rows(plan);
  rows.back().alone = false;  // of noise 0.2
  CHECK(study::experiment_of(plan, rows, 0, study::cost::seconds).runs.size() == 8);
  CHECK(study::experiment_of(plan, rows, .2, study::cost::seconds).runs.size() == 7);
  CHECK(study::experiment_of(plan, rows, .2, study::cost::work).runs.size() == 8);
}

TEST_CASE("study: differences are paired over seeds") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto all = study::differences(plan, all_rows(plan), 0);
  REQUIRE(all.size() == 2);
  CHECK(all[0].share == .5);
  CHECK(all[0].error.mean == Approx(-.1));
  CHECK(all[1].error.mean == Approx(-.05));
  // What the seeds have in common cancels.
  CHECK(all[1].error.upper == Approx(-.05));
  CHECK(all[1].error.count == 2);
}

TEST_CASE("study: a speed-up is the ratio of the costs at equal error") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto rows = all_rows(plan);
  const auto runs = study::experiment_of(plan, rows, 0, study::cost::work);
  // The plan has 0.1005 at half of the work, uniform 0.1005 at the whole.
  CHECK(study::speed_up_at(runs, "plan", "uniform", 10, 1) == "> 2.00");
  CHECK(study::speed_up_at(runs, "uniform", "uniform", 10, 1) == "1.00");
  CHECK(study::speed_up_at(runs, "plan", "uniform", 10, .1) == "-");
  CHECK(study::speed_up_at(runs, "plan", "uniform", 99, 1) == "-");
}

TEST_CASE("study: the page says what is missing, what won, and who lost") {
  const study::plan plan = study::parse_plan(plans::small);
  CHECK_THAT(study::page(plan, {}), contains("missing: 24 trials"));
  CHECK_THAT(study::page(plan, {}), contains("No final run yet."));

  auto rows = all_rows(plan);
  std::string text = study::page(plan, rows);
  CHECK_THAT(text, contains("missing: 0 trials, 0 final runs"));
  CHECK_THAT(text, contains("beyond doubt: none"));
  CHECK_THAT(text, contains("0.2 points): plan"));
  CHECK_THAT(text, contains("-5.00"));

  for (study::row& each : rows) {
    if (each.of.part == study::stage::final && each.of.method == "plan" && each.of.share == 1) {
      each.error += .2;
    }
  }
  text = study::page(plan, rows);
  CHECK_THAT(text, contains("beyond doubt: plan at 1 T"));
  CHECK_THAT(text, contains("0.2 points): none"));
}

TEST_CASE("study: the page and its charts are written") {
  const support::scratch_folder scratch;
  const study::plan plan = study::parse_plan(plans::small);
  study::write_page(plan, all_rows(plan), scratch.path() / "out");
  CHECK(std::filesystem::exists(scratch.path() / "out" / "README.md"));
}

}  // namespace
