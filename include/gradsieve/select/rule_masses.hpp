// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The policy's masses of many keys at once.
#pragma once

#include <gradsieve/rule/rule.hpp>
#include <gradsieve/wide/path.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! `rule.mass_of` of each key, whose groups are `groups` if not null. Where one table is all there
//! is, ranks are searched side by side. @param out  room for a mass for each key
inline void rule_masses(const rule_view& rule, const window_view& window,
                        slice<const loss_key> keys, const group_id* groups, std::uint64_t* out) {
  if (rule.by_group.count != 0 || rule.tied == ties::averaged) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      out[i] = rule.mass_of(window, keys[i], group_at(groups, i));
    }
    return;
  }
  constexpr std::size_t chunk = wide_kernels::most;
  std::uint32_t rank[chunk];
  const wide_kernels* const wide = wide_path();
  for (std::size_t done = 0; done < keys.size(); done += chunk) {
    const std::size_t n = (std::min)(chunk, keys.size() - done);
    ranks(wide, window, keys.data() + done, n, rank);
    for (std::size_t i = 0; i < n; ++i) {
      const loss_key key = keys[done + i];
      const std::uint64_t mass = rule.masses[rank[i]];
      out[done + i] = key == key_always ? full_mass : key == key_never ? 0 : mass;
    }
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
