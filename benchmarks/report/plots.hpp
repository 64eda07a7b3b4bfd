// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Nanoseconds an example against the size of the problem.
#pragma once

#include "results.hpp"

namespace bench_report {

//! Writes pick_against_n.svg and so on, those for which there are points.
void draw(const results& measured, const std::filesystem::path& folder);

}  // namespace bench_report
