// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The report's statistics on cases small enough to compute by hand, and what it writes.
#include "report.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "plot.hpp"
#include "report_data.hpp"
#include "report_decisions.hpp"
#include "report_statistics.hpp"
#include "report_summary.hpp"
#include "report_text.hpp"
#include "support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
using report::not_a_number;
using support::content;
using outcome = report::speed_up::outcome;
constexpr double infinity = std::numeric_limits<double>::infinity();

record::run run(const std::string& method, std::uint64_t seed, double seconds, double error) {
  record::run result;
  result.method = method;
  result.seed = seed;
  result.budget_seconds = result.seconds = seconds;
  if (seconds > 0) {  // not NaN, which no integer is
    result.forwards = static_cast<std::uint64_t>(1000 * seconds);
    result.backwards = static_cast<std::uint64_t>(500 * seconds);
  }
  result.test_error = error;
  return result;
}

//! Runs at 2, 4 and 8 seconds.
void add(record::experiment& experiment, const std::string& method, std::uint64_t seed,
         const std::vector<double>& errors) {
  double seconds = 2;
  for (const double error : errors) {
    experiment.runs.push_back(run(method, seed, seconds, error));
    seconds *= 2;
  }
}

report::speed_up gain_of(const record::experiment& experiment) {
  const auto baseline = report::levels_of(experiment, "uniform");
  return report::compare(baseline, baseline.size() - 1, report::levels_of(experiment, "plan"));
}

record::experiment two_methods(const std::vector<double>& uniform,
                               const std::vector<double>& plan) {
  record::experiment experiment;
  experiment.title = "a test";
  experiment.methods = {{"uniform", "all examples"}, {"plan", "some"}};
  add(experiment, "uniform", 1, uniform);
  add(experiment, "plan", 1, plan);
  return experiment;
}

}  // namespace

TEST_CASE("spread: median, extremes and mean of the finite values") {
  const auto odd = report::spread_of({3, 1, 8});
  CHECK(odd.count == 3);
  CHECK(odd.median == 3);
  CHECK(odd.minimum == 1);
  CHECK(odd.maximum == 8);
  CHECK(odd.mean == 4);
  CHECK(report::spread_of({4, 1, 2, 9}).median == 3);
  CHECK(report::spread_of({2, 2, 2, 5}).median == 2);
  CHECK(report::spread_of({7}).median == 7);

  const auto some = report::spread_of({not_a_number, 5, infinity, 3});
  CHECK(some.count == 2);
  CHECK(some.median == 4);
  CHECK(report::spread_of({not_a_number}).count == 0);
  CHECK(std::isnan(report::spread_of({}).median));
}

TEST_CASE("a diverged run counts as an error of 1, it is not left out") {
  CHECK(report::error_of(run("plan", 1, 2, not_a_number)) == 1);
  CHECK(report::error_of(run("plan", 1, 2, infinity)) == 1);
  CHECK(report::error_of(run("plan", 1, 2, -1)) == 1);
  CHECK(report::error_of(run("plan", 1, 2, .25)) == .25);

  record::experiment experiment;
  experiment.runs = {run("uniform", 1, 2, .2), run("uniform", 2, 2, not_a_number)};
  const auto levels = report::levels_of(experiment, "uniform");
  REQUIRE(levels.size() == 1);
  CHECK(levels[0].error.mean == Approx(.6));
  CHECK(report::summarise(experiment).at(0).diverged == 1);
}

TEST_CASE("levels: one per budget by increasing time, times are those measured") {
  record::experiment experiment;
  for (const double measured : {4.1, 4.3, 9.0}) {
    auto one = run("uniform", 1, 4, .1);
    one.seconds = measured;
    experiment.runs.push_back(one);
  }
  experiment.runs.push_back(run("uniform", 1, 2, .2));
  experiment.runs.push_back(run("uniform", 1, not_a_number, .2));
  experiment.runs.push_back(run("uniform", 1, 0, .2));
  experiment.runs.push_back(run("other", 1, 1, .2));
  const auto levels = report::levels_of(experiment, "uniform");
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].seconds == 2);
  CHECK(levels[1].budget == 4);
  CHECK(levels[1].seconds == 4.3);
}

