// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Where losses fell among the ranks: what tells the share that a table would select.
#pragma once

#include <gradsieve/control/steered_policy.hpp>
#include <gradsieve/rule/averaged.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Counts examples by their rank 0 … H. A mean over the table takes every rank to be as frequent as
//! every other, which ties, drifting losses and a stale window all break; these are the
//! frequencies. In integers, so that no flag changes what follows from them. 16 bytes for each
//! rank.
class rank_counts {
 public:
  static constexpr std::uint64_t unit = std::uint64_t{1} << 20;  //!< what an example weighs
  static constexpr std::size_t most_examples = 65536;  //!< between two `clear`s, or eight `fade`s

  explicit rank_counts(std::size_t history) : counts_(history + 1), steps_(history + 2) {}

  std::uint64_t total() const { return total_; }

  //! Forgets all.
  void clear() {
    std::fill(counts_.begin(), counts_.end(), std::uint64_t{0});
    certain_ = total_ = 0;
  }
  //! As many examples as the table has ranks, one at each below H: the table's plain mean.
  void assume_even() {
    clear();
    std::fill(counts_.begin(), counts_.end() - 1, unit);
    total_ = unit * (counts_.size() - 1);
  }
  //! Forgets an eighth.
  void fade() {
    for (std::uint64_t& count : counts_) count -= count >> 3;
    certain_ -= certain_ >> 3;
    total_ -= total_ >> 3;
  }

  //! An example of this key; `key_always` and `key_never` are known to be selected or not. O(log
  //! H). Call `settle` after the last one.
  void add(const window_view& window, loss_key key, ties tied) {
    total_ += unit;
    if (key == key_never) return;
    if (key == key_always || window.size == 0) {
      certain_ += unit;
      return;
    }
    const std::uint32_t low = place(window, window.rank(key));
    const std::uint32_t high = tied == ties::averaged ? place(window, window.rank(key + 1)) : low;
    const std::uint32_t ranks = high > low ? high - low : 0;
    if (ranks < 2) {
      counts_[low] += unit;
      return;
    }
    const std::uint64_t share = unit / ranks;
    steps_[low] += share;
    steps_[high] -= share;  // modulo 2^64
    counts_[low] += unit - share * ranks;
  }
  //! One that is selected for sure.
  void add_certain() {
    total_ += unit;
    certain_ += unit;
  }
  //! Spreads what ties have over their ranks. O(H).
  void settle() {
    std::uint64_t level = 0;
    for (std::size_t rank = 0; rank < counts_.size(); ++rank) {
      level += steps_[rank];
      counts_[rank] += level;
      steps_[rank] = 0;
    }
    steps_[counts_.size()] = 0;
  }

  //! The share that `policy` would select at a level, in units of 2^-32; 0 without any example.
  //! O(H).
  std::uint64_t expected(const steered_policy& policy, std::uint64_t level) const {
    if (total_ == 0) return 0;
    std::uint64_t sum = certain_ << 20;  // below 2^57: 65536 examples of 2^20, masses of 21 bits
    for (std::uint32_t rank = 0; rank < counts_.size(); ++rank) {
      if (counts_[rank] != 0) sum += counts_[rank] * (policy.mass_at(rank, level) >> 12);
    }
    return (std::min)(((sum << 6) / total_) << 6, full_mass);
  }

  void write(byte_writer& out) const {
    out.put(certain_);
    out.put(total_);
    out.put(counts_.view());
  }
  void read(byte_reader& in) {
    const auto certain = in.get<std::uint64_t>();
    const auto total = in.get<std::uint64_t>();
    detail::buffer<std::uint64_t> counts = in.list<std::uint64_t>("counts of ranks");
    constexpr std::uint64_t most = unit * most_examples * 2;
    if (counts.size() != counts_.size() || total > most || certain > total ||
        std::any_of(counts.begin(), counts.end(), [&](std::uint64_t c) { return c > total; })) {
      detail::fail<state_error>("state: not the counts of ", counts_.size(), " ranks");
    }
    certain_ = certain;
    total_ = total;
    counts_.swap(counts);
  }

 private:
  //! A rank of H, also where the window is not full.
  std::uint32_t place(const window_view& window, std::uint32_t rank) const {
    const std::size_t size = counts_.size() - 1;
    return window.size == size ? rank : static_cast<std::uint32_t>(rank * size / window.size);
  }

  detail::buffer<std::uint64_t> counts_, steps_;
  std::uint64_t certain_ = 0, total_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
