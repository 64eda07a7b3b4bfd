// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/rule/monotone.hpp>

#include <type_traits>
#include <vector>

#include "support/exact_counts.hpp"
#include "support/windows.hpp"

using gradsieve::alias_table;
using gradsieve::full_mass;
using gradsieve::key_always;
using gradsieve::key_never;
using gradsieve::loss_key;
using gradsieve::monotone_rule;

namespace {

std::uint64_t words(const monotone_rule& rule, const gradsieve::sorted_window& window,
                    loss_key key) {
  return support::selecting_words(
      rule.slot_of, [&](std::uint32_t word) { return rule(window.view(), key, word); });
}

}  // namespace

TEST_CASE("a monotone rule is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<monotone_rule>);
}

TEST_CASE("a loss is selected by the slots below it: always, the entries, never") {
  alias_table table;
  // T = 100, 1100, 1100, 4100 of 2^32 in a window of three, the second entry without mass
  table.assign(std::vector<std::uint64_t>{100, 1000, 0, 3000, full_mass - 4100});
  const monotone_rule rule{table.view(), 0};
  const auto window = support::window_of(std::vector<loss_key>{10, 20, 30});
  CHECK(words(rule, window, 5) == 100);
  CHECK(words(rule, window, 10) == 100);  // strict: not above its equal
  CHECK(words(rule, window, 11) == 1100);
  CHECK(words(rule, window, 20) == 1100);
  CHECK(words(rule, window, 21) == 1100);
  CHECK(words(rule, window, 30) == 1100);
  CHECK(words(rule, window, 31) == 4100);
  CHECK(words(rule, window, gradsieve::key_above - 1) == 4100);
  CHECK(words(rule, window, gradsieve::key_below + 1) == 100);
  CHECK(words(rule, window, key_always) == full_mass);
  CHECK(words(rule, window, key_never) == 0);
}

TEST_CASE("slots without mass at the lower end take no columns") {
  alias_table table;
  table.assign(std::vector<std::uint64_t>{full_mass / 4, full_mass / 4 * 3});
  const monotone_rule rule{table.view(), 2};  // column 0 stands for slot 2, the entry 20
  const auto window = support::window_of(std::vector<loss_key>{10, 20, 30});
  CHECK(words(rule, window, 20) == 0);
  CHECK(words(rule, window, 21) == full_mass / 4);
  CHECK(words(rule, window, 31) == full_mass);
}

TEST_CASE("equal entries in a window add up below a loss and count nothing beside it") {
  alias_table table;
  table.assign(std::vector<std::uint64_t>{0, 1000, 2000, 4000, full_mass - 7000});
  const monotone_rule rule{table.view(), 0};
  const auto window = support::window_of(std::vector<loss_key>{10, 10, 20});
  CHECK(words(rule, window, 10) == 0);
  CHECK(words(rule, window, 15) == 3000);
  CHECK(words(rule, window, 20) == 3000);
  CHECK(words(rule, window, 25) == 7000);
}
