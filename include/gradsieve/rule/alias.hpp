// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Draws from a discrete distribution by one look-up, exact to 2^-32.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/policy.hpp>
#include <gradsieve/random/vose.hpp>

#include <bit>

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
  void assign(detail::slice<const std::uint64_t> masses) {
    const std::size_t last = masses.size() > 2 ? masses.size() - 1 : 1;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(last));
    const std::uint32_t count = std::uint32_t{1} << bits;
    left_.assign(masses.data(), masses.size());
    left_.resize(count, 0);
    columns_.resize(count);
    stack_.resize(count);
    // A full column's cut falls out of the 32 bits: its other outcome is itself.
    const auto store = [this, bits](std::uint32_t own, std::uint64_t cut, std::uint32_t other) {
      columns_[own] = static_cast<std::uint32_t>(cut << bits) | other;
    };
    detail::level_columns(left_.room(), stack_.room(), full_mass >> bits, store);
  }

 private:
  detail::buffer<std::uint32_t> columns_{2};
  detail::buffer<std::uint32_t> stack_;
  detail::buffer<std::uint64_t> left_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
