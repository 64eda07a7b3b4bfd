// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which losses each method selected, and which it skipped.
#pragma once

#include "record.hpp"

namespace report {

//! Adds a table of the last epoch's decisions, a row for each method that made any: of its runs at
//! the largest budget, the median over the seeds. No table when none did.
void add_decision_table(record::experiment& experiment);

}  // namespace report
