// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "agenda.hpp"

#include "catch.hpp"
#include "plans.hpp"

namespace {

using study::task;

TEST_CASE("study: trials of all methods take turns, each once, until all rows are there") {
  const study::plan plan = study::parse_plan(plans::small);
  auto missing = study::missing_trials(plan, {});
  REQUIRE(missing.size() == 2 * 3 * 2 * 2);  // methods, trials, noise, seeds
  for (std::size_t i = 0; i < missing.size(); ++i) {
    CHECK(missing[i].method == plan.methods[i % 2].method);
    CHECK(missing[i].part == study::stage::tuning);
    CHECK(missing[i].share == .5);
  }
  auto rows = plans::rows_of(missing, [](const task&) { return .1; });
  CHECK(study::missing_trials(plan, rows).empty());
  const task lost = rows[7].of;
  rows.erase(rows.begin() + 7);
  missing = study::missing_trials(plan, rows);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0] == lost);
}

//! Best at a learning rate of 0.2, or 0.4 under noise; at a beta of 3.
double error_of(const task& of) {
  if (of.method == "plan") return of.flags.back() == "3" ? .05 : .08;
  return of.flags.back() == (of.noise > 0 ? "0.4" : "0.2") ? .1 : .2;
}

TEST_CASE("study: the best mean over seeds is chosen, for each noise") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto rows = plans::rows_of(study::missing_trials(plan, {}), error_of);
  const auto choices = study::choose(plan, rows);
  REQUIRE(choices.size() == 4);
  CHECK(choices[0].flags == std::vector<std::string>{"--lr", "0.2"});
  CHECK(choices[0].error == Approx(.1));
  CHECK(choices[1].flags == std::vector<std::string>{"--max-age", "8", "--beta", "3"});
  CHECK(choices[2].noise == .2);
  CHECK(choices[2].flags == std::vector<std::string>{"--lr", "0.4"});

  // One lucky seed is not the best mean.
  auto lucky = rows;
  for (study::row& each : lucky) {
    if (each.of.flags == std::vector<std::string>{"--lr", "0.1"} && each.of.seed == 1) {
      each.error = .05;
    }
  }
  CHECK(study::choose(plan, lucky)[0].flags.back() == "0.2");
}

TEST_CASE("study: a best value at the end of its axis is complained of, unless that is a bound") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto rows = plans::rows_of(study::missing_trials(plan, {}), error_of);
  const auto sentences = study::complaints(study::choose(plan, rows));
  REQUIRE(sentences.size() == 1);
  CHECK_THAT(sentences[0], contains("uniform under noise 0.2 has --lr 0.4"));
}

TEST_CASE("study: a diverged trial is never the best") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto rows = plans::rows_of(study::missing_trials(plan, {}), [](const task& of) {
    return of.flags.back() == "0.1" || of.flags.back() == "1" ? 0 / 0. : .3;
  });
  for (const auto& each : study::choose(plan, rows)) {
    CHECK(each.flags.back() != "0.1");
    CHECK(each.flags.back() != "1");
    CHECK(each.error == Approx(.3));
  }
}

TEST_CASE("study: finals use what was chosen, and only fresh seeds") {
  const study::plan plan = study::parse_plan(plans::small);
  const auto rows = plans::rows_of(study::missing_trials(plan, {}), error_of);
  const auto choices = study::choose(plan, rows);
  const auto finals = study::missing_finals(plan, choices, rows);
  REQUIRE(finals.size() == 2 * 2 * 2 * 2);  // methods, budgets, noise, seeds
  for (const task& each : finals) {
    CHECK(each.part == study::stage::final);
    CHECK(each.seed >= 11);
    if (each.method == "uniform") CHECK(each.flags.back() == (each.noise > 0 ? "0.4" : "0.2"));
  }
  auto all = rows;
  for (const auto& each : plans::rows_of(finals, error_of)) all.push_back(each);
  CHECK(study::missing_finals(plan, choices, all).empty());
}

}  // namespace
