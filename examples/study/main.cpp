// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs a study from its plan, row by row, and writes its page.
#include "agenda.hpp"
#include "page.hpp"
#include "plan.hpp"
#include "rows.hpp"
#include "runner.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace study {
namespace {

namespace fs = std::filesystem;

struct request {
  fs::path plan, out, programs = ".";
  std::vector<std::string> flags;
  unsigned side_by_side = 1;
  std::size_t limit = 0;
  bool run = false, accept_ends = false;
};

void show(const task& next, std::size_t index, std::size_t count) {
  std::cerr << index + 1 << " of " << count << ": "
            << (next.part == stage::tuning ? "trial of " : "") << next.method << ", noise "
            << next.noise << ", share " << next.share << ", seed " << next.seed << '\n';
}

void carry_out(const request& asked) {
  const plan of = read_plan(asked.plan);
  const fs::path file = asked.out / "rows.jsonl";
  fs::create_directories(asked.out);
  running how{.trainer = asked.programs / of.trainer,
              .rows = file,
              .flags = asked.flags,
              .side_by_side = asked.side_by_side,
              .limit = asked.limit,
              .progress = show};
  if (asked.run) {
    const std::size_t added = run_all(of, missing_trials(of, read_rows(file)), how);
    if (how.limit != 0) how.limit -= added;
    const auto rows = read_rows(file);
    if (missing_trials(of, rows).empty() && (asked.limit == 0 || how.limit != 0)) {
      const auto choices = choose(of, rows);
      const auto sentences = complaints(choices);
      if (!sentences.empty() && !asked.accept_ends) {
        write_page(of, rows, asked.out);
        std::string text;
        for (const std::string& each : sentences) text += each + '\n';
        throw std::runtime_error(text +
                                 "finals wait for the plan's grids (--accept-ends: they do "
                                 "not, and the page says so)");
      }
      run_all(of, missing_finals(of, choices, rows), how);
    }
  }
  write_page(of, read_rows(file), asked.out);
  std::cout << (asked.out / "README.md").string() << '\n';
}

}  // namespace
}  // namespace study

int main(int argc, char** argv) {
  study::request asked;
  CLI::App app("Runs a study from its plan and writes its page; may be stopped at any time.",
               "study");
  app.add_option("plan", asked.plan, "what to run, a JSON file")->required();
  app.add_option("--out", asked.out, "folder of the rows and the page")->required();
  app.add_flag("--run", asked.run, "runs what is missing; else only the page is written");
  app.add_option("--programs", asked.programs, "folder of the trainers")->capture_default_str();
  app.add_option("--side-by-side", asked.side_by_side,
                 "runs at a time; above 1 errors count, seconds do not")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--limit", asked.limit, "runs to add at most (default: all)");
  app.add_option("--flag", asked.flags, "an argument for the trainers, such as --flag=--data")
      ->take_all();
  app.add_flag("--accept-ends", asked.accept_ends,
               "runs finals even where a grid's best value is at its end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::cerr << "study: " << error.what() << '\n';
    return 2;
  }
  try {
    study::carry_out(asked);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "study: " << error.what() << '\n';
    return 1;
  }
}
