// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/exchange.hpp>

#include "support/random_source.hpp"
#include "support/windows.hpp"

using gradsieve::loss_key;
using gradsieve::sorted_window;

TEST_CASE("some keys leave a sorted window and others come in, also among equals") {
  support::random_source random(1);
  constexpr std::size_t capacity = 90;
  gradsieve::detail::key_exchange exchange(capacity);
  sorted_window to(capacity);
  for (int round = 0; round < 3000; ++round) {
    const std::uint64_t values = random.below(2) == 0 ? 6 : 10000;
    const auto any_key = [&] { return static_cast<loss_key>(random.below(values)) - 3; };
    std::vector<loss_key> old(random.below(capacity + 1));
    for (loss_key& key : old) key = any_key();
    const sorted_window from = support::window_of(old);

    // What leaves is any part of what is there.
    for (std::size_t i = old.size(); i > 1; --i) {
      std::swap(old[i - 1], old[random.below(i)]);
    }
    const std::size_t leaving = random.below(old.size() + 1);
    const std::vector<loss_key> out(old.begin(),
                                    old.begin() + static_cast<std::ptrdiff_t>(leaving));
    old.erase(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(leaving));
    std::vector<loss_key> in(random.below(capacity - old.size() + 1));
    for (loss_key& key : in) key = any_key();

    old.insert(old.end(), in.begin(), in.end());
    exchange(from, in, out, to);

    std::sort(old.begin(), old.end());
    REQUIRE(std::vector<loss_key>(to.keys().begin(), to.keys().end()) == old);
    REQUIRE(to.view().slots[0] == gradsieve::key_below);
    REQUIRE(to.view().slots[old.size() + 1] == gradsieve::key_above);
  }
}
