// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Online Batch Selection: examples are drawn by the rank of their last loss.
#pragma once

#include <gradsieve/methods/epoch_method.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/policy/policy.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/with_replacement.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Draws int(keep N) examples with replacement, p_i in proportion to exp(-log(s) / N rank_i), rank
//! 0 the largest of the N losses, as of the epoch's start. The pressure s goes from `first` in
//! epoch 0 to `last` at the run's end, geometrically. Those without a loss rank first; equal losses
//! rank by id. O(n log n) an epoch, 40 bytes an example. Masses go through `exp`, whose last bit
//! may differ between math libraries.
class ranked_draws_rule {
 public:
  explicit ranked_draws_rule(double first = 100, double last = 1, double keep = 1)
      : first_(first), last_(last), keep_{keep} {}

  void choose(const epoch_situation& at, epoch_choice& out) {
    ranked_.clear();
    for (std::uint32_t id = 0; id < at.entries.size(); ++id) {
      if (!at.entries[id].retired()) ranked_.push_back(id);
    }
    if (ranked_.empty()) return;
    const auto key_of = [&](std::uint32_t id) {
      return at.entries[id].has_loss() ? at.entries[id].key : key_above;
    };
    std::sort(ranked_.begin(), ranked_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return key_of(a) != key_of(b) ? key_of(a) > key_of(b) : a < b;
    });
    write_rank_masses(pressure(at), ranked_.size(), masses_);
    table_.assign(masses_.view());
    drawn_.resize(keep_(0, ranked_.size()));
    table_(at.key, drawn_.room());
    for (const std::uint32_t rank : drawn_) out.train.push_back(ranked_[rank]);
    std::sort(out.train.begin(), out.train.end());
  }

  //! The masses of the ranks 0 … n - 1 under the pressure s, in units of 2^-32.
  static void write_rank_masses(double s, std::size_t n, detail::buffer<std::uint64_t>& out) {
    out.resize(n);
    for (std::size_t rank = 0; rank < n; ++rank) {
      const double place = static_cast<double>(rank) / static_cast<double>(n);
      out[rank] = to_mass(std::exp(-std::log(s) * place), place);
    }
  }

  void write(byte_writer& out) const {
    detail::write_number(first_, out);
    detail::write_number(last_, out);
    keep_.write(out);
  }
  void read(byte_reader& in) {
    detail::expect_number("a first pressure of", first_, in);
    detail::expect_number("a last pressure of", last_, in);
    keep_.read(in);
  }

 private:
  double pressure(const epoch_situation& at) const {
    if (at.total_epochs == 0) return first_;
    const double done = static_cast<double>(at.epoch) / static_cast<double>(at.total_epochs);
    return first_ * std::pow(last_ / first_, (std::min)(done, 1.0));
  }

  double first_, last_;
  keep_share keep_;
  with_replacement table_ = with_replacement(std::array<std::uint64_t, 1>{1});
  detail::buffer<std::uint32_t> ranked_, drawn_;
  detail::buffer<std::uint64_t> masses_;
};

//! Source: the paper's rank-based selection, s_e from 100 to 1. The first epoch trains on every
//! example once. Repeats within an epoch are trained repeatedly. No weights. Differences from the
//! public code: losses are sorted once an epoch (there every half) and only renewed by training;
//! nothing is recomputed in between.
struct online_batch_selection {
  double first_pressure = 100, last_pressure = 1;  //!< s_e, >= 1
  double keep = 1;                                 //!< draws of an epoch over examples, in (0, 1]

  static constexpr method_info info{.name = "online_batch_selection",
                                    .source = "Loshchilov and Hutter 2015, arXiv 1511.06343",
                                    .rule = "p = exp(-log(s) rank / n), with replacement",
                                    .weights = "-",
                                    .cost = "O(n log n) an epoch",
                                    .hooks = hook::plan,
                                    .example_bytes = 8};

  //! @throws invalid_argument for a pressure below 1 or not finite, a keep outside (0, 1], and
  //! without `examples` or, where the pressures differ, `epochs`.
  epoch_method<ranked_draws_rule> make(const run_shape& run) const {
    detail::check_share("online_batch_selection: keep", keep);
    for (const double s : {first_pressure, last_pressure}) {
      if (!detail::is_at_least_zero(s - 1) || !detail::is_at_least_zero(1e300 - s)) {
        detail::fail<invalid_argument>("online_batch_selection: a pressure is ", s,
                                       ", not in [1, 1e300]");
      }
    }
    if (run.epochs == 0 && first_pressure != last_pressure) {
      detail::fail<invalid_argument>("online_batch_selection: needs epochs for its schedule");
    }
    return {run, always{}, ranked_draws_rule(first_pressure, last_pressure, keep)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
