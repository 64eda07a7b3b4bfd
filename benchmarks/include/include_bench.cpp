// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The cost of inclusion: seconds and preprocessed lines of each public header, and the
//! umbrella header against the standard headers that it includes.
#include "../support/harness.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

namespace {

namespace fs = std::filesystem;

const fs::path headers = fs::path(GRADSIEVE_BENCH_INCLUDE_DIR) / "gradsieve";
constexpr const char* umbrella = "gradsieve.hpp";

//! Paths of all headers below `headers`, sorted.
std::vector<std::string> public_headers() {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(headers)) {
    if (entry.path().extension() != ".hpp") continue;
    found.push_back(fs::relative(entry.path(), headers).string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

//! Every `#include <name>` that is not the library's own, of a header and of those it includes.
void collect_standard_includes(const std::string& header, std::set<std::string>& seen,
                               std::set<std::string>& lines) {
  constexpr std::string_view own = "#include <gradsieve/";
  if (!seen.insert(header).second) return;
  std::ifstream file(headers / header);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(own)) {
      const std::size_t length = line.find('>') - own.size();
      collect_standard_includes(line.substr(own.size(), length), seen, lines);
    } else if (line.starts_with("#include <")) {
      lines.insert(line + '\n');
    }
  }
}

//! What the umbrella includes of the standard library, and nothing else.
std::string standard_includes() {
  std::set<std::string> seen, lines;
  collect_standard_includes(umbrella, seen, lines);
  std::string all;
  for (const std::string& line : lines) all += line;
  return all;
}

//! A source file that is gone when this is.
class source {
 public:
  explicit source(const std::string& text)
      : path_(fs::temp_directory_path() /
              ("gradsieve_include_" + std::to_string(std::random_device()()) + ".cpp")) {
    std::ofstream(path_) << text;
  }
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  ~source() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  std::string command(const std::string& options) const {
    return GRADSIEVE_BENCH_CXX " -std=c++20 -O0 -I" GRADSIEVE_BENCH_INCLUDE_DIR " " + options +
           " " + path_.string();
  }

  //! Lines left after preprocessing, blank ones not counted; 0 when that fails.
  double lines() const {
    std::FILE* output = popen(command("-E -P").c_str(), "r");
    if (output == nullptr) return 0;
    double count = 0;
    for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) count += c == '\n' ? 1 : 0;
    return pclose(output) == 0 ? count : 0;
  }

 private:
  fs::path path_;
};

void compile(benchmark::State& state, const std::string& text) {
  const source file(text);
  const std::string command = file.command("-c -o /dev/null");
  bool compiled = true;
  double times = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    compiled = compiled && std::system(command.c_str()) == 0;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(took.count());
    ++times;
  }
  bench::per_example(state, times);
  state.counters["lines"] = file.lines();
  if (!compiled) bench::fail(state, "the compiler failed");
}

const bench::suite all([](const bench::request& asked) {
  if (std::string(GRADSIEVE_BENCH_BUILD) != "generic") return;  // it is the same in all
  const auto add = [](const char* who, const std::string& header, const std::string& text) {
    bench::add(
        "include", who, {}, [text](benchmark::State& state) { compile(state, text); }, header)
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(3)
        ->Unit(benchmark::kMillisecond);
  };
  add("standard_headers", umbrella, standard_includes());
  for (const std::string& header : public_headers()) {
    if (asked.quick && header != umbrella) continue;
    add("gradsieve", header, "#include <gradsieve/" + header + ">\n");
  }
});

}  // namespace
