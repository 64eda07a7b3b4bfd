// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/schedule/expression.hpp>

#include <type_traits>

#include "catch.hpp"

namespace gs = gradsieve;
using gs::detail::operation;
using expression = gs::detail::expression<int>;

namespace {

constexpr bool is_even(int value) { return value % 2 == 0; }

static_assert(std::is_trivially_copyable_v<expression>);
static_assert(expression(2).join(expression(3), operation::any).evaluate(is_even));
static_assert(!expression(2).join(expression(3), operation::all).evaluate(is_even));
static_assert(expression(3).negated().evaluate(is_even));

}  // namespace

TEST_CASE("expression: the right operand may be an expression itself") {
  const expression right = expression(3).join(expression(4), operation::any);  // 3 || 4
  CHECK(expression(2).join(right, operation::all).evaluate(is_even));
  CHECK_FALSE(expression(2).join(right.negated(), operation::all).evaluate(is_even));
  CHECK(expression(1).join(right.negated(), operation::all).negated().evaluate(is_even));
}

TEST_CASE("expression: any_leaf looks at leaves only, and at all of them") {
  const expression text = expression(1).join(expression(2).negated(), operation::all);
  CHECK(text.any_leaf([](int leaf) { return leaf == 1; }));
  CHECK(text.any_leaf([](int leaf) { return leaf == 2; }));
  CHECK_FALSE(text.any_leaf([](int leaf) { return leaf == 0; }));  // an operator's unused leaf
}

TEST_CASE("expression: joined_by one operator, at any depth, and no other") {
  const expression ors =
      expression(1).join(expression(2).join(expression(3), operation::any), operation::any);
  CHECK(expression(1).joined_by(operation::any));
  CHECK(ors.joined_by(operation::any));
  CHECK_FALSE(ors.joined_by(operation::all));
  CHECK_FALSE(ors.negated().joined_by(operation::any));
  CHECK_FALSE(ors.join(expression(4), operation::all).joined_by(operation::any));
}

TEST_CASE("expression: holds 16 terms and operators, refuses the 17th") {
  expression longest = expression(0);
  for (int i = 0; i < 15; ++i) longest = longest.negated();
  CHECK_FALSE(longest.evaluate(is_even));
  CHECK_THROWS_AS(longest.negated(), gs::invalid_argument);
  CHECK_THROWS_WITH(longest.negated(), contains("16"));
  CHECK_THROWS_AS(longest.join(expression(1), operation::all), gs::invalid_argument);
  CHECK_FALSE(longest.evaluate(is_even));

  // The deepest stack: eight leaves, then their seven operators.
  expression deep = expression(0);
  for (int i = 0; i < 7; ++i) deep = expression(0).join(deep, operation::all);
  CHECK(deep.evaluate(is_even));
}
