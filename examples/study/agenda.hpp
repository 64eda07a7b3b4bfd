// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which runs a plan still needs, in their order, and which parameters tuning has chosen.
#pragma once

#include "plan.hpp"
#include "rows.hpp"

#include <optional>
#include <string>
#include <vector>

namespace study {

//! The trials of every method that no row is there for. Methods take turns, so that a machine that
//! slows down slows all of them.
std::vector<task> missing_trials(const plan& of, const std::vector<row>& rows);

//! What tuning chose for a method under some noise.
struct choice {
  std::string method;
  double noise = 0;
  std::vector<std::string> flags;
  double error = 1;                 //!< mean on the hold-out
  std::vector<std::string> at_end;  //!< flags whose best value is an end of its axis, not a bound
};
//! The best point of every method's grid, for each noise. @pre no trial is missing
std::vector<choice> choose(const plan& of, const std::vector<row>& rows);

//! A sentence about each grid that must grow before finals mean anything.
std::vector<std::string> complaints(const std::vector<choice>& choices);

//! The final runs that no row is there for, with the parameters chosen; methods take turns.
std::vector<task> missing_finals(const plan& of, const std::vector<choice>& choices,
                                 const std::vector<row>& rows);

}  // namespace study
