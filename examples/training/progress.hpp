// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One changing line on a terminal's stderr; silent elsewhere.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace training {

enum class verbosity { quiet, normal, verbose };

class progress_line {
 public:
  explicit progress_line(verbosity level);
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  //! Shows what is being done; replaces what was shown before.
  void show(const std::string& text);
  //! A finished run: a line that stays, with --verbose only.
  void done(const std::string& text);

 private:
  void clear();

  const bool alive_, keep_, colour_;
  std::mutex mutex_;
};

}  // namespace training
