// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/alias.hpp>

#include <type_traits>
#include <vector>

#include "support/chi_squared.hpp"
#include "support/exact_counts.hpp"
#include "support/random_source.hpp"

using gradsieve::alias_table;
using gradsieve::full_mass;

namespace {

using masses_type = std::vector<std::uint64_t>;

masses_type counts_of(alias_table& table, const masses_type& masses) {
  table.assign(masses);
  masses_type counts = support::outcome_counts(table.view());
  for (std::size_t i = masses.size(); i < counts.size(); ++i) {
    if (counts[i] != 0) FAIL("an outcome that does not exist: " << i);
  }
  counts.resize(masses.size());
  return counts;
}

//! Random masses that sum to 2^32; some 0, some far larger than others.
masses_type random_masses(support::random_source& random, std::size_t size) {
  masses_type masses(size);
  std::uint64_t left = full_mass;
  for (std::uint64_t& mass : masses) {
    if (random.below(4) != 0) mass = random.below((left >> random.below(12)) + 1);
    left -= mass;
  }
  masses[random.below(size)] += left;
  return masses;
}

}  // namespace

TEST_CASE("a view of an alias table is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<gradsieve::alias_view>);
}

TEST_CASE("of all 2^32 words each outcome gets exactly its mass: small tables") {
  alias_table table;
  for (const masses_type& masses :
       {masses_type{full_mass}, masses_type{0, full_mass}, masses_type{full_mass, 0},
        masses_type{1, full_mass - 1}, masses_type{full_mass - 1, 1},
        masses_type{full_mass / 2, full_mass / 2}, masses_type{full_mass - 2, 1, 1},
        masses_type{0, 0, full_mass, 0, 0}, masses_type{1431655765, 1431655765, 1431655766},
        masses_type{full_mass / 4, full_mass / 4, full_mass / 4, full_mass / 4},
        masses_type{1, 2, 3, 4, full_mass - 10}}) {
    CHECK(counts_of(table, masses) == masses);
  }
}

TEST_CASE("of all 2^32 words each outcome gets exactly its mass: random tables of any size") {
  support::random_source random(20);
  alias_table table;  // the same one, that shrinks and grows
  std::size_t wrong = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::size_t size = 1 + random.below(round % 100 == 0 ? 5000 : 70);
    const masses_type masses = random_masses(random, size);
    wrong += std::size_t{counts_of(table, masses) != masses};
  }
  CHECK(wrong == 0);
}

TEST_CASE("a table has the next power of two of columns, at least two") {
  alias_table table;
  const auto columns = [&](std::size_t size) {
    masses_type masses(size, 0);
    masses.back() = full_mass;
    table.assign(masses);
    return table.view().mask + 1;
  };
  CHECK(columns(1) == 2);
  CHECK(columns(2) == 2);
  CHECK(columns(3) == 4);
  CHECK(columns(1024) == 1024);
  CHECK(columns(1025) == 2048);
  CHECK(columns(4) == 4);
}

TEST_CASE("the layout of a column is public: the low bits of a word pick it") {
  alias_table table;
  table.assign(masses_type{1, full_mass - 1});
  // Column 0 keeps one word of its own, the least; column 1 is whole.
  CHECK(table.view()(0) == 0);
  CHECK(table.view()(1) == 1);
  CHECK(table.view()(2) == 1);
  CHECK(table.view()(0x80000000u) == 1);
  CHECK(table.view()(0xfffffffeu) == 1);
}

TEST_CASE("drawn words give outcomes with their probabilities") {
  support::random_source random(21);
  alias_table table;
  masses_type masses(40, full_mass / 64);
  masses[7] += full_mass - 40 * (full_mass / 64);
  table.assign(masses);
  std::vector<std::uint64_t> counts(40, 0);
  const int draws = 200'000;
  for (std::uint32_t i = 0; i < draws; ++i) ++counts[table.view()(gradsieve::draw({.seed = 5}, i))];
  std::vector<double> expected;
  for (const std::uint64_t mass : masses) {
    expected.push_back(static_cast<double>(mass) * 0x1p-32 * draws);
  }
  // alpha 1e-4, n = 39
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(39));
}
