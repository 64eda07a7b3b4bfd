// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A study as a page of Markdown and its charts.
#pragma once

#include "plan.hpp"
#include "rows.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace study {

//! Everything that the rows say so far, and what is missing.
std::string page(const plan& of, const std::vector<row>& rows);

//! Writes `README.md` and a chart for each noise into the folder. Without gnuplot the charts are
//! left out and one line on stderr says so. @throws std::runtime_error
void write_page(const plan& of, const std::vector<row>& rows, const std::filesystem::path& folder);

}  // namespace study
