// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Turns what trainers recorded into files and a table for the terminal.
#pragma once

#include <filesystem>
#include <string>

#include "record.hpp"

namespace report {

enum class parts {
  all,
  data  //!< `run.json`, `steps.jsonl`, `epochs.csv`, `summary.md`
};

//! Writes into `out`, created where needed: `run.json`, `steps.jsonl`, `epochs.csv`, `summary.md`,
//! `report.html`, the plots as SVG and PNG, and the contact sheets. Every file appears whole or not
//! at all; one that an earlier report left and this one lacks is removed. Without gnuplot the plots
//! are missing and one line on stderr says so.
//! @throws std::runtime_error that names the file or folder which cannot be written
void write(const record::experiment& experiment, const std::filesystem::path& out,
           parts which = parts::all);

//! The finding and a table of the methods, for a terminal.
[[nodiscard]] std::string summary(const record::experiment& experiment);

}  // namespace report
