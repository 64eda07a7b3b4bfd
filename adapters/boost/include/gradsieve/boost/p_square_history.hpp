// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A loss history whose memory does not grow with its length: P² quantiles of the last
//! losses.
#pragma once

#include <gradsieve/boost/p_square_sketch.hpp>
#include <gradsieve/history/history.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::statistics {

//! A `history` for `basic_sieve` that writes estimated quantiles, of the probabilities
//! (2j + 1) / (2 capacity()), where `loss_window` writes the losses themselves.
//!
//! P² never forgets, so two sketches take turns: the one that is asked holds the last `span` to
//! 2 `span` - 1 losses (all, before there are so many). A span longer than the run never forgets.
//!
//! NaN and infinities never enter; `rejected()` counts them. Empty until it holds
//! 2 capacity() + 3 losses, then full, so a sieve's `min_fill` has no say. Takes 400 bytes a
//! marker, all of it in the constructor. A loss costs O(capacity()), some 11 ns a marker, whatever
//! the span: with 64 markers 8 times as much as a `loss_window` of 1024, and half as much as one of
//! 100 000.
//!
//! Measured against a `loss_window` of 1024 with 64 markers and a span of 1024, on batches of 64
//! (docs/decisions/0009): percentiles differ by 0.007 in the mean and by 0.05 at most for
//! continuous losses, stationary or falling a hundredfold within 2000 batches. Ties cost more,
//! since a marker can lie between two levels: 0.034 and 0.082 for 16 levels. After a sudden drop to
//! a tenth, up to 0.24 until a span has passed. Without forgetting: 0.16 and 0.48 where losses
//! fall, and up to 0.7 after the drop. Estimates are computed in floating point: the same on every
//! run of a build, but another compiler or flag may move one by its last bit, and so a decision.
class p_square_history {
 public:
  //! @param span     losses: as long as the window that it stands for
  //! @param markers  quantiles kept: the resolution of a percentile is 1 / markers
  //! @throws invalid_argument unless 1 <= markers <= 4096 and 2 markers + 3 <= span
  explicit p_square_history(std::size_t span, std::size_t markers = 64)
      : empty_(midpoints(markers)), old_(empty_), young_(empty_), span_(span) {
    if (span < empty_.start()) {
      detail::fail<invalid_argument>("p_square_history: span is ", span, ", but ", markers,
                                     " markers start from ", empty_.start(), " losses");
    }
  }

  std::size_t span() const { return span_; }
  std::size_t capacity() const { return empty_.size(); }
  std::size_t size() const { return current().count() < empty_.start() ? 0 : capacity(); }
  std::uint64_t rejected() const { return rejected_; }

  void push_keys(std::span<const loss_key> keys) {
    for (const loss_key key : keys) {
      if (!is_finite(key)) {
        ++rejected_;
        continue;
      }
      const auto loss = static_cast<double>(to_loss(key));
      if (old_.count() != 0) old_.push(loss);
      young_.push(loss);
      if (young_.count() == span_) {
        old_ = young_;  // a swap would allocate
        young_ = empty_;
      }
    }
  }

  void write_sorted_keys(std::span<loss_key> out) const {
    if (size() == 0) return;
    std::size_t count = 0;
    loss_key least = key_below;
    current().for_each_estimate([&](double estimate) {
      least = (std::max)(least, to_key(estimate));
      out[count++] = least;
    });
  }

  //! @name State
  //! @{
  void write(byte_writer& out) const {
    out.put(std::uint64_t{span_});
    out.put(std::uint64_t{capacity()});
    out.put(rejected_);
    old_.write(out);
    young_.write(out);
  }
  //! @throws state_error for a history of another span or capacity, or none; nothing is changed
  void read(byte_reader& in) {
    in.expect("a span of", std::uint64_t{span_});
    in.expect("so many markers:", std::uint64_t{capacity()});
    p_square_history fresh = *this;
    fresh.rejected_ = in.get<std::uint64_t>();
    fresh.old_.read(in);
    fresh.young_.read(in);
    const std::uint64_t old = fresh.old_.count(), young = fresh.young_.count();
    if (young >= span_ || (old != 0 && (old < span_ || old - span_ != young))) {
      detail::fail<state_error>("state: sketches of ", old, " and ", young,
                                " losses for a span of ", span_);
    }
    *this = std::move(fresh);
  }
  //! @}

 private:
  const p_square_sketch& current() const { return old_.count() != 0 ? old_ : young_; }

  static std::vector<double> midpoints(std::size_t markers) {
    if (markers < 1 || markers > 4096) {
      detail::fail<invalid_argument>("p_square_history: markers is ", markers,
                                     ", it must be in [1, 4096]");
    }
    std::vector<double> probabilities(markers);
    for (std::size_t j = 0; j < markers; ++j) {
      probabilities[j] = static_cast<double>(2 * j + 1) / static_cast<double>(2 * markers);
    }
    return probabilities;
  }

  p_square_sketch empty_, old_, young_;
  std::size_t span_;
  std::uint64_t rejected_ = 0;
};

static_assert(history<p_square_history>);

}  // namespace gradsieve::inline GRADSIEVE_ABI::statistics
