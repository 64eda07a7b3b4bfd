// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/sorted_window.hpp>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "support/random_source.hpp"
#include "support/windows.hpp"

using gradsieve::key_above;
using gradsieve::key_always;
using gradsieve::key_below;
using gradsieve::key_never;
using gradsieve::loss_key;
using gradsieve::sorted_window;
using gradsieve::window_view;

namespace {

std::uint32_t counted_rank(const sorted_window& window, loss_key key) {
  return static_cast<std::uint32_t>(std::count_if(window.keys().begin(), window.keys().end(),
                                                  [key](loss_key entry) { return entry < key; }));
}

}  // namespace

TEST_CASE("a view of a window is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<window_view>);
}

TEST_CASE("the rank is the count of smaller entries, for every size and every key") {
  support::random_source random(8);
  std::size_t wrong = 0;
  for (std::size_t size = 0; size <= 70; ++size) {
    std::vector<loss_key> keys(size);
    for (loss_key& key : keys) key = static_cast<loss_key>(random.below(40)) * 2;  // many ties
    const sorted_window window = support::window_of(keys);
    for (loss_key key = -3; key <= 83; ++key) {
      wrong += std::size_t{window.view().rank(key) != counted_rank(window, key)};
    }
    wrong += std::size_t{window.view().rank(key_always) != size};
    wrong += std::size_t{window.view().rank(key_above) != size};
    wrong += std::size_t{window.view().rank(key_below) != 0};
    wrong += std::size_t{window.view().rank(key_never) != 0};
  }
  CHECK(wrong == 0);
}

TEST_CASE("the rank in large windows of any size") {
  for (const std::size_t size : {1000u, 1023u, 1024u, 1025u, 65535u, 65536u, 65537u}) {
    const sorted_window window = support::ladder(size);
    std::size_t wrong = 0;
    for (std::size_t rank = 0; rank <= size; ++rank) {
      wrong += std::size_t{window.view().rank(support::rung(rank)) != rank};
      // A key equal to an entry is not above it: strict, off by one otherwise.
      wrong += std::size_t{rank < size && window.view().rank(window.keys()[rank]) != rank};
    }
    CAPTURE(size);
    CHECK(wrong == 0);
  }
}

TEST_CASE("slots lie between the two sentinels, also after shrinking and growing") {
  sorted_window window(4);
  CHECK(window.size() == 0);
  CHECK(window.capacity() == 4);
  CHECK(window.view().slots[0] == key_below);
  CHECK(window.view().slots[1] == key_above);
  for (const std::size_t size : {4u, 2u, 0u, 3u}) {
    const std::span<loss_key> keys = window.resize(size);
    REQUIRE(keys.size() == size);
    for (std::size_t i = 0; i < size; ++i) keys[i] = static_cast<loss_key>(i);
    CHECK(window.size() == size);
    CHECK(window.view().size == size);
    CHECK(window.view().slots[0] == key_below);
    CHECK(window.view().slots[size + 1] == key_above);
    CHECK(std::equal(keys.begin(), keys.end(), window.view().slots + 1));
  }
}
