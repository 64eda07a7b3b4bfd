// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/rule/interval.hpp>

#include <type_traits>
#include <vector>

#include "support/exact_counts.hpp"
#include "support/windows.hpp"

using gradsieve::alias_table;
using gradsieve::full_mass;
using gradsieve::interval_rule;
using gradsieve::key_always;
using gradsieve::key_never;
using gradsieve::loss_key;
using gradsieve::slot_interval;

namespace {

std::uint64_t words(const interval_rule& rule, const gradsieve::sorted_window& window,
                    loss_key key) {
  return support::selecting_words(
      rule.interval_of, [&](std::uint32_t word) { return rule(window.view(), key, word); });
}

}  // namespace

TEST_CASE("an interval rule is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<interval_rule>);
}

TEST_CASE("a loss is selected by the intervals of slots that enclose it") {
  // T = 100, 400, 1000, 300 of 2^32 in a window of three: the ranks with T > u are 0…3 for u below
  // 100, 1…3 below 300, 1…2 below 400, 2 below 1000, then none.
  alias_table table;
  table.assign(std::vector<std::uint64_t>{100, 200, 100, 600, full_mass - 1000});
  const std::vector<slot_interval> intervals{{0, 4}, {1, 4}, {1, 3}, {2, 3}, {4, 4}, {}, {}, {}};
  const interval_rule rule{table.view(), intervals.data()};
  const auto window = support::window_of(std::vector<loss_key>{10, 20, 30});
  CHECK(words(rule, window, 5) == 100);
  CHECK(words(rule, window, 10) == 100);
  CHECK(words(rule, window, 11) == 400);
  CHECK(words(rule, window, 20) == 400);
  CHECK(words(rule, window, 21) == 1000);
  CHECK(words(rule, window, 30) == 1000);
  CHECK(words(rule, window, 31) == 300);
  CHECK(words(rule, window, gradsieve::key_above - 1) == 300);
  CHECK(words(rule, window, gradsieve::key_below + 1) == 100);
  CHECK(words(rule, window, key_always) == full_mass);
  CHECK(words(rule, window, key_never) == 0);
}

TEST_CASE("equal entries in a window share the lowest of their ranks") {
  alias_table table;
  table.assign(std::vector<std::uint64_t>{1000, full_mass - 1000});
  // Rank 1 alone has mass: no loss has this rank where the first two entries are equal.
  const std::vector<slot_interval> intervals{{1, 2}, {4, 4}};
  const interval_rule rule{table.view(), intervals.data()};
  const auto equal = support::window_of(std::vector<loss_key>{10, 10, 20});
  for (const loss_key key : {5, 10, 15, 20, 25}) CHECK(words(rule, equal, key) == 0);
  const auto distinct = support::window_of(std::vector<loss_key>{10, 20, 20});
  CHECK(words(rule, distinct, 20) == 1000);
  CHECK(words(rule, distinct, 21) == 0);
}
