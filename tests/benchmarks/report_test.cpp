// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The benchmarks' report: what it refuses, what it calls slower, and the ratios it prints.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "compare.hpp"
#include "device_tables.hpp"
#include "results.hpp"
#include "tables.hpp"

namespace {

namespace fs = std::filesystem;
using bench_report::entry;
using bench_report::failure;
using bench_report::results;

//! A file that is gone when this is.
struct temporary {
  fs::path path;
  temporary(const std::string& name, const std::string& text)
      : path(fs::temp_directory_path() / ("gradsieve_bench_report_test_" + name)) {
    std::ofstream(path) << text;
  }
  temporary(const temporary&) = delete;
  temporary& operator=(const temporary&) = delete;
  ~temporary() { fs::remove(path); }
};

//! One benchmark's three lines as Google Benchmark writes them.
std::string lines(const std::string& name, double median, double least, double most,
                  const std::string& more = "") {
  std::string text;
  const auto add = [&](const char* statistic, double value) {
    text += std::string(text.empty() ? "" : ",") + R"({"run_name": ")" + name +
            R"(", "run_type": "aggregate", "repetitions": 9, "aggregate_name": ")" + statistic +
            R"(", "per_example": )" + std::to_string(value) + more + "}";
  };
  add("median", median);
  add("mean", 99);
  add("min", least);
  add("max", most);
  return text;
}
std::string file(const std::string& build, const std::string& benchmarks) {
  return R"({"context": {"host_name": "mine", "num_cpus": 2, "flags": "-O)" + build +
         R"(", "build": ")" + build + R"("}, "benchmarks": [)" + benchmarks + "]}";
}

entry timed(const std::string& who, const std::string& problem, double median, double spread = 0) {
  return {.build = "native",
          .task = "pick",
          .who = who,
          .problem = problem,
          .median = median,
          .least = median - spread,
          .most = median + spread,
          .repetitions = 9,
          .counters = {}};
}

TEST_CASE("builds are joined into one file of the same format, without this machine's names") {
  const temporary generic("generic.json", file("generic", lines("generic/pick/gradsieve/N:128/"
                                                                "H:1024/iterations:1/repeats:3/"
                                                                "manual_time",
                                                                2, 1, 3)));
  const temporary native("native.json",
                         file("native", lines("native/pick/gradsieve/N:128/H:1024/band", 4, 4, 5)));
  const temporary joined("joined.json", "");
  bench_report::merge({generic.path, native.path}, joined.path);
  const results measured = bench_report::read(joined.path);
  REQUIRE(measured.entries.size() == 2);
  CHECK(measured.machine.count("host_name") == 0);
  CHECK(measured.machine.at("num_cpus") == "2");
  CHECK(measured.machine.at("flags_native") == "-Onative");
  CHECK(measured.machine.at("flags_generic") == "-Ogeneric");
  const entry* first = measured.find("generic", "pick", "gradsieve", "N:128/H:1024");
  REQUIRE(first != nullptr);
  CHECK(first->median == 2);
  CHECK(first->least == 1);
  CHECK(first->most == 3);
  CHECK(first->repetitions == 9);
  const entry& second = measured.entries[1];
  CHECK(second.parameter("N") == 128);
  CHECK(second.parameter("H") == 1024);
  CHECK_FALSE(second.parameter("k"));
  CHECK(second.variant() == "band");
}

TEST_CASE("a wrong answer, a different one, and a file of another kind are refused") {
  CHECK_THROWS_WITH(bench_report::read("/nowhere/x.json"), "there is no file /nowhere/x.json");
  const temporary text("text.json", "hello");
  CHECK_THROWS_WITH(bench_report::read(text.path),
                    text.path.string() + " is not a result of Google Benchmark");
  const temporary wrong(
      "wrong.json",
      file("native", R"({"run_name": "native/pick/gradsieve/N:1", "error_occurred": true,
                         "error_message": "not the positions"})"));
  CHECK_THROWS_WITH(bench_report::read(wrong.path), "native/pick/gradsieve/N:1: not the positions");
  const temporary output("output.json", "");
  CHECK_THROWS_AS(bench_report::merge({wrong.path}, output.path), failure);
  const temporary single(
      "single.json",
      file("native", R"({"run_name": "native/pick/gradsieve/N:1", "per_example": 1})"));
  CHECK_THROWS_AS(bench_report::read(single.path), failure);

  const auto sum = [](const char* value) { return std::string(", \"checksum\": ") + value; };
  const temporary a("a.json",
                    file("generic", lines("generic/pick/gradsieve/N:1", 1, 1, 1, sum("7"))));
  const temporary b("b.json",
                    file("native", lines("native/pick/gradsieve/N:1", 1, 1, 1, sum("8"))));
  const temporary c("c.json",
                    file("native", lines("native/pick/gradsieve/N:2", 1, 1, 1, sum("8")) + "," +
                                       lines("native/pick/other/N:1", 1, 1, 1, sum("7"))));
  CHECK_THROWS_WITH(bench_report::merge({a.path, b.path}, output.path),
                    "wrong answer: pick N:1: generic/gradsieve and native/gradsieve do not select "
                    "the same");
  CHECK_NOTHROW(bench_report::merge({a.path, c.path}, output.path));
}

