// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file With b.cpp: the whole library in two translation units of one program.
#include "two_units.hpp"

#include <gradsieve/gradsieve.hpp>

#include <cstdio>

int main() {
  gradsieve::sieve sieve(two_units::options());
  if (two_units::picked_here(sieve) != two_units::picked_elsewhere()) {
    std::fputs("two translation units picked differently\n", stderr);
    return 1;
  }
  const auto handler = two_units::handler_set_elsewhere();
  if (gradsieve::set_failure_handler(nullptr) != handler) {
    std::fputs("two translation units have two failure handlers\n", stderr);
    return 1;
  }
  return 0;
}
