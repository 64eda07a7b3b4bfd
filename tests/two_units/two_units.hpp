// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a.cpp and b.cpp share.
#pragma once

#include <gradsieve/gradsieve.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace two_units {

inline gradsieve::sieve_options options() {
  return {.policy = gradsieve::power{.beta = 2.0}, .history = 16, .seed = 7};
}

inline std::vector<std::uint32_t> picked_here(gradsieve::sieve& sieve) {
  std::vector<float> losses(64);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    losses[i] = static_cast<float>((i * 37) % losses.size());
  }
  const auto positions = sieve.pick(losses).positions();
  return {positions.begin(), positions.end()};
}

std::vector<std::uint32_t> picked_elsewhere();
gradsieve::failure_handler handler_set_elsewhere();

}  // namespace two_units
