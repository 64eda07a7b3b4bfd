// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/schedule/staleness.hpp>

#include <type_traits>

#include "catch.hpp"

namespace gs = gradsieve;

namespace {

bool at_epoch(const gs::activity& active, std::uint32_t epoch, std::uint64_t total = 0) {
  return active({.epoch = epoch, .step = 0, .done = epoch, .total = total});
}
bool at_step(const gs::activity& active, std::uint64_t step) { return active({.step = step}); }

//! How many of `total` epochs are on; they must be one run that starts at 0.
std::uint64_t epochs_from_start(const gs::activity& active, std::uint64_t total) {
  std::uint64_t on = 0;
  for (std::uint32_t epoch = 0; epoch < total; ++epoch) {
    if (!at_epoch(active, epoch, total)) continue;
    REQUIRE(on == epoch);
    ++on;
  }
  return on;
}

template <class A, class B>
concept both = requires(A a, B b) {
  a&& b;
};
template <class A, class B>
concept either = requires(A a, B b) {
  a || b;
};
template <class A>
concept negation = requires(A a) {
  !a;
};
static_assert(both<gs::activity, gs::between> && either<gs::every_nth, gs::activity>);
static_assert(!both<gs::activity, gs::staleness> && !either<gs::activity, gs::staleness>);
static_assert(!both<gs::staleness, gs::activity> && !either<gs::staleness, gs::activity>);
static_assert(!both<gs::activity, gs::max_age> && !either<gs::max_age, gs::activity>);
static_assert(!both<gs::staleness, gs::after_epochs> && !either<gs::every_nth, gs::staleness>);
static_assert(!std::is_convertible_v<gs::max_age, gs::activity>);
static_assert(!std::is_convertible_v<gs::staleness, gs::activity>);
static_assert(std::is_trivially_copyable_v<gs::activity>);

}  // namespace

TEST_CASE("activity: terms of one kind combine as they are, of two kinds never") {
  CHECK(both<gs::after_epochs, gs::between>);
  CHECK(either<gs::every_nth, gs::never>);
  CHECK(negation<gs::every_nth>);
  CHECK_FALSE(both<gs::after_epochs, gs::max_age>);
  CHECK_FALSE(either<gs::max_age, gs::every_nth>);
}

TEST_CASE("activity: always and never") {
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
    CHECK(at_epoch(gs::always{}, epoch));
    CHECK_FALSE(at_epoch(gs::never{}, epoch));
  }
}

TEST_CASE("activity: after_epochs is on from that epoch on, counted from 0") {
  for (std::uint32_t first = 0; first < 4; ++first) {
    for (std::uint32_t epoch = 0; epoch < 8; ++epoch) {
      CHECK(at_epoch(gs::after_epochs{first}, epoch) == (epoch >= first));
    }
  }
}

TEST_CASE("activity: every_nth is on at steps 0, n, 2n") {
  for (std::uint64_t n = 1; n < 5; ++n) {
    for (std::uint64_t step = 0; step < 20; ++step) {
      CHECK(at_step(gs::every_nth{n}, step) == (step % n == 0));
    }
  }
}

TEST_CASE("activity: between starts at the first unit in the share and ends before the last") {
  const gs::activity middle = gs::between{0.5, 0.75};
  const bool expected[] = {false, false, false, false, true, true, false, false};
  for (std::uint32_t epoch = 0; epoch < 8; ++epoch) {
    CHECK(at_epoch(middle, epoch, 8) == expected[epoch]);
  }
  // Not whole: on at 3, 4 of 5 when [2.5, 5).
  CHECK_FALSE(at_epoch(gs::between{0.5, 1.0}, 2, 5));
  CHECK(at_epoch(gs::between{0.5, 1.0}, 3, 5));
  CHECK(at_epoch(gs::between{0.5, 1.0}, 4, 5));
}

