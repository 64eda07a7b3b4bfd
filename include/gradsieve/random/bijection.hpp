// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A keyed permutation of [0, n) that is computed, not stored: random order without a
//! shuffle.
#pragma once

#include <gradsieve/random/draw.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! The network on a table: a permutation of all its cells.
struct order_table {
  static constexpr std::uint32_t rounds = 8;

  std::uint64_t round_keys[rounds] = {};
  std::uint64_t rows = 16;  // at most 2^32
  int bits = 4;             // of a column

  //! The upper half of a 64-bit finaliser (Stafford's variant 13 of MurmurHash3, first two steps).
  GRADSIEVE_HOST_DEVICE static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x >> 32;
  }

  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t encrypt(std::uint64_t i) const {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    std::uint64_t row = i >> bits, column = i & mask;
    for (std::uint32_t round = 0; round < rounds; round += 2) {
      row += (mix(column ^ round_keys[round]) * rows) >> 32;
      row -= row >= rows ? rows : 0;
      column = (column + mix(row ^ round_keys[round + 1])) & mask;
    }
    return (row << bits) | column;
  }
};

}  // namespace detail

//! A pseudo-random permutation of [0, n): `bijection(i)` is the place of i, O(1) in time and
//! memory.
//!
//! A Feistel network of eight rounds on a table of 2^b columns and just enough rows for n, b being
//! half of n's bits; results outside [0, n) walk the cycle until they are inside, which less than
//! one in 2^b does. Below 256 the table is of 16 by 16, so that few elements are mixed well, too,
//! and an evaluation is of 256 / n walks. Only integers: host and device agree. Trivially copyable.
//! The layout is public API, as that of `draw`.
//! Source: Luby and Rackoff 1988; on any two moduli, and cycle walking: Black and Rogaway, "Ciphers
//! with arbitrary finite domains", 2002.
class bijection {
 public:
  GRADSIEVE_HOST_DEVICE constexpr bijection(std::uint64_t n, const draw_key& key) : size_(n) {
    const std::uint64_t last = n - (n != 0);
    while (table_.bits < 32 && (last >> (2 * table_.bits + 1)) != 0) ++table_.bits;
    if (last >> 8 != 0) table_.rows = (last >> table_.bits) + 1;
    for (std::uint32_t block = 0; block < detail::order_table::rounds / 2; ++block) {
      const philox_block words = draw_four(key, block);
      table_.round_keys[2 * block] = (std::uint64_t{words.word[1]} << 32) | words.word[0];
      table_.round_keys[2 * block + 1] = (std::uint64_t{words.word[3]} << 32) | words.word[2];
    }
  }

  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t size() const { return size_; }

  //! @pre i < size()
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t operator()(std::uint64_t i) const {
    return walk(table_.encrypt(i));
  }

  //! The network, and the rest of the walk from what it maps a place to: for loops over many.
  GRADSIEVE_HOST_DEVICE constexpr const detail::order_table& table() const { return table_; }
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t walk(std::uint64_t cell) const {
    while (cell >= size_) cell = table_.encrypt(cell);
    return cell;
  }

 private:
  std::uint64_t size_ = 0;
  detail::order_table table_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
