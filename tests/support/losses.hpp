// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses and ids to test with.
#pragma once

#include <gradsieve/random/draw.hpp>
#include <gradsieve/random/uniform.hpp>

#include <numeric>
#include <vector>

namespace support {

//! n continuous losses in [0, 1).
inline std::vector<float> random_losses(std::size_t n, std::uint32_t which = 0) {
  const gradsieve::draw_key key{12345, which, gradsieve::purpose::user};
  std::vector<float> losses(n);
  for (std::size_t i = 0; i < n; ++i) {
    losses[i] = static_cast<float>(gradsieve::to_unit(gradsieve::draw(key, i)));
  }
  return losses;
}

//! 1, 2, …, n: against a window that holds the same, loss v has rank v - 1.
inline std::vector<float> ramp(std::size_t n) {
  std::vector<float> losses(n);
  for (std::size_t i = 0; i < n; ++i) losses[i] = static_cast<float>(i + 1);
  return losses;
}

inline std::vector<std::int64_t> ids_from(std::int64_t first, std::size_t n) {
  std::vector<std::int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

template <class Range>
auto to_vector(const Range& range) {
  return std::vector(range.begin(), range.end());
}

}  // namespace support
