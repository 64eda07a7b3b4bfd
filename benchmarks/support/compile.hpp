// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Times what the compiler takes for a few lines.
#pragma once

#include "harness.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace bench {

//! A source file that is gone when this is.
class source {
 public:
  explicit source(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("gradsieve_include_" + std::to_string(std::random_device()()) + ".cpp")) {
    std::ofstream(path_) << text;
  }
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  ~source() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  std::string command(const std::string& options) const {
    return GRADSIEVE_BENCH_CXX " -std=c++20 -O0 -I" GRADSIEVE_BENCH_INCLUDE_DIR " " + options +
           " " + path_.string();
  }

  //! Lines left after preprocessing, blank ones not counted; 0 when that fails.
  double lines(const std::string& options) const {
    std::FILE* output = popen(command("-E -P " + options).c_str(), "r");
    if (output == nullptr) return 0;
    double count = 0;
    for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) count += c == '\n' ? 1 : 0;
    return pclose(output) == 0 ? count : 0;
  }

 private:
  std::filesystem::path path_;
};

inline void compile(benchmark::State& state, const std::string& text, const std::string& options) {
  const source file(text);
  const std::string command = file.command("-c -o /dev/null " + options);
  bool compiled = true;
  double times = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    compiled = compiled && std::system(command.c_str()) == 0;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(took.count());
    ++times;
  }
  per_example(state, times);
  state.counters["lines"] = file.lines(options);
  if (!compiled) fail(state, "the compiler failed");
}

//! Adds the compilation of `text` under the name of the header that it is about.
inline void add_compilation(const char* who, const std::string& header, const std::string& text,
                            const std::string& options = "") {
  add(
      "include", who, {},
      [text, options](benchmark::State& state) { compile(state, text, options); }, header)
      ->UseManualTime()
      ->Iterations(1)
      ->Repetitions(3)
      ->Unit(benchmark::kMillisecond);
}

}  // namespace bench