TEST_CASE("slower is what exceeds 5 % in the median and leaves no repetition in common") {
  const auto slower = [](const entry& before, const entry& now) {
    const results old{{}, {before}}, fresh{{}, {now}};
    return bench_report::compare(old, fresh).slower.size();
  };
  CHECK(slower(timed("gradsieve", "", 1), timed("gradsieve", "", 1.04)) == 0);
  CHECK(slower(timed("gradsieve", "", 1), timed("gradsieve", "", 1.06)) == 1);
  CHECK(slower(timed("gradsieve", "", 1, .1), timed("gradsieve", "", 1.3, .1)) == 1);
  CHECK(slower(timed("gradsieve", "", 1, .1), timed("gradsieve", "", 1.3, .2)) == 0);
  CHECK(slower(timed("gradsieve", "", 1), timed("gradsieve", "", 0.5)) == 0);

  const results old{{}, {timed("gradsieve", "a", 1), timed("gradsieve", "b", 3)}};
  const results fresh{{}, {timed("gradsieve", "b", 6), timed("gradsieve", "a", .5)}};
  const auto changes = bench_report::compare(old, fresh);
  CHECK(changes.compared == 2);
  REQUIRE(changes.slower.size() == 1);
  CHECK(changes.slower[0].factor == Approx(2));
  CHECK(changes.slower[0].now->problem == "b");
  REQUIRE(changes.faster.size() == 1);
  CHECK_THAT(bench_report::describe(changes), contains("1 of 2 got slower, 1 faster"));
}

TEST_CASE("a slower machine is told by the rivals, and is not our fault") {
  const results old{{}, {timed("gradsieve", "", 1), timed("sort", "", 2), timed("copy", "", 3)}};
  results fresh = old;
  for (entry& e : fresh.entries) e.median = e.least = e.most = 1.5 * e.median;
  const auto changes = bench_report::compare(old, fresh);
  CHECK(changes.drift == Approx(1.5));
  CHECK(changes.slower.empty());
  CHECK(changes.faster.empty());
}

TEST_CASE("benchmarks that only the baseline has are told, by number and name") {
  const results old{
      {}, {timed("gradsieve", "a", 1), timed("gradsieve", "b", 1), timed("sort", "b", 1)}};
  const results fresh{{}, {timed("gradsieve", "a", 1)}};
  const auto changes = bench_report::compare(old, fresh);
  REQUIRE(changes.missing.size() == 1);
  CHECK_THAT(bench_report::describe(changes),
             contains("1 of the baseline were not run, the first is"));
  CHECK(bench_report::compare(old, old).missing.empty());
}

TEST_CASE("runs that cannot be compared are refused") {
  const results one{{}, {timed("gradsieve", "a", 1)}}, other{{}, {timed("gradsieve", "b", 1)}};
  CHECK_THROWS_WITH(bench_report::compare(one, other), "the two runs have no benchmark in common");
  results few = one;
  few.entries[0].repetitions = 4;
  CHECK_THROWS_WITH(bench_report::compare(one, few),
                    "a comparison needs 5 repetitions, pick has 4");
}

TEST_CASE("the page gives each rival's ratio, and an honest one where the rival is faster") {
  results measured;
  measured.entries = {timed("gradsieve", "N:65536/H:1024", 2e-9),
                      timed("lower_bound_pow_mt19937_64", "N:65536/H:1024", 1e-7),
                      timed("copy", "N:65536/H:1024", 5e-10)};
  const std::string page = bench_report::markdown(measured);
  CHECK_THAT(page, contains("| lower_bound, pow, mt19937_64 | 100 | 50x |"));
  CHECK_THAT(page, contains("| a bare copy | 0.50 | 0.25x |"));
  CHECK_THAT(page, contains("| pick, an example of 65536, native | 1 ns | 2 ns | no |"));
}

TEST_CASE("a device's page is in microseconds a call, beside a copy, the rivals and the goals") {
  const auto on_device = [](const char* task, const char* who, const char* problem, double median,
                            double bytes) {
    entry e = timed(who, problem, median);
    e.build = "gpu";
    e.task = task;
    if (bytes > 0) e.counters["bytes"] = bytes;
    return e;
  };
  const char* problem = "N:16777216/H:1024";
  results measured;
  measured.machine = {{"device", "Imaginary 1"}, {"commit", "abc"}};
  // 2 TB/s; 2^24 examples in 40 µs, of 5.5 bytes each; a rival of twice the time.
  measured.entries = {on_device("floor", "empty_node", "N:1", 1.5e-6, 0),
                      on_device("floor", "copy", "N:1000", 4e-12, 8),
                      on_device("floor", "copy", "N:10", 4e-9, 8),
                      on_device("pick", "gradsieve", problem, 40e-6 / 16777216, 5.5),
                      on_device("pick", "cub_select", problem, 80e-6 / 16777216, 5.5)};
  results marked = measured;
  REQUIRE(bench_report::is_device(measured));
  const std::string page = bench_report::device_markdown(measured);
  CHECK_THAT(page, contains("| 40.0 | 115 % | CUB's DeviceSelect | 80.0 | 2.00x |"));
  marked.entries[3].counters["warm"] = 1;
  marked.entries[4].counters["warm"] = marked.entries[4].counters["waits"] = 1;
  CHECK_THAT(bench_report::device_markdown(marked),
             contains("(warm) | 40.0 | 115 % | CUB's DeviceSelect (warm, waits) | 80.0 |"));
  CHECK_THAT(page, contains("| device | Imaginary 1 |"));
  CHECK_THAT(page, contains("| an empty node of a graph | 1.50 µs |"));
  CHECK_THAT(page, contains("| 2\u202f000 GB/s |"));
  CHECK_THAT(page, contains("| pick of 2^24 | at most 28.0 µs | 40.0 µs | no |"));
  CHECK_THAT(
      page,
      contains(
          "| pick of 2^24 | at least 74.0 % of a copy's rate | 115 % of a copy's rate | yes |"));
  CHECK(page.find("eager") == std::string::npos);  // not measured, so not judged

  CHECK_FALSE(bench_report::is_device({{}, {timed("gradsieve", "", 1)}}));
}

}  // namespace
