// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The inner loops that have wide forms, one table of functions for each instruction set.
#pragma once

#include <gradsieve/random/bijection.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/general.hpp>
#include <gradsieve/rule/interval.hpp>
#include <gradsieve/rule/monotone.hpp>

//! The widest vectors, in bits, that may be used where the processor has them: 512, 256, or 0 for
//! the portable path alone, which a compiler without these builtins needs. Results are the same.
//! Give it the same value in every file of a program.
#if !defined(GRADSIEVE_WIDE)
#if !defined(__x86_64__) || defined(__CUDACC__)
#define GRADSIEVE_WIDE 0
#elif defined(__clang__) ? __clang_major__ >= 14 : __GNUC__ >= 12
#define GRADSIEVE_WIDE 512
#else
#define GRADSIEVE_WIDE 0
#endif
#endif

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Some examples of a batch with the random word of each.
struct drawn_keys {
  const loss_key* keys = nullptr;
  const std::uint32_t* words = nullptr;
  std::size_t size = 0;
  std::uint32_t first = 0;  //!< position of keys[0]
};

//! One instruction set's loops. Each equals, bit for bit, the scalar code that its comment names.
//! Sizes are multiples of `lanes`; whoever calls does the rest. Selections may write up to `size`
//! positions, whatever they return.
struct wide_kernels {
  static constexpr std::size_t most = 512;  //!< examples that a selection takes at a time
  std::size_t lanes = 0;                    //!< 32-bit values to a vector

  //! `to_key` of each loss, `replacement` where it is not finite; returns how many are.
  std::uint32_t (*to_keys)(const float* losses, std::size_t n, loss_key replacement,
                           loss_key* keys);
  //! What is ranked for each of n ledger entries, pairs of a key and visits: `key_always` without a
  //! loss, `key_never` when retired. Writes the places of those whose last visit is at least
  //! `least_age` epochs before `epoch` (modulo 4096), and returns how many: room for n.
  std::size_t (*rank_entries)(const void* entries, std::size_t n, std::uint32_t epoch,
                              std::uint32_t least_age, loss_key* keys, std::uint32_t* aged);
  //! How many keys are finite.
  std::uint32_t (*count_finite)(const loss_key* keys, std::size_t n);
  //! `draw_four` of n / 4 blocks from `block` on, whose upper 32 bits must be the same.
  //! n is a multiple of 4 `lanes`.
  void (*draw)(const draw_key& key, std::uint64_t block, std::size_t n, std::uint32_t* words);
  //! `draw` of each id.
  void (*draw_ids)(const draw_key& key, const std::int64_t* ids, std::size_t n,
                   std::uint32_t* words);
  //! `table.encrypt` of `first` … `first + n - 1`. @pre table.rows < 2^32
  void (*encrypt)(const order_table& table, std::uint64_t first, std::size_t n, std::int64_t* out);
  //! `window.rank` of each key.
  void (*ranks)(const window_view& window, const loss_key* keys, std::size_t n,
                std::uint32_t* ranks);
  //! The positions that the rule selects; returns how many.
  std::size_t (*monotone)(const monotone_rule&, const window_view&, drawn_keys, std::uint32_t* out);
  std::size_t (*interval)(const interval_rule&, const window_view&, drawn_keys, std::uint32_t* out);
  std::size_t (*general)(const general_rule&, const window_view&, drawn_keys, std::uint32_t* out);
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
