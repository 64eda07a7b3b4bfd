// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What every consumer builds.
#include <gradsieve/gradsieve.hpp>

#include <array>

int main() {
  gradsieve::sieve sieve({.policy = gradsieve::power{.beta = 2.0}, .history = 8, .seed = 1});
  const std::array losses{0.1f, 0.4f, 0.2f, 0.3f};
  // Everything is selected until the history is full.
  return sieve.pick(losses).size() == losses.size() ? 0 : 1;
}
