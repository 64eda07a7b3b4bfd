// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Measurements as Markdown: ratios to the rivals, goals, the machine.
#pragma once

#include "results.hpp"

namespace bench_report {

//! The whole page. Its first table is the one that the README shows.
[[nodiscard]] std::string markdown(const results& measured);

//! "16 777 216"
[[nodiscard]] std::string readable(double number);

//! "N 65 536, H 1 024, band"
[[nodiscard]] std::string readable_problem(const entry& e);

//! How a rival is called in a table: "lower_bound, pow, mt19937_64".
[[nodiscard]] std::string display_name(const std::string& who);

}  // namespace bench_report
