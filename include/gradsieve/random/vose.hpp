// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The columns of an alias table, in integers, whatever they are stored as.
#pragma once

#include <gradsieve/slice.hpp>

#include <cstddef>
#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Levels masses into as many columns of height `full`: calls `store(i, cut, other)` once for each
//! column i, of which the part below `cut` is i's own and the rest is `other`'s. All columns
//! together give every outcome exactly its mass. O(n).
//! @param masses  of the n outcomes, which sum to n `full`; used up.
//! @param stack  n places of work space.
//! Source: Walker 1977; Vose, "A linear algorithm for generating random numbers with a given
//! distribution", 1991; here in integers, so no rounding is left over.
template <class Store>
void level_columns(slice<std::uint64_t> masses, slice<std::uint32_t> stack, std::uint64_t full,
                   Store store) {
  // Two stacks that grow towards each other: outcomes with less than a full column, and the others.
  std::size_t small = 0, large = masses.size();
  for (std::uint32_t i = 0; i < masses.size(); ++i) {
    stack[masses[i] < full ? small++ : --large] = i;
  }
  while (small > 0) {
    const std::uint32_t receiver = stack[--small];
    const std::uint32_t donor = stack[large];
    store(receiver, masses[receiver], donor);
    masses[donor] -= full - masses[receiver];
    if (masses[donor] < full) {
      ++large;
      stack[small++] = donor;
    }
  }
  // What is left is full to the brim.
  for (; large < masses.size(); ++large) store(stack[large], full, stack[large]);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
