// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A method's description as text, for programs that list methods.
#pragma once

#include <gradsieve/methods/method_info.hpp>

#include <array>
#include <string>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! The columns of `row_of`.
inline constexpr std::array<std::string_view, 7> columns = {
    "method", "trains on", "hooks", "weights", "cost", "bytes an example", "source"};

//! "pick, plan": in the order of `hook`.
inline std::string names_of(hook set) {
  constexpr std::pair<hook, std::string_view> names[] = {
      {hook::pick, "pick"}, {hook::plan, "plan"}, {hook::draw, "draw"}, {hook::weights, "weights"}};
  std::string text;
  for (const auto& [one, name] : names) {
    if (!has(set, one)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

inline std::array<std::string, columns.size()> row_of(const method_info& of) {
  return {std::string(of.name),    std::string(of.rule), names_of(of.hooks),
          std::string(of.weights), std::string(of.cost), std::to_string(of.example_bytes),
          std::string(of.source)};
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
