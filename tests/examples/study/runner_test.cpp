// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runner.hpp"

#include <algorithm>
#include <filesystem>

#include "catch.hpp"
#include "plans.hpp"
#include "support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;

//! A trainer that answers at once, as its arguments say.
const char* const script = R"(#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --method) method=$2 ;;
    --seeds) seed=$2 ;;
    --out) out=$2 ;;
    --lr) if [ "$2" = 0.4 ]; then echo "too fast" >&2; exit 3; fi ;;
  esac
  shift
done
cat > "$out/run.json" <<END
{"environment": {"processor": "p", "gradsieve": "v"},
 "runs": [{"method": "$method", "seed": $seed, "test_error": 0.25, "test_nll": null,
           "forwards": 3, "backwards": 2, "seconds": 1.5, "selection_seconds": 0.5,
           "trained_ids": "a", "final_weights": "b"}]}
END
)";

struct place {
  support::scratch_folder scratch;
  study::plan plan = study::parse_plan(plans::small);
  study::running how;
  place() {
    how.trainer = scratch.path() / "trainer";
    how.rows = scratch.path() / "rows.jsonl";
    support::write(how.trainer, script);
    fs::permissions(how.trainer, fs::perms::owner_all);
  }
  std::vector<study::task> tasks(const std::string& without) const {
    auto all = study::missing_trials(plan, study::read_rows(how.rows));
    std::erase_if(all, [&](const study::task& each) { return each.flags.back() == without; });
    return all;
  }
};

TEST_CASE("study: a trainer is told all that a task says") {
  const place at;
  const study::task wanted{study::stage::tuning, "plan", .2, .5, 7, {"--beta", "3"}};
  const auto words = study::command_of(at.plan, wanted, at.how, "/out");
  const auto has = [&](const std::string& flag, const std::string& value) {
    const auto found = std::find(words.begin(), words.end(), flag);
    return found != words.end() && found + 1 != words.end() && found[1] == value;
  };
  CHECK(has("--method", "plan"));
  CHECK(has("--seeds", "7"));
  CHECK(has("--epochs", "5"));
  CHECK(has("--label-noise", "0.2"));
  CHECK(has("--layers", "8"));
  CHECK(has("--beta", "3"));
  CHECK(has("--out", "/out"));
  CHECK(std::ranges::count(words, "--hold-out") == 1);

  study::task last = wanted;
  last.part = study::stage::final;
  const auto finals = study::command_of(at.plan, last, at.how, "/out");
  CHECK(std::ranges::count(finals, "--hold-out") == 0);
}

TEST_CASE("study: each task becomes a row; a stopped study goes on with those that are missing") {
  place at;
  at.how.limit = 5;
  CHECK(study::run_all(at.plan, at.tasks("0.4"), at.how) == 5);
  at.how.limit = 0;
  at.how.side_by_side = 2;
  const std::size_t left = at.tasks("0.4").size();
  CHECK(left == 24 - 4 - 5);
  CHECK(study::run_all(at.plan, at.tasks("0.4"), at.how) == left);
  CHECK(at.tasks("0.4").empty());
  const auto rows = study::read_rows(at.how.rows);
  REQUIRE(rows.size() == 20);
  CHECK(rows[0].error == .25);
  CHECK(rows[0].seconds == 1.5);
  CHECK(rows[4].alone);
  CHECK_FALSE(rows[5].alone);
  CHECK_FALSE(fs::exists(at.how.rows.string() + ".run-0"));
}

TEST_CASE("study: a trainer that fails ends the study with its own words; the rows stay") {
  place at;
  CHECK_THROWS_WITH(study::run_all(at.plan, at.tasks(""), at.how),
                    contains("status 3") && contains("too fast"));
  CHECK(study::read_rows(at.how.rows).size() == 4);  // two methods, two values
  at.how.trainer = at.scratch.path() / "nobody";
  CHECK_THROWS_WITH(study::run_all(at.plan, at.tasks("0.4"), at.how), contains("nobody"));
}

TEST_CASE("study: another run's result is refused") {
  const place at;
  const support::scratch_folder out;
  CHECK_THROWS_WITH(study::read_result({}, out.path(), true), contains("left no"));
  support::write(out.path() / "run.json", R"({"runs": [{"method": "sb", "seed": 1}]})");
  study::task wanted;
  wanted.method = "plan";
  CHECK_THROWS_WITH(study::read_result(wanted, out.path(), true), contains("another run's"));
}

}  // namespace
