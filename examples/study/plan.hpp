// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a study is going to run, fixed in a file before anything is run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace study {

//! A flag of the trainer and the values that are tried for it.
struct axis {
  std::string flag;
  std::vector<double> values;  //!< ascending
  //! Its ends are ends of what makes sense: the best value may be one of them.
  bool bounded = false;
};

//! A method under study: what it is trained with, and the grid its parameters come from.
struct candidate {
  std::string method;
  std::vector<std::string> flags;
  std::vector<axis> grid;

  std::size_t trials() const;
  //! The flags of one point of the grid. @pre trial < trials()
  std::vector<std::string> trial(std::size_t index) const;
};

struct plan {
  std::string title;
  std::string trainer;             //!< the program's name
  std::vector<std::string> flags;  //!< for all methods
  double horizon = 0;              //!< T: epochs of plain SGD's work
  std::vector<double> shares;      //!< budgets, as shares of the horizon; contain 1
  std::vector<double> noise;       //!< shares of the labels redrawn
  double tuning_share = 0;         //!< budget of a trial
  std::vector<std::uint64_t> tuning_seeds, final_seeds;  //!< disjoint
  std::string claim;               //!< the method whose comparison is named beforehand
  std::vector<candidate> methods;  //!< the first is the baseline

  const candidate& baseline() const { return methods.front(); }
};

//! Reads and checks a plan.
//! @throws std::runtime_error with the file and what is wrong, such as methods with unequal trials
plan read_plan(const std::filesystem::path& path);
plan parse_plan(const std::string& text);

}  // namespace study
