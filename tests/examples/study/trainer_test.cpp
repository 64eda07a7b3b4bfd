// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A whole small study with the demo's trainer.
#include "agenda.hpp"
#include "page.hpp"
#include "runner.hpp"

#include "catch.hpp"
#include "examples/training/pictures.hpp"
#include "plans.hpp"
#include "support/scratch_folder.hpp"

namespace {

TEST_CASE("study: tuned on a hold-out, finished on the test set, the same when done again") {
  const support::scratch_folder scratch;
  const auto data = scratch.path() / "data";
  std::filesystem::create_directory(data);
  support::write_pictures(data, "train", 1500);
  support::write_pictures(data, "t10k", 200);
  const study::plan plan = study::parse_plan(R"({
    "title": "t", "trainer": "eigen_mlp", "flags": ["--layers", "8"], "horizon": 2,
    "shares": [1], "noise": [0.1], "tuning": {"share": 1, "seeds": [1]}, "seeds": [2],
    "claim": "plan",
    "methods": [{"method": "uniform"}, {"method": "plan", "flags": ["--beta", "2"]}]})");
  const auto rows_of = [&](const char* name) {
    study::running how;
    how.trainer = EIGEN_MLP;
    how.rows = scratch.path() / name;
    how.flags = {"--data", data.string()};
    study::run_all(plan, study::missing_trials(plan, {}), how);
    const auto choices = study::choose(plan, study::read_rows(how.rows));
    study::run_all(plan, study::missing_finals(plan, choices, {}), how);
    return study::read_rows(how.rows);
  };
  const auto rows = rows_of("first.jsonl"), again = rows_of("second.jsonl");
  REQUIRE(rows.size() == 4);
  // Two epochs of nine tenths, then of all.
  CHECK(rows[0].forwards == 2700);
  CHECK(rows[2].forwards == 3000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].error < .9);
    CHECK(rows[i].error > 0);
    CHECK(rows[i].trained_ids == again[i].trained_ids);
    CHECK(rows[i].final_weights == again[i].final_weights);
  }
  CHECK(rows[0].final_weights != rows[2].final_weights);
  CHECK_THAT(study::page(plan, rows), contains("0 trials, 0 final runs"));
}

}  // namespace
