// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The k largest or smallest losses of a batch: no draw, no policy.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/select/selector.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! The k extreme keys of a batch; of equal keys the earlier positions win. An example that must be
//! selected precedes all others, one that must not be selected never is. Inclusion is 1 or 0.
//! O(n): one partial partition and one pass.
template <bool Largest>
class extreme_k_selector {
 public:
  std::size_t k = 0;

  explicit extreme_k_selector(std::size_t count = 0) : k(count) {}

  std::size_t select(const rule_view&, const window_view&, const draw_key&,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    return over(batch.keys, out);
  }

  //! The same without a rule: writes min(k, eligible) ascending positions.
  std::size_t over(std::span<const loss_key> keys, std::span<std::uint32_t> out) {
    ranks_.clear();
    for (const loss_key key : keys) {
      if (key != key_never) ranks_.push_back(rank(key));
    }
    const std::size_t wanted = (std::min)(k, ranks_.size());
    last_ = {};
    if (wanted == 0) return 0;
    const auto last = ranks_.begin() + static_cast<std::ptrdiff_t>(wanted - 1);
    std::nth_element(ranks_.begin(), last, ranks_.end());
    const loss_key threshold = *last;
    auto ties = static_cast<std::size_t>(std::count(ranks_.begin(), last + 1, threshold));
    last_.rank = threshold;
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == key_never || rank(keys[i]) > threshold) continue;
      if (rank(keys[i]) == threshold) {
        if (ties == 0) continue;
        --ties;
        last_.position = i;
      }
      out[count++] = i;
    }
    return count;
  }

  void inclusion(const rule_view&, const window_view&, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const loss_key key = batch.keys[positions[i]];
      const bool before =
          rank(key) < last_.rank || (rank(key) == last_.rank && positions[i] <= last_.position);
      out[i] = key != key_never && before ? 1.0f : 0.0f;
    }
  }

 private:
  //! Ascending in the order of preference; what must be selected comes first.
  static loss_key rank(loss_key key) {
    if (key == key_always) return key_never;
    return Largest ? ~key : key;
  }

  //! The last in order of preference that was selected; before every other when none was.
  struct {
    loss_key rank = key_never;
    std::int64_t position = -1;
  } last_;
  detail::buffer<loss_key> ranks_;
};

//! Ordered SGD's choice (Kawaguchi and Lu, AISTATS 2020): the largest losses.
using top_k_selector = extreme_k_selector<true>;
//! The smallest: the control that a claim for the largest should beat.
using low_k_selector = extreme_k_selector<false>;

static_assert(selector<top_k_selector> && selector<low_k_selector>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
