// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs gnuplot on a script, without a shell.
#include "plot_process.hpp"

#include "process.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace plot {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

//! Removed when it goes out of scope, however that happens.
struct temporary {
  std::filesystem::path path;
  explicit temporary(std::filesystem::path p) : path(std::move(p)) {}
  temporary(const temporary&) = delete;
  temporary& operator=(const temporary&) = delete;
  ~temporary() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

std::filesystem::path beside(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

}  // namespace

std::string run_gnuplot(const std::string& script, const std::filesystem::path& near,
                        const std::filesystem::path& output) {
  const temporary input(beside(near, ".gnuplot")), messages(beside(near, ".messages")),
      drawing(output);
  {
    std::ofstream file(input.path, std::ios::binary);
    file << script;
    if (!file.flush()) throw std::runtime_error("cannot write " + input.path.string());
  }
  int status = 0;
  try {
    status = process::run({"gnuplot", input.path.string()}, messages.path);
  } catch (const process::missing&) {
    throw missing_gnuplot{};
  }
  std::string bytes = read_file(output);
  if (status != 0 || bytes.empty()) {
    throw failure("gnuplot failed: " + process::one_line(messages.path));
  }
  return bytes;
}

}  // namespace plot
