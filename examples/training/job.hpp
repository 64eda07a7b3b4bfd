// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One training run: what is asked for, what came of it, and, when saved, what is left of it.
#pragma once

#include "methods.hpp"

#include <optional>
#include <string>
#include <vector>

namespace training {

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

//! A job as a checkpoint holds it.
struct saved_job {
  outcome result;                //!< of an unfinished one: the gradient norms so far
  std::optional<snapshot> rest;  //!< where an unfinished one goes on
};

}  // namespace training
