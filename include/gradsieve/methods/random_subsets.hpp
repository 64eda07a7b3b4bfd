// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file RS2: each epoch trains on a random subset, new each time or taking turns.
#pragma once

#include <gradsieve/methods/epoch_method.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/random/bijection.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/random_k.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! int(keep n) examples, at least one, whatever their losses. With `turns` the subsets follow one
//! another through a random order of all, then through another order, and so on: disjoint within an
//! order. A subset that straddles two orders holds those that are in both parts once, so it may be
//! a little smaller. Without, each epoch draws anew. A pure function of seed and epoch. O(n).
class random_subset_rule {
 public:
  static constexpr bool needs_losses = false;

  explicit random_subset_rule(double keep = 0.5, bool turns = true) : keep_{keep}, turns_(turns) {}

  void choose(const epoch_situation& at, epoch_choice& out) {
    const std::size_t n = at.entries.size(), m = keep_(0, n);
    taken_.assign(n, 0);
    if (turns_) {
      // Places at.epoch m … + m - 1 of all orders one after another.
      const std::uint64_t begin = std::uint64_t{at.epoch} * m;
      draw_key key = at.key;
      for (std::uint64_t order = begin / n; order * n < begin + m; ++order) {
        key.step = static_cast<std::uint32_t>(order);
        const bijection place(n, key);
        const std::uint64_t start = (std::max)(begin, order * n);
        const std::uint64_t end = (std::min)(begin + m, (order + 1) * n);
        for (std::uint64_t i = start; i < end; ++i) taken_[place(i - order * n)] = 1;
      }
    } else {
      drawn_.resize(m);
      random_k_selector{m}.over(n, at.key, drawn_.room());
      for (const std::uint32_t id : drawn_) taken_[id] = 1;
    }
    for (std::size_t id = 0; id < n; ++id) {
      if (taken_[id] != 0 && !at.entries[id].retired()) {
        out.train.push_back(static_cast<std::int64_t>(id));
      }
    }
  }

  void write(byte_writer& out) const {
    keep_.write(out);
    out.put(turns_);
  }
  void read(byte_reader& in) {
    keep_.read(in);
    in.expect("subsets that take turns,", std::uint8_t{turns_});
  }

 private:
  keep_share keep_;
  bool turns_;
  detail::buffer<std::uint8_t> taken_;
  detail::buffer<std::uint32_t> drawn_;
};

//! Source: algorithm 1 of the paper (RS2 without replacement), and its variant with replacement.
//! The losses have no part in it. `warm_up` epochs train on all first, where the methods do that it
//! is a control for. No weights. Differences: implementations that reshuffle when too few are left
//! for a whole subset never train on those; here the next subset begins with them.
struct random_subsets {
  double keep = 0.1;              //!< in (0, 1]; the paper's sets are .05, .1, .3
  bool with_replacement = false;  //!< subsets drawn anew; otherwise they take turns
  std::uint32_t warm_up = 0;      //!< epochs that train on everything

  static constexpr method_info info{.name = "random_subsets",
                                    .source = "Okanovic et al., ICLR 2024, arXiv 2305.18424",
                                    .rule = "a random subset an epoch, in turns or anew",
                                    .weights = "-",
                                    .cost = "O(n) an epoch",
                                    .hooks = hook::plan,
                                    .example_bytes = 8};

  //! @throws invalid_argument unless 0 < keep <= 1, and without `examples`.
  epoch_method<random_subset_rule> make(const run_shape& run) const {
    detail::check_share("random_subsets: keep", keep);
    return {run, after_epochs{warm_up}, random_subset_rule(keep, !with_replacement)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
