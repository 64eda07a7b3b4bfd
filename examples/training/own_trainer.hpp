// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The other seam: a trainer of its own under the shared flags, checkpoints and report.
#pragma once

#include "job.hpp"
#include "schedule.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace training {

//! One run that is asked for.
struct own_run {
  const dataset& train;
  const dataset& test;
  const job& task;
  const snapshot* before = nullptr;      //!< to go on from; null: from the beginning
  std::uint64_t save_every = 0;          //!< steps between calls of `save`; 0: none
  std::function<void(snapshot)> save{};  //!< between two batches, off the clock
};

//! What a program has that neither uses the shared trainer nor its methods. Studies are not for it.
struct own_trainer {
  std::span<const method> methods;  //!< whose `train` is not called; the baseline first
  //! A complete run, with the scores of its end.
  std::function<outcome(const own_run&)> train;
  std::function<prices(const dataset&, const training_options&)> calibrate;
};

}  // namespace training
