// expect: gradsieve: a selector needs `std::size_t select(rule, window, key, batch, out)` and `inclusion(rule, window, batch, positions, probabilities)`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

struct first_of_batch {
  std::size_t select(const gradsieve::rule_view&, const gradsieve::window_view&,
                     const gradsieve::draw_key&, const gradsieve::selector_batch&,
                     std::span<std::uint32_t> out) {
    out[0] = 0;
    return 1;
  }
};

void pick(gradsieve::basic_sieve<gradsieve::loss_window, first_of_batch>& sieve) {
  sieve.begin_epoch(1);
}
