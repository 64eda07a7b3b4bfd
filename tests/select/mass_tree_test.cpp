// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/mass_tree.hpp>

#include <numeric>
#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"

namespace gs = gradsieve;

TEST_CASE("mass tree: every place of the running sum is found in its mass") {
  const std::vector<std::uint64_t> masses = {0, 3, 1, 0, 0, 2, 5, 0};
  for (std::size_t n = 1; n <= masses.size(); ++n) {
    const std::vector<std::uint64_t> some(masses.begin(),
                                          masses.begin() + static_cast<std::ptrdiff_t>(n));
    const gs::mass_tree tree(some);
    std::vector<std::uint64_t> found(n, 0);
    for (std::uint64_t place = 0; place < tree.total(); ++place) ++found[tree.find(place)];
    CHECK(found == some);
  }
}

TEST_CASE(
    "pitfall: sum trees that drift: after any changes it is the tree of the masses as they are") {
  support::random_source source(5);
  std::vector<std::uint64_t> masses(37, 0);
  gs::mass_tree tree(masses);
  CHECK(tree.total() == 0);
  for (int change = 0; change < 5000; ++change) {
    const std::size_t at = source.below(masses.size());
    masses[at] = source.below(3) == 0 ? 0 : source.below((std::uint64_t{1} << 32) + 1);
    tree.set(at, masses[at]);
    REQUIRE(tree.total() == std::accumulate(masses.begin(), masses.end(), std::uint64_t{0}));
  }
  const gs::mass_tree fresh(masses);
  for (std::size_t i = 0; i < masses.size(); ++i) {
    CHECK(tree[i] == masses[i]);
    CHECK(fresh[i] == masses[i]);
  }
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t place = source.below(tree.total());
    REQUIRE(tree.find(place) == fresh.find(place));
  }
}

TEST_CASE("mass tree: none and one") {
  CHECK(gs::mass_tree().total() == 0);
  CHECK(gs::mass_tree(std::vector<std::uint64_t>{}).total() == 0);
  CHECK(gs::mass_tree(std::vector<std::uint64_t>{7}).find(6) == 0);
}

TEST_CASE("mass tree: a mass above 2^32 is refused, by assign and by set") {
  constexpr std::uint64_t more = (std::uint64_t{1} << 32) + 1;
  CHECK_THROWS_AS(gs::mass_tree(std::vector<std::uint64_t>{1, more}), gs::invalid_argument);
  gs::mass_tree tree(std::vector<std::uint64_t>{1, 2});
  CHECK_THROWS_WITH(tree.set(0, more), contains("4294967297") && contains("above 2^32"));
  CHECK(tree.total() == 3);
}
