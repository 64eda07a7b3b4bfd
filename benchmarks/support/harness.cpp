// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "harness.hpp"

#include <unistd.h>

#include <cstdio>
#include <set>

namespace bench {
namespace {

std::string current;
std::set<std::string> wrong;

}  // namespace

std::size_t spare_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGE_SIZE);
  return static_cast<std::size_t>(pages) * static_cast<std::size_t>(bytes) / 2;
}

std::vector<std::size_t> sizes(const request& asked, std::initializer_list<std::size_t> wanted,
                               std::size_t bytes, std::size_t memory) {
  const std::size_t most = asked.quick ? std::min(std::size_t{4} << 20, memory) : memory;
  std::vector<std::size_t> fitting;
  for (const std::size_t n : wanted) {
    if (n <= most / bytes) fitting.push_back(n);
  }
  return fitting;
}

std::vector<void (*)(const request&)>& suite::all() {
  static std::vector<void (*)(const request&)> suites;
  return suites;
}

std::string name(const std::string& task, const std::string& who, parameters problem,
                 const std::string& variant) {
  std::string text = std::string(GRADSIEVE_BENCH_BUILD) + '/' + task + '/' + who;
  for (const auto& [letter, value] : problem) {
    text += '/' + std::string(letter) + ':' + std::to_string(value);
  }
  return variant.empty() ? text : text + '/' + variant;
}

void begin(const std::string& name) { current = name; }

void fail(benchmark::State& state, const std::string& why) {
  // Every repetition is wrong; one line will do.
  if (wrong.insert(current).second) {
    std::fprintf(stderr, "wrong answer: %s: %s\n", current.c_str(), why.c_str());
  }
  state.SkipWithError(why.c_str());
}

bool failed() { return !wrong.empty(); }

void publish_checksum(benchmark::State& state, std::uint32_t sum) {
  state.counters["checksum"] = sum;
}

void per_example(benchmark::State& state, double examples) {
  state.counters["per_example"] =
      benchmark::Counter(examples, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace bench