TEST_CASE("time to an error: linear in log time, the last crossing counts") {
  using where = report::crossing::where;
  // Half way in error between 2 and 8 seconds is their geometric mean.
  const auto half = report::time_to({{2, .20}, {8, .10}}, .15);
  CHECK(half.at == where::inside);
  CHECK(half.seconds == Approx(4));

  const auto tie = report::time_to({{2, .20}, {4, .15}, {8, .10}}, .15);
  CHECK(tie.at == where::inside);
  CHECK(tie.seconds == Approx(4));

  // A dip to .15 at 2 s that does not last is no arrival.
  const auto dip = report::time_to({{1, .30}, {2, .15}, {4, .25}, {8, .15}}, .20);
  CHECK(dip.at == where::inside);
  CHECK(dip.seconds == Approx(4 * std::sqrt(2)));

  CHECK(report::time_to({{2, .20}, {8, .10}}, .20).at == where::before_first);
  CHECK(report::time_to({{2, .20}, {8, .10}}, .20).seconds == 2);
  CHECK(report::time_to({{2, .20}, {8, .10}}, .09).at == where::never);
  CHECK(report::time_to({}, .1).at == where::never);
  CHECK(report::time_to({{2, .2}}, not_a_number).at == where::never);
}

TEST_CASE("speed-up: measured") {
  // uniform has .10 at 8 s; plan passes .10 half way between .12 at 2 s and .08 at 4 s.
  const auto experiment = two_methods({.20, .14, .10}, {.12, .08, .07});
  const auto gain = gain_of(experiment);
  CHECK(gain.kind == outcome::measured);
  CHECK(gain.seconds == Approx(std::sqrt(8.0)));
  CHECK(gain.factor == Approx(8 / std::sqrt(8.0)));
  CHECK(gain.error == .10);
  CHECK(gain.seeds == 1);
  CHECK(std::isnan(gain.lower));  // one seed has no interval
  CHECK(gain.clear());
  CHECK(report::finding_of(experiment).headline ==
        "plan reaches plain SGD's 8-second error in 2.8 seconds: 2.8x (one seed)");
  CHECK(report::finding_of(experiment).gain);
}

TEST_CASE("speed-up: no gain") {
  SECTION("the error is never reached") {
    const auto experiment = two_methods({.20, .14, .10}, {.20, .14, .11});
    const auto gain = gain_of(experiment);
    CHECK(gain.kind == outcome::none);
    CHECK(std::isnan(gain.seconds));
    CHECK_FALSE(gain.clear());
    CHECK(report::finding_of(experiment).headline ==
          "No gain here: plan does not reach plain SGD's 8-second error in 8 seconds "
          "(11.00 against 10.00 %)");
  }
  SECTION("reached later: half way between 8 and 16 s") {
    const auto experiment = two_methods({.20, .14, .10}, {.20, .14, .12, .08});
    const auto gain = gain_of(experiment);
    CHECK(gain.kind == outcome::none);
    CHECK(gain.factor == Approx(1 / std::sqrt(2.0)));
    CHECK(report::finding_of(experiment).headline ==
          "No gain here: plan needs 11 seconds for plain SGD's 8-second error (0.7x)");
  }
  SECTION("reached at the same time") {
    const auto gain = gain_of(two_methods({.20, .14, .10}, {.20, .14, .10}));
    CHECK(gain.kind == outcome::none);
    CHECK(gain.factor == Approx(1));
  }
  SECTION("a factor that would be printed as 1.0x") {
    const auto gain = gain_of(two_methods({.20, .14, .10}, {.20, .14, .099}));
    CHECK(gain.factor > 1);
    CHECK(gain.kind == outcome::none);
  }
}

