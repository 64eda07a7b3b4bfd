// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/sort_keys.hpp>

#include <vector>

#include "support/random_source.hpp"

using gradsieve::loss_key;

TEST_CASE("keys of either sign are sorted, whatever their number and their ties") {
  support::random_source random(1);
  for (std::size_t n = 0; n < 300; ++n) {
    for (const std::uint32_t shift : {0u, 8u, 20u, 30u}) {
      std::vector<loss_key> keys(n), spare(n);
      for (loss_key& key : keys) key = static_cast<loss_key>(random() >> 32) >> shift;
      std::vector<loss_key> expected = keys;
      std::sort(expected.begin(), expected.end());
      gradsieve::detail::sort_keys(keys, spare);
      REQUIRE(keys == expected);
    }
  }
}
