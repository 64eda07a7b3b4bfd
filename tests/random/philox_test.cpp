// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/random/philox.hpp>

#include <bit>
#include <vector>

#include "support/chi_squared.hpp"

using gradsieve::philox;
using gradsieve::philox_block;

TEST_CASE("Random123's known answers at run time") {
  // tests/kat_vectors of Random123, philox4x32 10; volatile keeps the compiler from folding them.
  volatile std::uint32_t zero = 0, ones = 0xffffffffu;
  const std::uint32_t z = zero, o = ones;
  CHECK(philox({{z, z, z, z}}, z) ==
        philox_block{{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}});
  CHECK(philox({{o, o, o, o}}, (std::uint64_t{o} << 32) | o) ==
        philox_block{{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}});
  CHECK(philox({{0x243f6a88u + z, 0x85a308d3u, 0x13198a2eu, 0x03707344u}}, 0x299f31d0a4093822u) ==
        philox_block{{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}});
}

TEST_CASE("philox is usable in constant expressions") {
  STATIC_REQUIRE(philox({{0, 0, 0, 0}}, 0).word[0] == 0x6627e8d5u);
}

TEST_CASE("each input bit flips about half of the output bits") {
  // 192 input bits, 512 blocks each; the flips of every input bit are Binomial(512 * 128, 1/2).
  std::vector<std::uint64_t> flips(192, 0);
  for (std::uint32_t block = 0; block < 512; ++block) {
    const philox_block counter{{block, 7, 11, 13}};
    const std::uint64_t key = 0x0123456789abcdefu;
    const philox_block before = philox(counter, key);
    for (std::uint32_t bit = 0; bit < 192; ++bit) {
      philox_block other = counter;
      std::uint64_t other_key = key;
      if (bit < 128) {
        other.word[bit / 32] ^= 1u << (bit % 32);
      } else {
        other_key ^= std::uint64_t{1} << (bit - 128);
      }
      const philox_block after = philox(other, other_key);
      for (int w = 0; w < 4; ++w) {
        flips[bit] += static_cast<std::uint64_t>(std::popcount(before.word[w] ^ after.word[w]));
      }
    }
  }
  const std::vector<double> half(flips.size(), 0.5);
  // alpha 1e-4, n = 192
  CHECK(support::chi_squared_binomial(flips, half, 512.0 * 128) <
        support::chi_squared_critical(192));
}