TEST_CASE("activity: between at its edges") {
  CHECK(epochs_from_start(gs::between{0.0, 1.0}, 7) == 7);
  CHECK(epochs_from_start(gs::between{0.0, 0.0}, 7) == 0);
  CHECK_FALSE(at_epoch(gs::between{0.3, 0.3}, 3, 10));
  CHECK_FALSE(at_epoch(gs::between{0.0, 1.0}, 7, 7));  // past the end
  CHECK_FALSE(at_epoch(gs::between{0.0, 1.0}, 9, 7));
}

TEST_CASE("activity: between counts in the caller's unit, not in epochs") {
  const gs::activity half = gs::between{0.0, 0.5};
  CHECK(half({.epoch = 9, .step = 1, .done = 499, .total = 1000}));
  CHECK_FALSE(half({.epoch = 0, .step = 1, .done = 500, .total = 1000}));
}

TEST_CASE("activity: between{0, s} is on for the first ceil(s n) units of n") {
  for (std::uint64_t total = 1; total <= 400; ++total) {
    REQUIRE(epochs_from_start(gs::between{0.0, 0.875}, total) == (total * 7 + 7) / 8);
    REQUIRE(epochs_from_start(gs::between{0.0, 0.5}, total) == (total + 1) / 2);
  }
}

TEST_CASE("activity: a share written in hundredths ends at its hundredth") {
  // 0.55 * 100 is 55.000000000000007 in double.
  std::uint64_t wrong = 0;
  for (std::uint64_t percent = 0; percent <= 100; ++percent) {
    const gs::activity active = gs::between{0.0, static_cast<double>(percent) / 100.0};
    wrong += std::uint64_t{epochs_from_start(active, 100) != percent};
  }
  CHECK(wrong == 0);
}

TEST_CASE("activity: && || ! and nesting") {
  const gs::activity a = gs::after_epochs{2};
  const gs::activity b = gs::every_nth{3};
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    for (std::uint64_t step = 0; step < 7; ++step) {
      const gs::progress now{.epoch = epoch, .step = step, .done = epoch, .total = 4};
      const bool x = epoch >= 2, y = step % 3 == 0, z = epoch < 1;
      const gs::activity c = gs::between{0.0, 0.25};
      CHECK((a && b)(now) == (x && y));
      CHECK((a || b)(now) == (x || y));
      CHECK((!a)(now) == !x);
      CHECK((!!a)(now) == x);
      CHECK((a && !b)(now) == (x && !y));
      CHECK((!(a && b) || c)(now) == (!(x && y) || z));
      CHECK(((a || b) && (c || !a))(now) == ((x || y) && (z || !x)));
      CHECK((a && (b || c))(now) == (x && (y || z)));
      CHECK((a && b || c)(now) == ((x && y) || z));
      CHECK(!(a || (b && !(c || a)))(now) == !(x || (y && !(z || x))));
    }
  }
}

TEST_CASE("activity: says whether it needs the length of the training") {
  const gs::activity between = gs::between{0.0, 0.5};
  CHECK(between.needs_total());
  CHECK((gs::activity(gs::always{}) && !between).needs_total());
  CHECK_FALSE(gs::activity(gs::always{}).needs_total());
  CHECK_FALSE((gs::activity(gs::after_epochs{1}) || gs::every_nth{2}).needs_total());
}

TEST_CASE("activity: equal when made of the same terms") {
  const gs::activity a = gs::after_epochs{2};
  CHECK(a == gs::activity(gs::after_epochs{2}));
  CHECK_FALSE(a == gs::activity(gs::after_epochs{3}));
  CHECK_FALSE(a == !a);
  CHECK((a && gs::every_nth{2}) == (a && gs::every_nth{2}));
}

TEST_CASE("activity: bad terms are refused and the message names the values") {
  CHECK_THROWS_AS(gs::activity(gs::every_nth{0}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::activity(gs::every_nth{0}), contains("every_nth") && contains("0"));
  CHECK_THROWS_AS(gs::activity(gs::between{0.75, 0.5}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::activity(gs::between{0.75, 0.5}), contains("0.75") && contains("0.5"));
  CHECK_THROWS_AS(gs::activity(gs::between{-0.1, 0.5}), gs::invalid_argument);
  CHECK_THROWS_AS(gs::activity(gs::between{0.0, 1.01}), gs::invalid_argument);
}
