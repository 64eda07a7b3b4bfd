// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The cost of inclusion: seconds and preprocessed lines of each public header, and the
//! umbrella header against the standard headers that it includes.
#include "../support/compile.hpp"

#include <set>

namespace {

namespace fs = std::filesystem;

const fs::path headers = fs::path(GRADSIEVE_BENCH_INCLUDE_DIR) / "gradsieve";
constexpr const char* umbrella = "gradsieve.hpp";

//! Whether a header can be included by itself, and once; others are parts of such headers.
bool stands_alone(const fs::path& header) {
  std::ifstream file(header);
  for (std::string line; std::getline(file, line);) {
    if (line == "#pragma once") return true;
  }
  return false;
}

//! Paths below `headers` of all that stand alone, sorted.
std::vector<std::string> public_headers() {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(headers)) {
    if (entry.path().extension() != ".hpp" || !stands_alone(entry.path())) continue;
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

const bench::suite all([](const bench::request& asked) {
  if (std::string(GRADSIEVE_BENCH_BUILD) != "generic") return;  // it is the same in all
  bench::add_compilation("standard_headers", umbrella, standard_includes());
  for (const std::string& header : public_headers()) {
    if (asked.quick && header != umbrella) continue;
    bench::add_compilation("gradsieve", header, "#include <gradsieve/" + header + ">\n");
  }
});

}  // namespace
