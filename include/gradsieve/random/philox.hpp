// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Philox4x32-10, a counter-based generator: 128 random bits as a pure function.
#pragma once

#include <gradsieve/config.hpp>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Four 32-bit words: a counter, or the random block that it maps to.
struct philox_block {
  std::uint32_t word[4];

  friend constexpr bool operator==(const philox_block&, const philox_block&) = default;
};

//! The block of `counter` under `key`: ten rounds of Philox4x32.
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
GRADSIEVE_HOST_DEVICE constexpr philox_block philox(philox_block counter, std::uint64_t key) {
  std::uint32_t x = counter.word[0], y = counter.word[1], z = counter.word[2], w = counter.word[3];
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * x;
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * z;
    x = static_cast<std::uint32_t>(b >> 32) ^ y ^ k0;
    y = static_cast<std::uint32_t>(b);
    z = static_cast<std::uint32_t>(a >> 32) ^ w ^ k1;
    w = static_cast<std::uint32_t>(a);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{x, y, z, w}};
}

// Random123's known answers (tests/kat_vectors of that project).
static_assert(philox({{0, 0, 0, 0}}, 0) ==
              philox_block{{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}});
static_assert(philox({{~0u, ~0u, ~0u, ~0u}}, ~std::uint64_t{0}) ==
              philox_block{{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}});
static_assert(philox({{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}}, 0x299f31d0a4093822u) ==
              philox_block{{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}});

}  // namespace gradsieve::inline GRADSIEVE_ABI
