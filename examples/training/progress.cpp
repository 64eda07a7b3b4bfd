// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace training {
namespace {

std::string_view text_of(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? value : "";
}

}  // namespace

progress_line::progress_line(verbosity level)
    : alive_(level != verbosity::quiet && isatty(STDERR_FILENO) == 1),
      keep_(level == verbosity::verbose),
      colour_(alive_ && text_of("NO_COLOR").empty() && text_of("TERM") != "dumb") {}

progress_line::~progress_line() { clear(); }

void progress_line::clear() {
  if (alive_) std::fprintf(stderr, "\r%78s\r", "");
}

void progress_line::show(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  if (!alive_) return;
  clear();
  std::fprintf(stderr, colour_ ? "\033[2m%.77s\033[0m" : "%.77s", text.c_str());
  std::fflush(stderr);
}

void progress_line::done(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  clear();
  if (keep_) std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace training
