// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The promise of exactness, seen through: every one of the 2^32 words is drawn.
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/rule/rule.hpp>

#include <vector>

#include "support/windows.hpp"

using gradsieve::alias_view;
using gradsieve::band;
using gradsieve::compile;
using gradsieve::curve;
using gradsieve::power;
using gradsieve::rule;
using gradsieve::step;
using gradsieve::table_shape;

namespace {

constexpr std::size_t window_size = 1024;

//! How many words give each outcome, by drawing all.
std::vector<std::uint64_t> draw_all(const alias_view& table) {
  std::vector<std::uint64_t> counts(std::size_t{table.mask} + 1, 0);
  std::uint32_t word = 0;
  do {
    ++counts[table(word)];
  } while (++word != 0);
  return counts;
}

//! How many words select each rank: those whose slot lies below it.
std::vector<std::uint64_t> by_slots(const gradsieve::monotone_rule& form) {
  const auto counts = draw_all(form.slot_of);
  std::vector<std::uint64_t> selected(window_size + 1, 0);
  for (std::size_t rank = 0; rank <= window_size; ++rank) {
    // A loss of rank m is greater than the slots 0 to m.
    for (std::size_t i = 0; i < counts.size() && form.first_slot + i <= rank; ++i) {
      selected[rank] += counts[i];
    }
  }
  return selected;
}

//! The same for intervals: those that enclose the rank.
std::vector<std::uint64_t> by_intervals(const gradsieve::interval_rule& form) {
  const auto counts = draw_all(form.interval_of);
  std::vector<std::uint64_t> selected(window_size + 1, 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto drawn = form.intervals[i];
    for (std::size_t rank = drawn.low; rank < drawn.high; ++rank) selected[rank] += counts[i];
  }
  return selected;
}

//! How many ranks are selected by another number of words than their mass.
std::size_t inexact_ranks(const curve& policy, table_shape shape) {
  const rule compiled = compile(policy, window_size);
  REQUIRE(compiled.shape() == shape);
  const auto view = compiled.view();
  const auto selected =
      shape == table_shape::monotone ? by_slots(view.monotone) : by_intervals(view.interval);
  std::size_t wrong = 0;
  for (std::size_t rank = 0; rank <= window_size; ++rank) {
    wrong += std::size_t{selected[rank] != compiled.masses()[rank]};
  }
  return wrong;
}

//! How many words select a loss of this rank, by the decisions themselves.
std::uint64_t selections(const rule& compiled, std::size_t rank) {
  const auto window = support::ladder(window_size);
  const gradsieve::window_view entries = window.view();
  return compiled.view().visit([&](const auto& form) {
    std::uint64_t selected = 0;
    std::uint32_t word = 0;
    do {
      selected += std::uint64_t{form(entries, support::rung(rank), word)};
    } while (++word != 0);
    return selected;
  });
}

}  // namespace

TEST_CASE("all words: power 1", "[exhaustive]") {
  CHECK(inexact_ranks(power{.beta = 1}, table_shape::monotone) == 0);
}

TEST_CASE("all words: power 2", "[exhaustive]") {
  CHECK(inexact_ranks(power{.beta = 2}, table_shape::monotone) == 0);
}

TEST_CASE("all words: power 3", "[exhaustive]") {
  CHECK(inexact_ranks(power{.beta = 3}, table_shape::monotone) == 0);
}

TEST_CASE("all words: power 1.5", "[exhaustive]") {
  CHECK(inexact_ranks(power{.beta = 1.5}, table_shape::monotone) == 0);
}

TEST_CASE("all words: power 2 with a floor", "[exhaustive]") {
  CHECK(inexact_ranks(power{.beta = 2, .floor = .05}, table_shape::monotone) == 0);
}

TEST_CASE("all words: a step from .1 to .8, so P(1) < 1", "[exhaustive]") {
  CHECK(inexact_ranks(step{.threshold = .5, .below = .1, .above = .8}, table_shape::monotone) == 0);
}

TEST_CASE("all words: a band", "[exhaustive]") {
  CHECK(inexact_ranks(band{}, table_shape::rise_fall) == 0);
}

TEST_CASE("all words: a band with a floor", "[exhaustive]") {
  CHECK(inexact_ranks(band{.cap = .7, .beta = 2, .floor = .05}, table_shape::rise_fall) == 0);
}

TEST_CASE("all words: the decisions of a rank under power 2 with a floor", "[exhaustive]") {
  const rule compiled = compile(power{.beta = 2, .floor = .05}, window_size);
  CHECK(selections(compiled, 700) == compiled.masses()[700]);
}

TEST_CASE("all words: the decisions of a rank under a band", "[exhaustive]") {
  const rule compiled = compile(band{}, window_size);
  CHECK(selections(compiled, 500) == compiled.masses()[500]);
}
