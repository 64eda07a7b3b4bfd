// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The masses that the examples of a batch can have, each with a number.
#pragma once

#include <gradsieve/gpu/tables.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! What an example counts when it must not be drawn. Above every mass.
inline constexpr std::uint64_t left_out = ~std::uint64_t{0};

//! Examples of one class have one mass. A class is a rank; where ties are averaged, a rank and
//! whether it ties; or the examples that must be selected; or those that must not.
struct mass_classes {
  rule_view rule;

  GRADSIEVE_HOST_DEVICE std::uint32_t ranks() const {
    return (rule.size + 1) * (rule.tied == ties::averaged ? 2 : 1);
  }
  GRADSIEVE_HOST_DEVICE std::uint32_t always() const { return ranks(); }
  GRADSIEVE_HOST_DEVICE std::uint32_t never() const { return ranks() + 1; }
  GRADSIEVE_HOST_DEVICE std::uint32_t size() const { return ranks() + 2; }

  //! @pre the key is finite
  __device__ std::uint32_t of(const window_view& window, loss_key key) const {
    const std::uint32_t rank = window.rank(key);
    if (rule.tied == ties::strict) return rank;
    return 2 * rank + (window.slots[rank + 1] == key ? 1 : 0);
  }

  //! The mass of a class of ranks that has any example.
  __device__ std::uint64_t mass(const window_view& window, std::uint32_t of_class) const {
    if (rule.tied == ties::strict) return rule.masses[of_class];
    const std::uint32_t rank = of_class / 2;
    if (of_class % 2 == 0 || rank == window.size) return rule.masses[rank];
    return averaged_mass(window, window.slots[rank + 1], rule.masses, rule.sums);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
