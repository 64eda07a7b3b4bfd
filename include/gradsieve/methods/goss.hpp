// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file GOSS: the largest scores, and a random share of the rest, weighted up.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Of n examples the int(a n) largest, and int(b n) of the others at random without replacement,
//! each at least one where there are any. Inclusion is 1, and the drawn over the others. Equal
//! scores: the earlier are the larger. O(n).
class goss_selector {
 public:
  static constexpr bool needs_batch = true;

  explicit goss_selector(double top = 0.2, double rest = 0.1) : top_{top}, rest_{rest} {}

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("goss", batch);
    const std::size_t n = detail::count_eligible(batch.keys);
    largest_.k = top_(0, n);
    const std::size_t top = largest_.over(batch.keys, out);
    open_.assign(batch.keys.data(), batch.keys.size());
    for (const std::uint32_t position : out.first(top)) open_[position] = key_never;
    others_ = n - top;
    any_.k = (std::min)(rest_(0, n), others_);
    drawn_.resize(batch.keys.size());
    const std::size_t count =
        any_.select(rule, window, key, {open_.view(), {}, batch.first}, drawn_.room());
    // Both ascend: the others are merged in from the end.
    for (std::size_t i = top, j = count, to = top + count; j > 0;) {
      const bool from_top = i > 0 && out[i - 1] > drawn_[j - 1];
      out[--to] = from_top ? out[--i] : drawn_[--j];
    }
    return top + count;
  }

  void reserve(std::size_t n) {
    largest_.reserve(n);
    open_.reserve(n);
    drawn_.reserve(n);
  }
  bool can_be_unbiased(std::uint64_t) const { return true; }  //!< by its own chances

  void inclusion(const rule_view&, const window_view&, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) const {
    const double share =
        static_cast<double>(any_.k) / static_cast<double>(others_ + (others_ == 0));
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const std::uint32_t position = positions[i];
      const bool top = open_[position] == key_never && batch.keys[position] != key_never;
      out[i] = top ? 1.0f : batch.keys[position] == key_never ? 0.0f : static_cast<float>(share);
    }
  }

  void write(byte_writer& out) const {
    top_.write(out);
    rest_.write(out);
  }
  void read(byte_reader& in) const {
    top_.read(in);
    rest_.read(in);
  }

 private:
  keep_share top_, rest_;
  top_k_selector largest_;
  random_k_selector any_;
  detail::buffer<loss_key> open_;
  detail::buffer<std::uint32_t> drawn_;
  std::size_t others_ = 0;
};
static_assert(gradsieve::selector<goss_selector>);

//! a of each batch by the score's size and b of the rest; `weights(normalisation::unbiased)` are 1
//! and (1 - a) / b. The score should be |gradient|, or the loss. All equal: the first int(a n) and
//! a random share. NaN is never selected. Source: algorithm 2 of the paper; a = .2, b = .1 are
//! LightGBM's. Differences from the public code: ties with the least of the largest do not all
//! count as large.
struct goss {
  double top = 0.2;   //!< a, in (0, 1]
  double rest = 0.1;  //!< b, in (0, 1]; a + b <= 1

  static constexpr method_info info{.name = "goss",
                                    .source = "Ke et al. (LightGBM), NeurIPS 2017",
                                    .rule = "the largest a n, and b n of the rest at random",
                                    .weights = "(1 - a) / b of the rest",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using sieve_type = basic_sieve<no_history, goss_selector>;

  //! @throws invalid_argument for shares outside (0, 1], or that sum to more than 1.
  sieve_type make(const run_shape& run) const {
    detail::check_share("goss: top", top);
    detail::check_share("goss: rest", rest);
    if (top + rest > 1) {
      detail::fail<invalid_argument>("goss: top ", top, " and rest ", rest, " exceed 1");
    }
    return {run.batch_alone(), no_history(), goss_selector(top, rest)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
