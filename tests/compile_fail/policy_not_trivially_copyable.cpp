// expect: gradsieve: a policy must be trivially copyable; put larger state into gradsieve::tabulated
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <cstddef>
#include <vector>

gradsieve::curve make(std::vector<double> table) {
  return [table](double percentile) {
    return table[static_cast<std::size_t>(percentile * static_cast<double>(table.size() - 1))];
  };
}
