// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>

#include "catch.hpp"
#include "plans.hpp"

namespace {

TEST_CASE("study: every point of a grid is one trial, after the method's own flags") {
  const study::candidate method{
      "plan", {"--max-age", "8"}, {{"--lr", {.1, .2}, false}, {"--beta", {1, 2, 3}, true}}};
  REQUIRE(method.trials() == 6);
  std::set<std::vector<std::string>> all;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto flags = method.trial(i);
    REQUIRE(flags.size() == 6);
    CHECK(flags[0] == "--max-age");
    CHECK(flags[2] == "--lr");
    CHECK(flags[4] == "--beta");
    all.insert(flags);
  }
  CHECK(all.size() == 6);
  CHECK(all.contains({"--max-age", "8", "--lr", "0.2", "--beta", "3"}));
  CHECK(study::candidate{"uniform", {}, {}}.trials() == 1);
}

TEST_CASE("study: a plan is read as it is written") {
  const study::plan plan = study::parse_plan(plans::small);
  CHECK(plan.baseline().method == "uniform");
  CHECK(plan.methods[1].flags == std::vector<std::string>{"--max-age", "8"});
  CHECK(plan.methods[1].grid[0].bounded);
  CHECK(plan.noise == std::vector<double>{0, .2});
  CHECK(plan.final_seeds == std::vector<std::uint64_t>{11, 12});
}

TEST_CASE("study: a plan that compares unfairly, or is misspelt, is refused with the reason") {
  const auto refused = [](const std::string& from, const std::string& to, const std::string& why) {
    INFO(to);
    CHECK_THROWS_WITH(study::parse_plan(plans::with(from, to)), contains(why));
  };
  refused("[1, 2, 3]", "[1, 2]", "plan has 2 trials, uniform has 3");
  refused("[11, 12]", "[2, 12]", "seed 2 was tuned with");
  refused("\"claim\": \"plan\"", "\"claim\": \"uniform\"", "the claim 'uniform'");
  refused("\"claim\": \"plan\"", "\"claim\": \"sb\"", "the claim 'sb'");
  refused("[0.5, 1]", "[0.5, 2]", "with 1 among them");
  refused("[0.1, 0.2, 0.4]", "[0.2, 0.1, 0.4]", "not ascending");
  refused("\"horizon\"", "\"horizn\"", "no key 'horizn'");
  refused("\"bounded\"", "\"bound\"", "no key 'bound'");
  refused("[0, 0.2]", "[0, 1.2]", "noise of 1.2");
  refused("\"method\": \"plan\"", "\"method\": \"uniform\"", "uniform is there twice");
  CHECK_THROWS_AS(study::parse_plan("{"), std::exception);
  CHECK_THROWS_WITH(study::read_plan("/nowhere/plan.json"), contains("/nowhere/plan.json"));
}

TEST_CASE("study: the plans that come with the study can be read") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(STUDY_PLANS)) {
    INFO(entry.path().string());
    CHECK_NOTHROW(study::read_plan(entry.path()));
    ++count;
  }
  CHECK(count >= 1);
}

}  // namespace
