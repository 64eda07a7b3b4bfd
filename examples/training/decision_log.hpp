// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Statistics of what a sieve selects and skips, epoch by epoch. Boost stays in the source
//! file, for it is slow to compile.
#pragma once

#include "../common/record.hpp"

#include <gradsieve/sieve/decision.hpp>

#include <memory>

namespace training {

class decision_log {
 public:
  decision_log();
  ~decision_log();
  decision_log(const decision_log&) = delete;
  decision_log& operator=(const decision_log&) = delete;

  void decided(const gradsieve::decision& made);
  //! Puts the epoch's statistics in the place of an earlier one's, and begins the next. An epoch of
  //! less than half as many losses, which the budget cut short, does not count.
  void end_epoch(std::uint32_t epoch, record::decisions& last);

 private:
  struct statistics;
  std::unique_ptr<statistics> losses_;
};

}  // namespace training
