// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k at random, whatever the losses: the baseline with a fixed batch size.
#pragma once

#include <gradsieve/select/draw_words.hpp>
#include <gradsieve/select/positions.hpp>
#include <gradsieve/select/sampler.hpp>

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
    const auto key_at = [&](std::size_t i) { return batch.keys[i]; };
    return choose(count(batch.keys), batch.keys.size(), key_at, key, out);
  }

  //! The same of n examples without keys: writes min(k, n) ascending positions and returns how
  //! many; each has the inclusion probability min(k, n) / n.
  //! @param out  room for min(k, n). @throws invalid_argument for less, or for 2^32 examples or
  //! more; nothing is written.
  std::size_t over(std::size_t n, const draw_key& key, std::span<std::uint32_t> out) const {
    detail::check_positions("random_k", n);
    const std::size_t wanted = (std::min)(k, n);
    if (out.size() < wanted) {
      detail::fail<invalid_argument>("random_k: room for ", out.size(), " positions, ", wanted,
                                     " are drawn of ", n);
    }
    return choose(
        {{}, {n, wanted}}, n, [](std::size_t) { return loss_key{0}; }, key, out);
  }

  bool can_be_unbiased(std::uint64_t) const { return true; }  //!< each has k / n

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

  //! Algorithm S over both pools at once. It takes all that are wanted, so `out` always has room
  //! for one more while any are.
  template <class KeyAt>
  static std::size_t choose(counts at, std::size_t n, KeyAt key_at, const draw_key& key,
                            std::span<std::uint32_t> out) {
    constexpr std::size_t chunk = detail::wide_kernels::most;
    alignas(64) std::uint32_t buffer[chunk];
    const std::size_t wanted = at.must.wanted + at.others.wanted;
    std::size_t written = 0;
    // One pool that is everyone, as a rule, stays in registers.
    pool everyone = at.others;
    const bool alike = everyone.left == n;
    const auto offer = [&](pool& from, std::size_t position, std::uint32_t word) {
      const bool chosen = (std::uint64_t{word} * from.left) >> 32 < from.wanted;
      // Written whatever the decision, kept by advancing: no branch.
      out[written] = static_cast<std::uint32_t>(position);
      written += std::size_t{chosen};
      from.wanted -= std::size_t{chosen};
      --from.left;
    };
    std::size_t done = 0;
    while (written < wanted) {  // NOLINT(bugprone-infinite-loop): `offer` writes
      const std::size_t size = (std::min)(chunk, n - done);
      const std::uint32_t* words = detail::draw_words(detail::wide_path(), key, done, size, buffer);
      for (std::size_t i = 0; alike && i < size && written < wanted; ++i) {
        offer(everyone, done + i, words[i]);
      }
      for (std::size_t i = 0; !alike && i < size && written < wanted; ++i) {
        const loss_key loss = key_at(done + i);
        if (loss == key_never) continue;
        offer(loss == key_always ? at.must : at.others, done + i, words[i]);
      }
      done += size;
    }
    return written;
  }

  counts count(std::span<const loss_key> keys) const {
    counts at;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      at.must.left += std::size_t{keys[i] == key_always};
      at.others.left += std::size_t{keys[i] != key_always && keys[i] != key_never};
    }
    at.must.wanted = (std::min)(k, at.must.left);
    at.others.wanted = (std::min)(k - at.must.wanted, at.others.left);
    return at;
  }
};

static_assert(selector<random_k_selector>);

//! For comparisons under one interface with `poisson` and `exactly_k`; the rule has no part in it.
using random_k = sampler<random_k_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
