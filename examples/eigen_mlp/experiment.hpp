// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs to be done, and doing them: one after another when timed, side by side when not.
#pragma once

#include "methods.hpp"
#include "progress.hpp"

#include <string>
#include <vector>

namespace eigen_mlp {

//! One complete training run.
struct job {
  const method* what = nullptr;
  method_options options;
  training_options training;
  double budget_seconds = 0;           //!< nominal, for the record
  bool watch_epochs = false;           //!< evaluates after every epoch
  std::vector<double> probe_points{};  //!< where to look at gradient norms: shares of the budget
};

struct outcome {
  record::run run;
  std::vector<remembered> memory;
  //! Loss and gradient norm of some training examples, at each probe point.
  std::vector<record::series> gradient_norms;
};

//! What all runs share: the data, and how they are done.
struct laboratory {
  const dataset& train;
  const dataset& test;
  progress_line& progress;
  unsigned threads = 1;  //!< above 1 only where nobody looks at the seconds
};

//! Done in the given order, which for timed runs interleaves the methods.
std::vector<outcome> run_all(const laboratory& lab, const std::vector<job>& jobs);

//! One line about a finished run.
std::string describe(const record::run& run);

}  // namespace eigen_mlp
