// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k at random, whatever the losses: the baseline with a fixed batch size.
#pragma once

#include <gradsieve/random/uniform.hpp>
#include <gradsieve/select/selector.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A simple random sample of min(k, n) examples without replacement: every subset is equally
//! likely, to 2^-32. Examples that must not be selected never are; those that must are taken first.
//! O(n), one draw an example. Source: Knuth, TAOCP 2, algorithm S.
struct random_k_selector {
  static constexpr bool needs_batch = true;  //!< a decision depends on the batch's others
  std::size_t k = 0;

  std::size_t select(const rule_view&, const window_view&, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("random_k", batch);
    counts at = count(batch.keys);
    std::size_t written = 0;
    for (std::uint32_t i = 0; i < batch.keys.size(); ++i) {
      if (batch.keys[i] == key_never) continue;
      pool& from = batch.keys[i] == key_always ? at.must : at.others;
      const std::uint64_t word = draw(key, i);
      if ((word * from.left) >> 32 < from.wanted) {
        out[written++] = i;
        --from.wanted;
      }
      --from.left;
    }
    return written;
  }

  void inclusion(const rule_view&, const window_view&, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    const counts at = count(batch.keys);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const loss_key key = batch.keys[positions[i]];
      const pool& from = key == key_always ? at.must : at.others;
      out[i] = key == key_never ? 0.0f
                                : static_cast<float>(static_cast<double>(from.wanted) /
                                                     static_cast<double>(from.left));
    }
  }

 private:
  struct pool {
    std::size_t left = 0, wanted = 0;
  };
  struct counts {
    pool must, others;
  };

  counts count(std::span<const loss_key> keys) const {
    counts at;
    for (const loss_key key : keys) {
      at.must.left += std::size_t{key == key_always};
      at.others.left += std::size_t{key != key_always && key != key_never};
    }
    at.must.wanted = (std::min)(k, at.must.left);
    at.others.wanted = (std::min)(k - at.must.wanted, at.others.left);
    return at;
  }
};

static_assert(selector<random_k_selector>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
