// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy for each group of examples, such as a class.
#pragma once

#include <gradsieve/policy/combinators.hpp>
#include <gradsieve/policy/policy_list.hpp>

#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! `policy` with a floor of its own for each group: what `sieve_options::per_group` takes.
//! `per_group(power{3.0}, floors)`.
//! @param floors  one least probability for each group, in [0, 1]
template <policy P>
policy_list per_group(const P& policy, std::span<const double> floors) {
  policy_list policies;
  for (std::size_t g = 0; g < floors.size(); ++g) {
    policies.push_back(with_floor<P>{policy, floors[g]});
  }
  return policies;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
