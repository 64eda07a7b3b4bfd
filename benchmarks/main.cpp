// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs all benchmarks: Google Benchmark's options, `--quick`, and an exit status of 1 when
//! any of them found its own answer wrong.
#include "support/harness.hpp"

#include <gradsieve/version.hpp>

#include <cstring>
#include <iostream>

int main(int argc, char** argv) {
  bench::request asked;
  const auto is_quick = [](const char* argument) { return std::strcmp(argument, "--quick") == 0; };
  asked.quick = std::any_of(argv + 1, argv + argc, is_quick);
  argc = static_cast<int>(std::remove_if(argv + 1, argv + argc, is_quick) - argv);

  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const auto add : bench::suite::all()) add(asked);
  benchmark::AddCustomContext("gradsieve", std::to_string(GRADSIEVE_VERSION_MAJOR) + '.' +
                                               std::to_string(GRADSIEVE_VERSION_MINOR) + '.' +
                                               std::to_string(GRADSIEVE_VERSION_PATCH));
  benchmark::AddCustomContext("build", GRADSIEVE_BENCH_BUILD);
  benchmark::AddCustomContext("compiler", GRADSIEVE_BENCH_COMPILER);
  benchmark::AddCustomContext("flags", GRADSIEVE_BENCH_FLAGS);

  // Its notes about the machine go where its table goes: stderr is for wrong answers.
  benchmark::ConsoleReporter reporter(benchmark::ConsoleReporter::OO_None);
  reporter.SetErrorStream(&std::cout);
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) {
    std::cerr << "no benchmark is called so\n";
    return 2;
  }
  benchmark::Shutdown();
  return bench::failed() ? 1 : 0;
}
