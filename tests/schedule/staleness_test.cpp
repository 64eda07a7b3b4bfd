// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/schedule/staleness.hpp>

#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/chi_squared.hpp"

namespace gs = gradsieve;

namespace {

static_assert(!std::is_convertible_v<gs::after_epochs, gs::staleness>);
static_assert(!std::is_convertible_v<gs::activity, gs::staleness>);
static_assert(std::is_trivially_copyable_v<gs::staleness>);
static_assert(gs::staleness_rule<gs::staleness> && !gs::staleness_rule<gs::activity>);
static_assert(gs::staleness(gs::max_age{2}).due(0, 4, 9));

template <class A, class B>
concept both = requires(A a, B b) {
  a&& b;
};
template <class A, class B>
concept either = requires(A a, B b) {
  a || b;
};

//! The first id of those below `ids` that is not due in any of `epochs`, else -1.
std::int64_t never_due(const gs::staleness& rule, std::int64_t ids, std::uint32_t epochs) {
  for (std::int64_t id = 0; id < ids; ++id) {
    bool seen = false;
    for (std::uint32_t epoch = 0; epoch < epochs && !seen; ++epoch) {
      seen = rule.due(id, 4095, epoch);
    }
    if (!seen) return id;
  }
  return -1;
}

}  // namespace

TEST_CASE("staleness: terms combine as they are") {
  CHECK(either<gs::max_age, gs::staggered>);
  CHECK(both<gs::every_n_epochs, gs::staggered>);
}

TEST_CASE("staleness: never_stale") {
  CHECK_FALSE(gs::staleness(gs::never_stale{}).due(3, 4095, 0));
  CHECK_FALSE(gs::staleness(gs::never_stale{}).due(3, 0, 4096));
}

TEST_CASE("staleness: max_age is due from that age on") {
  for (std::uint32_t n = 1; n < 5; ++n) {
    for (std::uint32_t age = 0; age < 8; ++age) {
      CHECK(gs::staleness(gs::max_age{n}).due(7, age, 100) == (age >= n));
    }
  }
}

TEST_CASE("staleness: a max_age with a spread has examples come due at ages of their own") {
  const gs::staleness rule = gs::max_age{8, 2};
  constexpr std::int64_t examples = 30000;
  double due[10] = {};  // newly, at each age
  for (std::int64_t id = 0; id < examples; ++id) {
    for (std::uint32_t age = 1; age < 10; ++age) {
      due[age] += rule.due(id, age, 5) && !rule.due(id, age - 1, 5) ? 1 : 0;
      CHECK(rule.due(id, age, 5) == rule.due(id, age, 6));
    }
  }
  // A third each, within five standard deviations of a binomial.
  for (const std::size_t age : {6u, 7u, 8u}) CHECK(due[age] == Approx(examples / 3.0).margin(410));
  CHECK(due[6] + due[7] + due[8] == examples);
  CHECK(rule.least_age() == 6);
  CHECK(rule.revisits());
  CHECK(rule.fingerprint() != gs::staleness(gs::max_age{8}).fingerprint());
  CHECK_THROWS_AS(rule.terms(), gs::invalid_argument);
  CHECK_THROWS_AS(gs::staleness(gs::max_age{8, 8}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::staleness(gs::max_age{3, 5}), contains("a spread of 5"));
}

TEST_CASE("staleness: every_n_epochs is due for all, whatever their age") {
  for (std::uint32_t epoch = 0; epoch < 9; ++epoch) {
    CHECK(gs::staleness(gs::every_n_epochs{3}).due(7, 0, epoch) == (epoch % 3 == 0));
    CHECK(gs::staleness(gs::every_n_epochs{1}).due(8, 5, epoch));
  }
}

TEST_CASE("staleness: staggered is due once in any n consecutive epochs") {
  const gs::staleness rule = gs::staggered{5};
  for (std::int64_t id = 0; id < 500; ++id) {
    for (std::uint32_t first = 0; first < 7; ++first) {
      int due = 0;
      for (std::uint32_t epoch = first; epoch < first + 5; ++epoch) due += rule.due(id, 0, epoch);
      REQUIRE(due == 1);
    }
  }
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    CHECK(gs::staleness(gs::staggered{1}).due(42, 0, epoch));
  }
}

// 60000 consecutive ids in n groups, df n - 1, alpha = 1e-4; also ids in steps of n.
TEST_CASE("staleness: staggered spreads its refreshes evenly over the epochs") {
  const std::uint32_t n = GENERATE(2u, 3u, 4u, 7u, 10u, 64u);
  const std::int64_t stride = GENERATE(1, 10, 64);
  const gs::staleness rule = gs::staggered{n};
  std::vector<std::uint64_t> due(n);
  for (std::int64_t i = 0; i < 60000; ++i) {
    for (std::uint32_t epoch = 0; epoch < n; ++epoch) due[epoch] += rule.due(i * stride, 1, epoch);
  }
  CAPTURE(n, stride);
  CHECK(support::chi_squared_even(due) < support::chi_squared_critical(n - 1.0));
}