TEST_CASE("speed-up: outside of the measured range nothing is extrapolated") {
  SECTION("the smallest budget already reaches the error") {
    const auto experiment = two_methods({.20, .14, .10}, {.10, .08, .07});
    const auto gain = gain_of(experiment);
    CHECK(gain.kind == outcome::at_least);
    CHECK(gain.factor == 4);
    CHECK(report::speed_up_text(gain) == "at least 4.0x");
    CHECK(report::finding_of(experiment).headline ==
          "plan reaches plain SGD's 8-second error within its smallest budget, 2 seconds: "
          "at least 4.0x (one seed)");
  }
  SECTION("the method was stopped too early to tell") {
    const auto gain = gain_of(two_methods({.20, .14, .10}, {.20, .14}));
    CHECK(gain.kind == outcome::unknown);
    CHECK(report::speed_up_text(gain) == "not measured");
  }
  SECTION("a lower error at the only budget has no time to compare") {
    record::experiment experiment;
    experiment.runs = {run("uniform", 1, 8, .10), run("plan", 1, 8, .09)};
    const auto gain = gain_of(experiment);
    CHECK(gain.kind == outcome::unknown);
    CHECK(report::speed_up_text(gain) == "lower error, not measured");
    CHECK_THAT(report::finding_of(experiment).headline, contains("No speed-up can be stated"));
  }
  SECTION("no runs at all") {
    CHECK(report::compare({}, 0, {}).kind == outcome::unknown);
    CHECK(report::finding_of({}).headline == "No runs were recorded");
    record::experiment errors_alone;
    errors_alone.tables = {{"Wrong labels", {{"a"}, {"1"}}}};
    CHECK(report::finding_of(errors_alone).headline == "Wrong labels");
  }
}

TEST_CASE("speed-up: the interval comes from resampled seeds") {
  auto experiment = two_methods({.20, .14, .10}, {.12, .08, .07});
  SECTION("seeds that agree") {
    add(experiment, "uniform", 2, {.20, .14, .10});
    add(experiment, "plan", 2, {.12, .08, .07});
    const auto gain = gain_of(experiment);
    CHECK(gain.seeds == 2);
    CHECK(gain.lower == Approx(gain.factor));
    CHECK(gain.upper == Approx(gain.factor));
    CHECK(gain.clear());
  }
  SECTION("seeds that disagree: alone, the second one gains nothing") {
    add(experiment, "uniform", 2, {.20, .14, .10});
    add(experiment, "plan", 2, {.20, .14, .10});
    const auto gain = gain_of(experiment);
    // Means .16, .11, .085: .10 is reached .4 of the way from 4 to 8 s.
    CHECK(gain.seconds == Approx(4 * std::pow(2.0, .4)));
    CHECK(gain.lower == Approx(1));
    CHECK(gain.upper == Approx(8 / std::sqrt(8.0)));
    CHECK_FALSE(gain.clear());
    CHECK_THAT(report::finding_of(experiment).headline, contains("No clear gain here"));
    CHECK(report::speed_up_text(gain) == "not clear: 1.5x");
  }
  SECTION("a seed that only one of them has does not count") {
    add(experiment, "uniform", 2, {.20, .14, .10});
    CHECK(gain_of(experiment).seeds == 1);
    CHECK(std::isnan(gain_of(experiment).lower));
  }
}

TEST_CASE("speed-up: a diverged seed makes the gain unclear") {
  auto experiment = two_methods({.20, .14, .10}, {.12, .08, .07});
  add(experiment, "uniform", 2, {.20, .14, .10});
  add(experiment, "plan", 2, {not_a_number, not_a_number, not_a_number});
  const auto gain = gain_of(experiment);
  CHECK(gain.kind == outcome::none);
  CHECK_FALSE(gain.clear());
}

TEST_CASE("hit rate: a seed hits when any complete run reaches the target") {
  record::experiment experiment;
  experiment.target_error = .10;
  experiment.methods = {{"uniform", ""}, {"plan", ""}, {"sb", ""}};
  add(experiment, "uniform", 1, {.20, .14, .10});    // a tie is a hit, at 8 s
  add(experiment, "uniform", 2, {.20, .10, .09});    // 4 s
  add(experiment, "uniform", 3, {.20, .14, .11});    // never
  add(experiment, "plan", 1, {.10, .20, .20});       // 2 s
  add(experiment, "plan", 2, {.20, .14, .11});       // never
  add(experiment, "sb", 1, {not_a_number, .2, .2});  // never
  const auto rows = report::summarise(experiment);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].seeds == 3);
  CHECK(rows[0].hits == 2);
  CHECK(rows[0].seconds_to_target == 8);  // of 4, 8, never
  CHECK(rows[0].forwards_to_target == 8000);
  CHECK(rows[0].backwards_to_target == 4000);
  CHECK(rows[1].hits == 1);
  CHECK(std::isinf(rows[1].seconds_to_target));  // half of the seeds never get there
  CHECK(rows[2].hits == 0);
  CHECK(std::isinf(rows[2].seconds_to_target));
}

