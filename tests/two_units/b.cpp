// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file See a.cpp.
#include "two_units.hpp"

#include <gradsieve/gradsieve.hpp>

namespace two_units {

std::vector<std::uint32_t> picked_elsewhere() {
  gradsieve::sieve sieve(options());
  return picked_here(sieve);
}

gradsieve::failure_handler handler_set_elsewhere() {
  static constexpr gradsieve::failure_handler handler = [](const char*) {};
  gradsieve::set_failure_handler(handler);
  return handler;
}

}  // namespace two_units
