// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The history of those who need none: for sieves whose selector looks at the batch alone.
#pragma once

#include <gradsieve/history/history.hpp>
#include <gradsieve/state/bytes.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Holds a single 0 whatever is pushed, so it is always full: a sieve with one selects from the
//! first batch on, even one of NaN. No state.
class no_history {
 public:
  explicit no_history(std::size_t = 1) {}

  void push_keys(std::span<const loss_key>) {}
  std::size_t size() const { return 1; }
  std::size_t capacity() const { return 1; }
  void write_sorted_keys(std::span<loss_key> out) const { out[0] = 0; }

  void write(byte_writer&) const {}
  void read(byte_reader&) {}
};

static_assert(history<no_history>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
