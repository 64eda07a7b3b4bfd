// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How many keys have each value of the upper 22 bits: the first pass of exact quantiles.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/key/loss_key.hpp>
#include <gradsieve/parallel/parts.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! A key as an unsigned number of the same order.
constexpr std::uint32_t biased(loss_key key) {
  return static_cast<std::uint32_t>(key) ^ 0x80000000u;
}

//! Counts finite keys by their upper 22 bits, in rows of 2048 for each value of the upper 11: a row
//! is made when a key first needs it. Losses share few exponents, so that some hundred kilobytes
//! do.
class upper_counts {
 public:
  static constexpr std::uint32_t rows = 2048, columns = 2048;

  void clear() {
    row_.assign(rows, none);
    cells_.clear();
  }
  //! @pre fewer than 2^32 keys between two `clear`s
  template <class KeyAt>
  void add(std::uint64_t begin, std::uint64_t end, KeyAt key_at) {
    for (std::uint64_t i = begin; i < end; ++i) {
      const loss_key key = key_at(i);
      if (!is_finite(key)) continue;
      const std::uint32_t digits = biased(key) >> 10;
      std::uint32_t at = row_[digits / columns];
      if (at == none) at = make_row(digits / columns);
      ++cells_[at + digits % columns];
    }
  }

  //! The counters of a row; null where there is none.
  const std::uint32_t* row(std::uint32_t upper) const {
    return row_[upper] == none ? nullptr : cells_.data() + row_[upper];
  }
  std::uint32_t count(std::uint32_t digits) const {
    const std::uint32_t* counters = row(digits / columns);
    return counters == nullptr ? 0 : counters[digits % columns];
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  std::uint32_t make_row(std::uint32_t upper) {
    const auto at = static_cast<std::uint32_t>(cells_.size());
    std::uint32_t* row = cells_.extend(columns);
    std::fill(row, row + columns, 0u);
    return row_[upper] = at;
  }

  buffer<std::uint32_t> row_, cells_;
};

//! Finds order statistics in a row of counters, each of which is a sum over parts.
class row_walk {
 public:
  explicit row_walk(std::uint64_t before = 0) : before_(before) {}

  //! Adds a part's counters; null stands for zeros.
  void add(const std::uint32_t* counters) {
    if (counters != nullptr) counters_[parts_++] = counters;
  }

  //! The column where `rank` falls, counted from the row's first key at `before`. Ranks ascend from
  //! call to call. @pre there are that many keys
  std::uint32_t find(std::uint64_t rank) {
    constexpr std::uint32_t block = 32;
    for (;;) {
      const std::uint64_t next = sum(column_ % block == 0 ? block : 1);
      if (rank < before_ + next) break;
      before_ += next;
      column_ += column_ % block == 0 ? block : 1;
    }
    while (rank >= before_ + sum(1)) {
      before_ += sum(1);
      ++column_;
    }
    return column_;
  }
  std::uint64_t before() const { return before_; }  //!< keys before that column
  std::uint64_t count() const { return sum(1); }    //!< keys in it

 private:
  std::uint64_t sum(std::uint32_t columns) const {
    std::uint64_t total = 0;
    for (std::size_t part = 0; part < parts_; ++part) {
      const std::uint32_t* from = counters_[part] + column_;
      for (std::uint32_t i = 0; i < columns; ++i) total += from[i];
    }
    return total;
  }

  const std::uint32_t* counters_[parts::most] = {};
  std::size_t parts_ = 0;
  std::uint32_t column_ = 0;
  std::uint64_t before_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
