// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sorted windows of given losses.
#pragma once

#include <gradsieve/history/sorted_window.hpp>

#include <algorithm>
#include <vector>

namespace support {

inline std::vector<gradsieve::loss_key> keys_of(const std::vector<float>& losses) {
  std::vector<gradsieve::loss_key> keys;
  for (const float loss : losses) keys.push_back(gradsieve::to_key(loss));
  return keys;
}

//! A window of exactly these keys, in any order.
inline gradsieve::sorted_window window_of(std::vector<gradsieve::loss_key> keys) {
  std::sort(keys.begin(), keys.end());
  gradsieve::sorted_window window(keys.size());
  std::copy(keys.begin(), keys.end(), window.resize(keys.size()).data());
  return window;
}

inline gradsieve::sorted_window window_of(const std::vector<float>& losses) {
  return window_of(keys_of(losses));
}

//! A window of the keys 10, 20, …, 10 size: the key 10 m + 5 has rank m, so has 10 (m + 1).
inline gradsieve::sorted_window ladder(std::size_t size) {
  std::vector<gradsieve::loss_key> keys(size);
  for (std::size_t i = 0; i < size; ++i) keys[i] = static_cast<gradsieve::loss_key>(10 * (i + 1));
  return window_of(std::move(keys));
}

//! A key of rank `rank` in a `ladder`.
inline gradsieve::loss_key rung(std::size_t rank) {
  return static_cast<gradsieve::loss_key>(10 * rank + 5);
}

}  // namespace support
