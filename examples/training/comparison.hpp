// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The main question: the methods' errors after equal, complete, fully decayed runs.
#pragma once

#include "calibrate.hpp"
#include "experiment.hpp"
#include "settings.hpp"

namespace training {

//! Runs every method at every budget with every seed, one after another, the methods in turn, and
//! fills the record: runs, contact sheets, the figure of loss against gradient norm.
void compare(const settings& chosen, const prices& cost, const train_and_test& data, session& here,
             record::experiment& record);

}  // namespace training
