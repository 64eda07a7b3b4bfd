// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The installed Boost component.
#include <gradsieve/boost.hpp>
#include <gradsieve/gradsieve.hpp>

int main() {
  gradsieve::sieve sieve({.history = 8});
  gradsieve::statistics::observer losses;
  sieve.watch(losses);
  sieve.pick(std::vector{1.0f, 2.0f});
  return losses.all().mean() > 1 ? 0 : 1;
}