TEST_CASE("target: without one, the upper median of the baseline at its largest budget") {
  record::experiment experiment;
  CHECK(std::isnan(report::target_error(experiment)));
  experiment.runs = {run("uniform", 1, 8, .12), run("uniform", 2, 8, .10), run("uniform", 1, 2, .3),
                     run("plan", 1, 8, .05)};
  CHECK(report::target_error(experiment) == .12);
  experiment.runs.push_back(run("uniform", 3, 8, .11));
  CHECK(report::target_error(experiment) == .11);
  experiment.target_error = .2;
  CHECK(report::target_error(experiment) == .2);
}

TEST_CASE("selection overhead is a share of the time of all runs") {
  record::experiment experiment;
  experiment.runs = {run("plan", 1, 4, .1), run("plan", 1, 12, .1)};
  experiment.runs[0].selection_seconds = .5;
  experiment.runs[1].selection_seconds = 1.5;
  CHECK(report::summarise(experiment).at(0).overhead == Approx(2.0 / 16));
}

TEST_CASE("headline: about the claim where one was named beforehand") {
  auto experiment = two_methods({.20, .14, .10}, {.16, .10, .07});
  add(experiment, "lucky", 1, {.12, .08, .07});
  CHECK_THAT(report::finding_of(experiment).headline, contains("lucky reaches"));
  experiment.claim = "plan";
  CHECK_THAT(report::finding_of(experiment).headline, contains("plan reaches"));
}

TEST_CASE("numbers as printed") {
  CHECK(report::hexadecimal(0x12fu) == "000000000000012f");
  CHECK(report::hexadecimal(~std::uint64_t{0}) == "ffffffffffffffff");
  CHECK(report::percent(.0974) == "9.74");
  CHECK(report::percent(not_a_number) == "-");
  CHECK(report::seconds_text(3.941) == "3.94");
  CHECK(report::seconds_text(9.996) == "10.0");
  CHECK(report::seconds_text(225.2) == "225");
  CHECK(report::budget_text(10) == "10");
  CHECK(report::budget_text(2.5) == "2.5");
  CHECK(report::budget_text(.25) == "0.25");
  CHECK(report::count_text(860) == "860");
  CHECK(report::count_text(12500) == "12.5 k");
  CHECK(report::count_text(999999) == "1.00 M");
  CHECK(report::multiple(2.64) == "2.6x");
  CHECK(report::exact(.1) == "0.1");
  CHECK(report::exact(not_a_number).empty());
}

