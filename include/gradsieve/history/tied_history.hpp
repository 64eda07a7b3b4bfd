// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Histories that rank equal losses in other ways than #{h < loss}, by the keys they write.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/history/history.hpp>
#include <gradsieve/state/bytes.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Percentiles #{h <= loss} / |H| against another history: since keys are integers, #{h <= loss} is
//! #{h - 1 < loss}, so each key is written one lower. Of equal losses all have percentile 1.
template <history History>
class inclusive_history {
 public:
  explicit inclusive_history(std::size_t capacity) : inner_(capacity) {}
  explicit inclusive_history(History inner) : inner_(std::move(inner)) {}

  void push_keys(std::span<const loss_key> keys) { inner_.push_keys(keys); }
  std::size_t size() const { return inner_.size(); }
  std::size_t capacity() const { return inner_.capacity(); }
  void write_sorted_keys(std::span<loss_key> out) const {
    inner_.write_sorted_keys(out);
    for (std::size_t i = 0; i < out.size(); ++i) --out[i];
  }

  void write(byte_writer& out) const { inner_.write(out); }
  void read(byte_reader& in) { inner_.read(in); }

 private:
  History inner_;
};

//! Percentiles (#{h < loss} + #{h <= loss}) / (2 |H|), the middle of the tied ranks: each key is
//! written twice, once as it is and once one lower. A policy sees the middle rank, where
//! `ties::averaged` takes the mean of its values over the ranks. Twice the table.
template <history History>
class mid_rank_history {
 public:
  explicit mid_rank_history(std::size_t capacity) : mid_rank_history(History(capacity)) {}
  explicit mid_rank_history(History inner) : inner_(std::move(inner)) {
    keys_.resize(inner_.capacity());
  }

  void push_keys(std::span<const loss_key> keys) { inner_.push_keys(keys); }
  std::size_t size() const { return 2 * inner_.size(); }
  std::size_t capacity() const { return 2 * inner_.capacity(); }
  void write_sorted_keys(std::span<loss_key> out) const {
    const std::size_t n = inner_.size();
    inner_.write_sorted_keys(keys_.room(n));
    for (std::size_t first = 0, last = 0; first < n; first = last) {
      while (last < n && keys_[last] == keys_[first]) ++last;
      for (std::size_t i = first; i < last; ++i) {
        out[first + i] = keys_[first] - 1;
        out[last + i] = keys_[first];
      }
    }
  }

  void write(byte_writer& out) const { inner_.write(out); }
  void read(byte_reader& in) { inner_.read(in); }

 private:
  History inner_;
  mutable detail::buffer<loss_key> keys_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
