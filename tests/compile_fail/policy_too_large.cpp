// expect: gradsieve: a policy must fit into 48 bytes; put larger state into gradsieve::tabulated
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <array>
#include <cstddef>

gradsieve::curve make(std::array<double, 7> steps) {
  return [steps](double percentile) { return steps[static_cast<std::size_t>(percentile * 6.0)]; };
}
