// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Draws from a discrete distribution by one look-up, exact to 2^-32.
#pragma once

#include <gradsieve/policy/policy.hpp>

#include <bit>
#include <span>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Non-owning view of an alias table of 2^bits columns, 1 <= bits <= 31. A column packs a cut into
//! its upper 32 - bits bits and another outcome into its lower `bits`.
struct alias_view {
  const std::uint32_t* columns = nullptr;
  std::uint32_t mask = 1;  //!< 2^bits - 1

  //! The outcome of one random word: its lower bits pick a column, the rest is held against the
  //! cut.
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t operator()(std::uint32_t word) const {
    const std::uint32_t own = word & mask;
    const std::uint32_t column = columns[own];
    const std::uint32_t other = column & mask;
    const std::uint32_t take_own = 0u - std::uint32_t{(word ^ own) < (column ^ other)};
    return other ^ ((own ^ other) & take_own);  // ?: becomes a branch, mispredicted at random
  }
};

//! Owner of an alias table. Of the 2^32 words, outcome i gets exactly masses[i].
//! Source: Walker 1977; Vose, "A linear algorithm for generating random numbers with a given
//! distribution", 1991; here in integers, so no rounding is left over.
class alias_table {
 public:
  alias_view view() const {
    return {columns_.data(), static_cast<std::uint32_t>(columns_.size() - 1)};
  }

  //! Room for a table of this many outcomes.
  void reserve(std::size_t outcomes) {
    const std::size_t count = std::bit_ceil(outcomes);
    columns_.reserve(count);
    stack_.reserve(count);
    left_.reserve(count);
  }

  //! Rebuilds the table. O(columns). Allocates only when the table grows.
  //! @pre the masses sum to 2^32
  void assign(std::span<const std::uint64_t> masses) {
    const std::size_t last = masses.size() > 2 ? masses.size() - 1 : 1;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(last));
    const std::uint32_t count = std::uint32_t{1} << bits;
    const std::uint64_t full = full_mass >> bits;
    left_.assign(masses.begin(), masses.end());
    left_.resize(count, 0);
    columns_.resize(count);
    // Two stacks that grow towards each other: columns with less than a full share, and the others.
    stack_.resize(count);
    std::uint32_t small = 0, large = count;
    for (std::uint32_t i = 0; i < count; ++i) {
      stack_[left_[i] < full ? small++ : --large] = i;
    }
    while (small > 0) {
      const std::uint32_t receiver = stack_[--small];
      const std::uint32_t donor = stack_[large];
      columns_[receiver] = static_cast<std::uint32_t>(left_[receiver] << bits) | donor;
      left_[donor] -= full - left_[receiver];
      if (left_[donor] < full) {
        ++large;
        stack_[small++] = donor;
      }
    }
    // What is left is full to the brim: both outcomes of such a column are its own.
    for (; large < count; ++large) columns_[stack_[large]] = stack_[large];
  }

 private:
  std::vector<std::uint32_t> columns_ = {0, 1};
  std::vector<std::uint32_t> stack_;
  std::vector<std::uint64_t> left_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
