// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Numbers that tell whether two runs did the same: ids trained on, final weights, data.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>

namespace record {

//! Of nothing at all.
inline constexpr std::uint64_t empty_fingerprint = 0xcbf29ce484222325u;

//! FNV-1a over the values' bytes, 64 bits, going on from `before`. No guard against malice.
template <class T>
std::uint64_t fingerprint(std::span<const T> values, std::uint64_t before = empty_fingerprint) {
  static_assert(std::is_arithmetic_v<T> && std::endian::native == std::endian::little);
  for (const std::byte byte : std::as_bytes(values)) {
    before = (before ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  return before;
}

}  // namespace record
