// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How a benchmark is named, added, counted, and found wrong.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bench {

//! What the command line asked for, known before the benchmarks are added.
struct request {
  bool quick = false;  //!< only sizes that take no time
};

//! Half of the machine's memory, in bytes.
std::size_t spare_memory();

//! Of the sizes wanted, those that this run has time for and the machine memory.
//! @param bytes  what one example takes, in all buffers together
std::vector<std::size_t> sizes(const request& asked, std::initializer_list<std::size_t> wanted,
                               std::size_t bytes, std::size_t memory = spare_memory());

//! A file's benchmarks: `add` is called once the command line is known.
struct suite {
  explicit suite(void (*add)(const request&)) { all().push_back(add); }
  static std::vector<void (*)(const request&)>& all();
};

using parameters = std::initializer_list<std::pair<const char*, std::size_t>>;

//! "generic/pick/gradsieve/N:128/H:1024/band". The first word is the build, the second the task;
//! who did it comes third, and the rest is the problem: entries that differ in the third word alone
//! are rivals.
std::string name(const std::string& task, const std::string& who, parameters problem,
                 const std::string& variant);

//! @name Answers
//! @{
//! Names the benchmark that answers are from.
void begin(const std::string& name);
//! Marks the benchmark as wrong, and with it the whole run, whose exit status says so.
void fail(benchmark::State& state, const std::string& why);
//! Whether any benchmark was wrong.
bool failed();
//! A fingerprint of an answer. It is written beside the times, and all builds must agree on it.
template <class Range>
std::uint32_t checksum(const Range& values) {
  std::uint32_t sum = 0x811c9dc5u;
  for (const auto value : values) {
    const auto wide = static_cast<std::uint64_t>(value);
    sum = (sum ^ static_cast<std::uint32_t>(wide ^ (wide >> 32))) * 0x01000193u;
    sum ^= sum >> 15;
  }
  return sum;
}
void publish_checksum(benchmark::State& state, std::uint32_t sum);
//! @}

//! Reports the seconds that each of `examples` took, all iterations together.
void per_example(benchmark::State& state, double examples);

//! Adds one benchmark; `run` is called with the state.
template <class Run>
auto* add(const std::string& task, const std::string& who, parameters problem, Run run,
          const std::string& variant = "") {
  const std::string full = name(task, who, problem, variant);
  auto* added =
      benchmark::RegisterBenchmark(full.c_str(), [full, run](benchmark::State& state) mutable {
        begin(full);
        run(state);
      });
  // Least and greatest repetition: what `--compare` tells noise by.
  added->ComputeStatistics("min", [](const std::vector<double>& all) {
    return *std::min_element(all.begin(), all.end());
  });
  added->ComputeStatistics("max", [](const std::vector<double>& all) {
    return *std::max_element(all.begin(), all.end());
  });
  // Seconds each, and steady: no more of them than a comparison needs.
  for (const auto& [letter, value] : problem) {
    if (value >= 100'000'000) added->Repetitions(5);
  }
  return added;
}

}  // namespace bench
