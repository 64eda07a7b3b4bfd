// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ledgers to benchmark on.
#pragma once

#include "losses.hpp"

#include <gradsieve/history/loss_ledger.hpp>

#include <cstdint>
#include <vector>

namespace bench {

//! Gives every example its loss, at an epoch before `epochs` of its own.
inline void fill(gradsieve::loss_ledger& ledger, std::uint32_t epochs) {
  std::vector<std::int64_t> ids;
  std::vector<float> values;
  const auto n = static_cast<std::uint64_t>(ledger.size());
  for (std::uint64_t i = 0; i < n; ++i) {
    ids.push_back(static_cast<std::int64_t>(i));
    values.push_back(loss_at(i));
    // Runs of ids of one epoch, as short as is quick to set up.
    if (ids.size() == 256 || i + 1 == n) {
      ledger.observe(ids, values, static_cast<std::uint32_t>(word_at(i) % epochs));
      ids.clear();
      values.clear();
    }
  }
}

}  // namespace bench
