// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which keys share the upper 22 bits of a quantile, and how often each of them occurs: the
//! second pass of exact quantiles.
#pragma once

#include <gradsieve/history/upper_counts.hpp>

#include <bit>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Some values of the upper 22 bits, with the rank of each among all of them.
class digit_set {
 public:
  //! @param members  ascending, none twice
  void assign(const buffer<std::uint32_t>& members) {
    if (bits_.empty()) {
      bits_.resize((std::size_t{1} << 22) / 64);
      before_.resize(bits_.size());
    }
    for (const std::uint32_t old : members_) bits_[old / 64] = 0;
    members_ = members;
    for (std::uint32_t rank = 0; rank < members.size(); ++rank) {
      std::uint64_t& word = bits_[members[rank] / 64];
      if (word == 0) before_[members[rank] / 64] = rank;
      word |= std::uint64_t{1} << members[rank] % 64;
    }
  }

  std::uint64_t has(std::uint32_t digits) const { return bits_[digits / 64] >> digits % 64 & 1; }
  //! @pre has(digits)
  std::uint32_t rank(std::uint32_t digits) const {
    const std::uint64_t below = (std::uint64_t{1} << digits % 64) - 1;
    return before_[digits / 64] +
           static_cast<std::uint32_t>(std::popcount(bits_[digits / 64] & below));
  }

 private:
  buffer<std::uint64_t> bits_;
  buffer<std::uint32_t> before_;  // the rank of the least member of each word
  buffer<std::uint32_t> members_;
};

//! One part's keys under some values of the upper 22 bits: counted by the lower 10, or listed,
//! where they are few.
class lower_counts {
 public:
  static constexpr std::uint32_t columns = 1024, most_listed = 32;

  //! Makes ready for the wanted values of rank `first` on.
  void clear(std::uint32_t first) {
    first_ = first;
    rows_.clear();
    cells_.clear();
  }
  //! Adds a row for the next of them, to list up to `count` keys or to count them.
  void add_row(bool listed, std::uint32_t count) {
    const auto at = static_cast<std::uint32_t>(cells_.size());
    rows_.push_back({at, 0, count, listed});
    std::uint32_t* row = cells_.extend(listed ? count : columns);
    if (!listed) std::fill(row, row + columns, 0u);
  }

  template <class KeyAt>
  void add(std::uint64_t begin, std::uint64_t end, KeyAt key_at, const digit_set& wanted) {
    constexpr std::uint64_t chunk = 512;
    std::uint32_t found[chunk];
    while (begin < end) {
      const std::uint64_t stop = begin + (std::min)(chunk, end - begin);
      std::size_t count = 0;  // first the wanted ones, which are few, without a branch
      for (; begin < stop; ++begin) {
        found[count] = biased(key_at(begin));
        count += wanted.has(found[count] >> 10);
      }
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t at = wanted.rank(found[i] >> 10) - first_;
        if (at < rows_.size()) enter(rows_[at], found[i]);
      }
    }
  }

  //! The counters of a row, or its list, which holds `listed` keys.
  const std::uint32_t* row(std::uint32_t rank) const {
    return cells_.data() + rows_[rank - first_].begin;
  }
  std::uint32_t listed(std::uint32_t rank) const { return rows_[rank - first_].size; }

 private:
  struct row_state {
    std::uint32_t begin = 0, size = 0, places = 0;  // size, places: of a list
    bool listed = false;
  };

  void enter(row_state& row, std::uint32_t key) {
    if (row.listed) {
      // No more than were counted, unless a score differs from pass to pass.
      if (row.size < row.places) cells_[row.begin + row.size++] = key;
    } else {
      ++cells_[row.begin + key % columns];
    }
  }

  buffer<row_state> rows_;
  buffer<std::uint32_t> cells_;
  std::uint32_t first_ = 0;
};

//! A few numbers in order.
class short_list {
 public:
  void add(const std::uint32_t* values, std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) add(values[i]);
  }
  void add(std::uint32_t value) {
    std::uint32_t at = size_++;
    for (; at != 0 && values_[at - 1] > value; --at) values_[at] = values_[at - 1];
    values_[at] = value;
  }
  std::uint32_t operator[](std::uint64_t rank) const { return values_[rank]; }

 private:
  std::uint32_t values_[lower_counts::most_listed] = {};
  std::uint32_t size_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
