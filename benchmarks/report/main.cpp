// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file bench_report write DIR INPUT.json...: joins measurements into DIR/benchmarks.json, with
//! benchmarks.md and plots beside it. bench_report compare OLD.json NEW.json: says what got slower.
//! The status is 1 when something did, or on bad input.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "compare.hpp"
#include "device_tables.hpp"
#include "plot.hpp"
#include "plots.hpp"
#include "results.hpp"
#include "tables.hpp"

namespace {

namespace fs = std::filesystem;

void write(const fs::path& folder, const std::vector<fs::path>& inputs) {
  bench_report::merge(inputs, folder / "benchmarks.json");
  const auto measured = bench_report::read(folder / "benchmarks.json");
  std::ofstream(folder / "benchmarks.md")
      << (bench_report::is_device(measured) ? bench_report::device_markdown(measured)
                                            : bench_report::markdown(measured));
  try {
    bench_report::draw(measured, folder);
  } catch (const plot::missing_gnuplot&) {
    std::cerr << "bench_report: gnuplot is not installed, there are no plots\n";
  }
}

bool got_slower(const fs::path& before, const fs::path& now) {
  const auto old = bench_report::read(before), fresh = bench_report::read(now);
  const auto changes = bench_report::compare(old, fresh);
  std::cout << bench_report::describe(changes);
  return !changes.slower.empty();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() >= 3 && arguments[0] == "write") {
      write(arguments[1], {arguments.begin() + 2, arguments.end()});
      return 0;
    }
    if (arguments.size() == 3 && arguments[0] == "compare") {
      return got_slower(arguments[1], arguments[2]) ? 1 : 0;
    }
    std::cerr << "bench_report: write DIR INPUT.json..., or compare OLD.json NEW.json\n";
  } catch (const std::exception& error) {
    std::cerr << "bench_report: " << error.what() << '\n';
  }
  return 2;
}
