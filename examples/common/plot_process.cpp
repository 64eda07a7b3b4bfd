// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs gnuplot on a script, without a shell.
#include "plot_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) throw std::bad_alloc();
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, messages.path.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::string program = "gnuplot", argument = input.path.string();
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT || error == EACCES) throw missing_gnuplot{};
  if (error != 0) throw std::system_error(error, std::generic_category(), "gnuplot");
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "gnuplot");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) throw missing_gnuplot{};
  std::string bytes = read_file(output);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || bytes.empty()) {
    std::string words = read_file(messages.path);
    for (char& c : words) c = c == '\n' || c == '\r' ? ' ' : c;
    words.erase(0, std::min(words.find_first_not_of(' '), words.size()));
    throw failure("gnuplot failed: " + words);
  }
  return bytes;
}

}  // namespace plot
