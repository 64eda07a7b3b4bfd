// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the rows of a study say: curves of error over cost, differences, speed-ups.
#pragma once

#include "../common/record.hpp"
#include "agenda.hpp"
#include "paired.hpp"
#include "plan.hpp"
#include "rows.hpp"

#include <string>
#include <vector>

namespace study {

//! What a run costs: executed work in epochs of plain SGD (a forward pass counts a third of a
//! training step), or seconds, which mean something only of runs that were alone.
enum class cost { work, seconds };

//! The final runs under one noise as the report's record, whose seconds are the cost. Its methods
//! are the plan's. With `cost::seconds`, rows that were not alone are left out.
record::experiment experiment_of(const plan& of, const std::vector<row>& rows, double noise,
                                 cost of_runs);

//! A method against the baseline at the same budget, over the seeds that both ran.
struct difference {
  std::string method;
  double share = 0;
  interval error;       //!< method's minus baseline's
  double adjusted = 0;  //!< p after Holm among all but the claim's at the horizon
};
std::vector<difference> differences(const plan& of, const std::vector<row>& rows, double noise);

//! Baseline's cost over the method's where each curve of mean error comes down to the baseline's
//! error at the horizon times `factor`, for good; as text: "2.4", "> 3.1" where the method's
//! smallest budget is already there, "-" where one never gets there.
std::string speed_up_at(const record::experiment& runs, const std::string& method,
                        const std::string& baseline, double horizon, double factor);

}  // namespace study
