// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The rows of a study: one complete training run each, appended as it ends, never rewritten.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace study {

enum class stage { tuning, final };

//! What is run. Two equal tasks are one row.
struct task {
  stage part = stage::final;
  std::string method;
  double noise = 0;
  double share = 1;  //!< of the plan's horizon
  std::uint64_t seed = 0;
  std::vector<std::string> flags;  //!< the method's own

  bool operator==(const task&) const = default;
};

//! What came of it.
struct row {
  task of;
  double error = 1, nll = 0;  //!< on the hold-out while tuning, else on the test set
  std::uint64_t forwards = 0, backwards = 0;
  double seconds = 0, selection_seconds = 0;
  bool alone = false;  //!< nothing else ran on the machine: the seconds mean something
  std::string trained_ids, final_weights;  //!< fingerprints
  std::string processor, library;
};

//! Its error; a diverged run counts as 1.
inline double error_of(const row& made) {
  return made.error >= 0 && made.error <= 1 ? made.error : 1;
}

//! The rows in a file, none if there is no file. What a kill left of a last line is cut off.
//! @throws std::runtime_error that names the file and the line which is not a row
std::vector<row> read_rows(const std::filesystem::path& path);

//! @throws std::runtime_error that names the file
void append_row(const std::filesystem::path& path, const row& made);

}  // namespace study