TEST_CASE("escapes") {
  CHECK(report::html_escape("<a href='x'>&\"") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
  CHECK(report::html_unbroken("10 s & 9 % so") == "10&nbsp;s &amp; 9&nbsp;% so");
  CHECK(report::base64({'M', 'a', 'n'}) == "TWFu");
  CHECK(report::base64({'M', 'a'}) == "TWE=");
  CHECK(report::base64({'M'}) == "TQ==");
  CHECK(report::base64({}).empty());
  CHECK(report::file_stem("../a b") == "___a_b");
  const report::table table{{{"a", "b"}, {"x|y", "1"}}};
  CHECK(table.markdown() == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n");
  CHECK(table.text() == "a    b\n------\nx|y  1\n");
}

TEST_CASE("data files: NaN is null, an error that was not measured an empty field") {
  auto experiment = two_methods({.2}, {not_a_number});
  experiment.notes = {"not UTF-8: \xff"};
  CHECK_THAT(report::run_json(experiment), contains("\"test_error\": null"));
  record::epoch epoch;
  epoch.index = 1;
  epoch.test_error = -1;
  experiment.runs[0].method = "a,b";
  experiment.runs[0].epochs = {epoch};
  CHECK_THAT(report::epochs_csv(experiment), contains("\n\"a,b\",1,2,1,0,0,0,0,,0,1,0\n"));
}

TEST_CASE("plots: labels are moved apart in their order, tics lie within the range") {
  const auto apart = plot::spread_out({.50, .51, .1}, .2);
  CHECK(apart[0] == Approx(.405));
  CHECK(apart[1] == Approx(.605));
  CHECK(apart[2] == Approx(.1));
  for (const auto& [at, text] : plot::choose_tics(7e4, 6e5, true)) {
    CHECK(at >= 7e4);
    CHECK(at <= 6e5);
    CHECK(text.ends_with(" k"));
  }
  CHECK(plot::choose_tics(0, 1, false).size() == 6);
  CHECK(plot::choose_tics(-0.1, 20, false).front().second == "0");
  CHECK(plot::choose_tics(1, 1, false).empty());
  CHECK(plot::choose_tics(0, 1, true).empty());
}

TEST_CASE("write: all files, whole, and none of an earlier report's that this one lacks") {
  const support::scratch_folder out;
  auto experiment = two_methods({.20, .14, .10}, {.12, .08, .07});
  experiment.title = "a <b> & c";
  record::exhibit exhibit;
  exhibit.label = "Shirt";
  exhibit.true_label = "Coat";
  exhibit.pixels.assign(28 * 28, 100);
  experiment.most_selected = {exhibit};
  exhibit.pixels.pop_back();  // does not fit the size: an empty frame
  experiment.least_selected = {exhibit};
  report::write(experiment, out.path() / "deep");
  for (const char* name : {"run.json", "steps.jsonl", "epochs.csv", "summary.md", "report.html",
                           "most_selected.png", "least_selected.png"}) {
    CHECK(fs::exists(out.path() / "deep" / name));
  }
  for (const auto& entry : fs::directory_iterator(out.path() / "deep")) {
    const auto extension = entry.path().extension().string();
    CHECK((extension == ".json" || extension == ".jsonl" || extension == ".csv" ||
           extension == ".md" || extension == ".html" || extension == ".png" ||
           extension == ".svg"));
  }
  const std::string html = content(out.path() / "deep" / "report.html");
  CHECK_THAT(html, contains("a &lt;b&gt; &amp; c"));
  CHECK_THAT(html, contains("plan reaches plain SGD&#39;s 8&#8209;second error"));
  CHECK(html.find("<b> & c") == std::string::npos);
  CHECK(html.find("src=\"http") == std::string::npos);

  experiment.most_selected.clear();
  report::write(experiment, out.path() / "deep");
  CHECK_FALSE(fs::exists(out.path() / "deep" / "most_selected.png"));
}

TEST_CASE("write: an experiment without anything is still a report") {
  const support::scratch_folder out;
  report::write({}, out.path());
  CHECK_THAT(content(out.path() / "summary.md"), contains("No runs were recorded"));
  CHECK_THAT(report::summary({}), contains("No runs were recorded"));
}

TEST_CASE("write: a folder that cannot be written is named") {
  const support::scratch_folder out;
  std::ofstream(out.path() / "file") << "in the way";
  REQUIRE_THROWS_WITH(report::write({}, out.path() / "file"), contains("cannot write"));
  REQUIRE_THROWS_WITH(report::write({}, out.path() / "file" / "below"), contains("below"));
}

TEST_CASE("decisions: a row for each method that decided, at its largest budget") {
  record::experiment experiment = two_methods({.2, .15, .1}, {.2, .15, .1});
  report::add_decision_table(experiment);
  CHECK(experiment.tables.empty());

  record::run& small = experiment.runs[3];  // plan at 2 seconds
  REQUIRE(small.method == "plan");
  small.decided = {4, {10, 9, 9, 9}, {10, 9, 9, 9}};
  for (const double mean : {1.0, 2.0, 6.0}) {
    experiment.runs.push_back(run("plan", 2, 8, .1));
    experiment.runs.back().decided = {9, {30, mean, .5, 3}, {10, .25, .15, 1}};
  }
  experiment.runs.back().decided.skipped = {};
  report::add_decision_table(experiment);
  REQUIRE(experiment.tables.size() == 1);
  const auto& rows = experiment.tables.front().second;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].size() == rows[1].size());
  CHECK(rows[1] == std::vector<std::string>{"plan", "75.00", "2", "0.25", "0.5", "0.15", "3", "1"});
  CHECK(report::summary_markdown(experiment).find("selected and skipped") != std::string::npos);
}
