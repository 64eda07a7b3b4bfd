// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs to be done, and doing them: one after another when timed, side by side when not.
#pragma once

#include "checkpoint.hpp"
#include "job.hpp"
#include "program.hpp"
#include "progress.hpp"

#include <string>
#include <vector>

namespace training {

//! What one invocation of the program has once.
struct session {
  const program& what;
  progress_line& progress;
  checkpoint& saved;
};

//! What all runs share: the data, and how they are done.
struct laboratory {
  const dataset& train;
  const dataset& test;
  session& here;
  unsigned threads = 1;  //!< above 1 only where nobody looks at the seconds
};

//! Done in the given order, which for timed runs interleaves the methods. What a checkpoint holds
//! of them is not done again.
std::vector<outcome> run_all(const laboratory& lab, const std::vector<job>& jobs);

//! One line about a finished run.
std::string describe(const record::run& run);

}  // namespace training
