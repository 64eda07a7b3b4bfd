// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/rule/general.hpp>

#include <type_traits>
#include <vector>

#include "support/windows.hpp"

using gradsieve::general_rule;
using gradsieve::key_always;
using gradsieve::key_never;
using gradsieve::loss_key;

TEST_CASE("a general rule is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<general_rule>);
}

TEST_CASE("a loss is selected by the words below the mass of its rank") {
  const std::vector<std::uint64_t> masses{100, 0, std::uint64_t{1} << 32, 7};
  const general_rule rule{masses.data()};
  const auto window = support::window_of(std::vector<loss_key>{10, 20, 30});
  const auto view = window.view();
  for (const loss_key rank_0 : {5, 10}) {
    CHECK(rule(view, rank_0, 99));
    CHECK_FALSE(rule(view, rank_0, 100));  // < where <= would give one word too many
  }
  for (const loss_key rank_1 : {11, 20}) CHECK_FALSE(rule(view, rank_1, 0));
  for (const loss_key rank_2 : {21, 30}) CHECK(rule(view, rank_2, 0xffffffffu));
  CHECK(rule(view, 31, 6));
  CHECK_FALSE(rule(view, 31, 7));
}

TEST_CASE("a general rule always and never selects what it must") {
  const std::vector<std::uint64_t> masses{5, 0, 5, 0};
  const general_rule rule{masses.data()};
  const auto window = support::ladder(3);
  CHECK(rule(window.view(), key_always, 0xffffffffu));
  CHECK_FALSE(rule(window.view(), key_never, 0));
}
