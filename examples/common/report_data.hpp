// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The experiment as data for other programs: `run.json`, `steps.jsonl`, `epochs.csv`.
#pragma once

#include <string>

#include "record.hpp"

namespace report {

//! Numbers that are not finite become null.
[[nodiscard]] std::string run_json(const record::experiment& experiment);
//! One JSON object a line.
[[nodiscard]] std::string steps_jsonl(const record::experiment& experiment);
//! A test error that was not measured is an empty field.
[[nodiscard]] std::string epochs_csv(const record::experiment& experiment);

}  // namespace report
