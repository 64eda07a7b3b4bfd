// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The finding in words, and the tables that support it.
#pragma once

#include <string>
#include <vector>

#include "record.hpp"
#include "report_statistics.hpp"
#include "report_text.hpp"

namespace report {

//! "plain SGD" for `uniform`, else the name.
[[nodiscard]] std::string baseline_title(const std::string& method);
//! The seconds a level is called by: its budget where the runs kept to it, else what they took.
[[nodiscard]] double named_seconds(const level& level);

//! The method the headline is about: the experiment's claim if it names one, else the one with the
//! largest gain. Null without one to compare.
[[nodiscard]] const method_summary* headline_method(const record::experiment& experiment,
                                                    const std::vector<method_summary>& rows);

//! What the runs show, in a sentence, and what it rests on.
struct finding {
  std::string headline, detail;
  bool gain = false;
};
[[nodiscard]] finding finding_of(const record::experiment& experiment);

enum class detail { brief, full };
//! One row per method. `brief` fits a terminal.
[[nodiscard]] table summary_table(const record::experiment& experiment, detail detail);
//! Speed-up of every method at each of the baseline's budgets.
[[nodiscard]] table speed_up_table(const record::experiment& experiment);
[[nodiscard]] std::string speed_up_text(const speed_up& gain);

//! What the columns mean, and what deserves a warning: one seed, diverged runs.
[[nodiscard]] std::vector<std::string> remarks(const record::experiment& experiment);

[[nodiscard]] std::string summary_markdown(const record::experiment& experiment);

}  // namespace report
