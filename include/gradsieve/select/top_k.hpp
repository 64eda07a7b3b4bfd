// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The k largest or smallest losses of a batch: no draw, no policy.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/select/positions.hpp>
#include <gradsieve/select/sampler.hpp>

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

  //! The same without a rule, over scores of any floating type; one that is NaN or infinite is
  //! never selected. Writes min(k, eligible) ascending positions and returns how many; their
  //! inclusion is 1. @param out  room for min(k, n). @throws invalid_argument for less, or for 2^32
  //! scores or more; nothing is written.
  template <loss_range Scores>
  std::size_t over(const Scores& scores, std::span<std::uint32_t> out) {
    const auto values = detail::loss_span(scores);
    return choose(
        values.size(),
        [values](std::size_t i) {
          const loss_key key = to_key(values[i]);
          return is_finite(key) ? key : key_never;
        },
        out);
  }
  //! The same over keys, `key_always` and `key_never` among them.
  std::size_t over(std::span<const loss_key> keys, std::span<std::uint32_t> out) {
    return choose(
        keys.size(), [keys](std::size_t i) { return keys[i]; }, out);
  }

  void reserve(std::size_t n) { ranks_.reserve(n); }
  bool can_be_unbiased(std::uint64_t) const { return false; }  //!< the others have no chance

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

  template <class KeyAt>
  std::size_t choose(std::size_t n, KeyAt key_at, std::span<std::uint32_t> out) {
    detail::check_positions(Largest ? "top_k" : "low_k", n);
    if (out.size() < (std::min)(k, n)) {
      detail::fail<invalid_argument>(Largest ? "top_k" : "low_k", ": room for ", out.size(),
                                     " positions, ", (std::min)(k, n), " are selected");
    }
    ranks_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      if (key_at(i) != key_never) ranks_.push_back(rank(key_at(i)));
    }
    const std::size_t wanted = (std::min)(k, ranks_.size());
    last_ = {};
    if (wanted == 0) return 0;
    // Of a type that depends on KeyAt: else whoever includes this compiles the partition.
    std::invoke_result_t<KeyAt&, std::size_t>* const ranks = ranks_.data();
    std::nth_element(ranks, ranks + wanted - 1, ranks + ranks_.size());
    const loss_key threshold = ranks[wanted - 1];
    auto ties = static_cast<std::size_t>(std::count(ranks, ranks + wanted, threshold));
    last_.rank = threshold;
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const loss_key key = key_at(i);
      if (key == key_never || rank(key) > threshold) continue;
      if (rank(key) == threshold) {
        if (ties == 0) continue;
        --ties;
        last_.position = i;
      }
      out[count++] = i;
    }
    return count;
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

//! For comparisons under one interface with `poisson` and `exactly_k`; the rule has no part in it.
using top_k = sampler<top_k_selector>;
using low_k = sampler<low_k_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
