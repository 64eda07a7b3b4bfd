// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The cost of inclusion: the umbrella header against the standard headers it includes.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

//! A source file with every `#include <name>` of the library's headers that is not its own.
void write_standard_headers(const fs::path& source) {
  std::set<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(GRADSIEVE_INCLUDE_DIR)) {
    if (entry.path().extension() != ".hpp") continue;
    std::ifstream header(entry.path());
    for (std::string line; std::getline(header, line);) {
      if (line.starts_with("#include <") && line.find("gradsieve/") == std::string::npos) {
        lines.insert(line);
      }
    }
  }
  std::ofstream out(source);
  for (const std::string& line : lines) out << line << '\n';
}

void compile(benchmark::State& state, const char* name, void (*write)(const fs::path&)) {
  const fs::path source = fs::temp_directory_path() / (std::string("gradsieve_") + name + ".cpp");
  write(source);
  const std::string command = std::string(GRADSIEVE_CXX) +
                              " -std=c++20 -O0 -c -o /dev/null -I" GRADSIEVE_INCLUDE_DIR " " +
                              source.string();
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    if (std::system(command.c_str()) != 0) {
      state.SkipWithError("the compiler failed");
      break;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(took.count());
  }
  fs::remove(source);
}

void umbrella(benchmark::State& state) {
  compile(state, "umbrella", [](const fs::path& source) {
    std::ofstream(source) << "#include <gradsieve/gradsieve.hpp>\n";
  });
}
void standard_headers_alone(benchmark::State& state) {
  compile(state, "standard", &write_standard_headers);
}

BENCHMARK(umbrella)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(standard_headers_alone)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
