// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ordered SGD: the q largest losses of a batch, q falling as the training accuracy rises.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! q of a batch of s by the training accuracy: s, and from 80 % on s/2, from 90 % s/4, from 95 %
//! s/8, from 99.5 % s/16, at least one. q never rises again.
class accuracy_count {
 public:
  std::size_t operator()(std::uint32_t, std::size_t n) const {
    const std::size_t q = n >> halvings_;
    return q == 0 && n != 0 ? 1 : q;
  }

  //! Tells the training accuracy, in [0, 1], as of the last epoch; a lower one than before changes
  //! nothing, nor does NaN.
  void told(double accuracy) {
    constexpr double steps[] = {0.8, 0.9, 0.95, 0.995};
    std::uint32_t reached = 0;
    for (const double step : steps) {
      reached += std::uint32_t{detail::is_at_least_zero(accuracy - step)};
    }
    halvings_ = (std::max)(halvings_, reached);
  }
  std::uint32_t halvings() const { return halvings_; }

  void write(byte_writer& out) const { out.put(halvings_); }
  void read(byte_reader& in) {
    const auto saved = in.get<std::uint32_t>();
    if (saved > 4) {
      detail::fail<state_error>("state: ordered SGD's q was halved ", saved, " times, of 4");
    }
    halvings_ = saved;
  }

 private:
  std::uint32_t halvings_ = 0;
};

//! Trains on the q largest losses of each batch; `sieve.selector().count.told(accuracy)` after each
//! epoch. Of equal losses the earlier win. NaN is never selected. Source: section 6 of the paper,
//! whose q are 64, 32, 16, 8, 4 of s = 64.
//! Differences: the paper's code also halves the learning rate once, at 99.5 %; the trainer's to
//! do.
struct ordered_sgd {
  static constexpr method_info info{.name = "ordered_sgd",
                                    .source = "Kawaguchi and Lu, AISTATS 2020, arXiv 1907.04371",
                                    .rule = "the q largest losses, q falls with the accuracy",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};
  using sieve_type = basic_sieve<no_history, counted<top_k_selector, accuracy_count>>;

  sieve_type make(const run_shape& run) const {
    return {run.batch_alone(), no_history(), counted<top_k_selector, accuracy_count>()};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
