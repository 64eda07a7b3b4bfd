// expect: gradsieve: a refresh rule needs `bool due(std::int64_t id, std::uint32_t age, std::uint32_t epoch) const`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <cstdint>

struct every_other {
  bool due(std::int64_t id, std::uint32_t, std::uint32_t) { return id % 2 == 0; }
};

void plan(gradsieve::basic_sieve<gradsieve::loss_window, gradsieve::poisson_selector, every_other>&
              sieve) {
  sieve.plan(1);
}