// 2x2 counts of neighbouring ids' turns under n = 2 as four cells, df 3, alpha = 1e-4.
TEST_CASE("staleness: neighbouring ids have unrelated turns") {
  const gs::staleness rule = gs::staggered{2};
  std::vector<std::uint64_t> cells(4);
  for (std::int64_t id = 0; id < 40000; id += 2) {
    ++cells[std::size_t{rule.due(id, 0, 0)} * 2 + std::size_t{rule.due(id + 1, 0, 0)}];
  }
  CHECK(support::chi_squared_even(cells) < support::chi_squared_critical(3));
}

TEST_CASE("staleness: && || ! and nesting") {
  const gs::staleness age = gs::max_age{2};
  const gs::staleness nth = gs::every_n_epochs{3};
  for (std::uint32_t a = 0; a < 5; ++a) {
    for (std::uint32_t epoch = 0; epoch < 7; ++epoch) {
      const bool x = a >= 2, y = epoch % 3 == 0;
      CHECK((age && nth).due(1, a, epoch) == (x && y));
      CHECK((age || nth).due(1, a, epoch) == (x || y));
      CHECK((!age).due(1, a, epoch) == !x);
      CHECK((!(age && !nth) || gs::max_age{4}).due(1, a, epoch) == (!(x && !y) || a >= 4));
    }
  }
}

TEST_CASE("staleness: revisits() is true where every example comes due again") {
  CHECK_FALSE(gs::staleness(gs::never_stale{}).revisits());
  CHECK(gs::staleness(gs::max_age{1}).revisits());
  CHECK(gs::staleness(gs::max_age{4095}).revisits());
  CHECK(gs::staleness(gs::every_n_epochs{4095}).revisits());
  CHECK(gs::staleness(gs::staggered{4095}).revisits());
  CHECK((gs::staleness(gs::max_age{9}) && gs::staggered{7}).revisits());
  CHECK((gs::staleness(gs::never_stale{}) || gs::max_age{9}).revisits());
  CHECK_FALSE((gs::staleness(gs::never_stale{}) && gs::max_age{9}).revisits());
  CHECK_FALSE((!gs::staleness(gs::max_age{3})).revisits());  // the old ones are not due
}

TEST_CASE("staleness: revisits() is false where some example never comes due") {
  // In odd epochs only: an id whose turn is in the even ones is never due.
  const gs::staleness rule = !gs::staleness(gs::every_n_epochs{2}) && gs::staggered{2};
  REQUIRE(never_due(rule, 100, 1000) != -1);
  CHECK_FALSE(rule.revisits());
}

TEST_CASE("staleness: equal when made of the same terms") {
  CHECK(gs::staleness(gs::max_age{3}) == gs::staleness(gs::max_age{3}));
  CHECK_FALSE(gs::staleness(gs::max_age{3}) == gs::staleness(gs::staggered{3}));
}

TEST_CASE("staleness: terms of different kinds joined by || are told") {
  const gs::staleness_terms none = gs::staleness(gs::never_stale{}).terms();
  CHECK((none.max_age == 0 && none.every_n_epochs == 0 && none.staggered == 0));
  const gs::staleness_terms one = gs::staleness(gs::staggered{7}).terms();
  CHECK((one.max_age == 0 && one.every_n_epochs == 0 && one.staggered == 7));
  const gs::staleness_terms all =
      (gs::staggered{7} || (gs::max_age{3} || gs::every_n_epochs{9}) || gs::never_stale{}).terms();
  CHECK((all.max_age == 3 && all.every_n_epochs == 9 && all.staggered == 7));
}

TEST_CASE("staleness: terms of any other rule are refused") {
  CHECK_THROWS_AS((gs::max_age{3} && gs::staggered{7}).terms(), gs::invalid_argument);
  CHECK_THROWS_AS((!gs::staleness(gs::max_age{3})).terms(), gs::invalid_argument);
  CHECK_THROWS_AS((gs::max_age{3} || gs::max_age{4}).terms(), gs::invalid_argument);
  CHECK_THROWS_WITH((gs::max_age{3} || gs::max_age{4}).terms(), contains("joined by ||"));
}

TEST_CASE("staleness: terms outside [1, 4095] are refused and the message names them") {
  const std::uint32_t n = GENERATE(0u, 4096u);
  CHECK_THROWS_AS(gs::staleness(gs::max_age{n}), gs::invalid_argument);
  CHECK_THROWS_AS(gs::staleness(gs::every_n_epochs{n}), gs::invalid_argument);
  CHECK_THROWS_AS(gs::staleness(gs::staggered{n}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::staleness(gs::max_age{n}),
                    contains("max_age") && contains(std::to_string(n)) && contains("4095"));
  CHECK_THROWS_WITH(gs::staleness(gs::staggered{n}), contains("staggered"));
  CHECK_THROWS_WITH(gs::staleness(gs::every_n_epochs{n}), contains("every_n_epochs"));
}
