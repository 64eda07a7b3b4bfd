// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs tasks through a trainer and keeps a row of each.
#pragma once

#include "plan.hpp"
#include "rows.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace study {

struct running {
  std::filesystem::path trainer;   //!< the program
  std::filesystem::path rows;      //!< the file
  std::vector<std::string> flags;  //!< for the trainer besides the plan's, such as --data
  unsigned side_by_side = 1;       //!< above 1 no row counts as timed
  std::size_t limit = 0;           //!< tasks to run at most; 0: all
  //! Told before each run: which, of how many.
  std::function<void(const task&, std::size_t, std::size_t)> progress;
};

//! The trainer's command line for a task.
std::vector<std::string> command_of(const plan& of, const task& wanted, const running& how,
                                    const std::filesystem::path& out);

//! Reads what the trainer left in `out`. @throws std::runtime_error
row read_result(const task& of, const std::filesystem::path& out, bool alone);

//! Runs tasks in their order, each in a process of its own; on one processor where `taskset` is
//! there. Returns how many rows were added.
//! @throws std::runtime_error with the trainer's own words; the rows so far are kept
std::size_t run_all(const plan& of, const std::vector<task>& tasks, const running& how);

}  // namespace study
