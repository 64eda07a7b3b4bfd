// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A small plan for the tests of studies.
#pragma once

#include "agenda.hpp"
#include "plan.hpp"

#include <string>
#include <vector>

namespace plans {

inline const char* const small = R"({
  "title": "small", "trainer": "trainer", "flags": ["--layers", "8"], "horizon": 10,
  "shares": [0.5, 1], "noise": [0, 0.2], "tuning": {"share": 0.5, "seeds": [1, 2]},
  "seeds": [11, 12], "claim": "plan",
  "methods": [
    {"method": "uniform", "grid": [{"flag": "--lr", "values": [0.1, 0.2, 0.4]}]},
    {"method": "plan", "flags": ["--max-age", "8"],
     "grid": [{"flag": "--beta", "values": [1, 2, 3], "bounded": true}]}
  ]})";

inline std::string with(const std::string& from, const std::string& to) {
  std::string text = small;
  return text.replace(text.find(from), from.size(), to);
}

//! A row whose error is a function of the task.
template <class Error>
std::vector<study::row> rows_of(const std::vector<study::task>& tasks, Error error) {
  std::vector<study::row> rows;
  for (const study::task& each : tasks) {
    study::row made;
    made.of = each;
    made.error = error(each);
    made.forwards = made.backwards = static_cast<std::uint64_t>(1000 * each.share);
    made.seconds = each.share;
    made.alone = true;
    rows.push_back(made);
  }
  return rows;
}

}  // namespace plans
