// expect: gradsieve: a history needs `push_keys(keys)`, `size() const`, `capacity() const` and `write_sorted_keys(out) const`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <cstddef>
#include <span>

struct last_loss {
  void push_keys(std::span<const gradsieve::loss_key>) {}
  std::size_t size() const { return 1; }
  std::size_t capacity() const { return 1; }
};

void pick(gradsieve::basic_sieve<last_loss>& sieve) { sieve.begin_epoch(1); }
