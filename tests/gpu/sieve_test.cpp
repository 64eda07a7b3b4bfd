// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

TEST_CASE("a pick equals the host's for each rule, both orders, any window, with and without waits",
          "[gpu]") {
  const gs::curve& policy = *GENERATE(&parity::monotone, &parity::interval, &parity::general);
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const auto order =
      GENERATE(gs::update_order::update_then_decide, gs::update_order::decide_then_update);
  const std::size_t history = GENERATE(std::size_t{1}, std::size_t{5}, std::size_t{1000});
  const bool look_back = GENERATE(true, false);
  CAPTURE(static_cast<int>(tied), static_cast<int>(order), history, look_back);
  parity::expect({.policy = policy, .history = history, .seed = 7, .order = order, .tied = tied},
                 {.seed = static_cast<std::uint32_t>(history), .look_back = look_back});
}
