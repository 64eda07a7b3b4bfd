// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve that selects everything that may be, so that all probabilities can be read.
#pragma once

#include <gradsieve/sieve.hpp>

#include "support/losses.hpp"

namespace support {

struct take_all {
  std::size_t select(const gradsieve::rule_view&, const gradsieve::window_view&,
                     const gradsieve::draw_key&, const gradsieve::selector_batch& batch,
                     std::span<std::uint32_t> out) const {
    std::size_t n = 0;
    for (std::uint32_t i = 0; i < batch.keys.size(); ++i) {
      if (batch.keys[i] != gradsieve::key_never) out[n++] = i;
    }
    return n;
  }
  void inclusion(const gradsieve::rule_view& rule, const gradsieve::window_view& window,
                 const gradsieve::selector_batch& batch, std::span<const std::uint32_t> positions,
                 std::span<float> out) const {
    gradsieve::poisson_selector{}.inclusion(rule, window, batch, positions, out);
  }
};

using sieve_of_all = gradsieve::basic_sieve<gradsieve::loss_window, take_all>;

//! The probabilities with which a batch's examples would have been selected.
inline std::vector<float> probabilities(sieve_of_all& sieve, const std::vector<float>& losses) {
  return to_vector(sieve.pick(losses).probabilities());
}

}  // namespace support
