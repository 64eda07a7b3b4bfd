// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What an alias table and drawing with replacement share; their own tests count outcomes.
#include <gradsieve/random/vose.hpp>

#include <numeric>
#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"

namespace {

using masses = std::vector<std::uint64_t>;

struct column {
  std::uint64_t cut = 0;
  std::uint32_t other = 0;
  int stored = 0;
};

//! Levels n masses of sum n `full` and adds up what each outcome got.
void check_exact(const masses& of, std::uint64_t full) {
  masses left = of;
  std::vector<std::uint32_t> stack(of.size());
  std::vector<column> columns(of.size());
  gradsieve::detail::level_columns(std::span(left), std::span(stack), full,
                                   [&](std::uint32_t own, std::uint64_t cut, std::uint32_t other) {
                                     columns.at(own) = {cut, other, columns.at(own).stored + 1};
                                   });
  masses got(of.size(), 0);
  for (std::size_t i = 0; i < of.size(); ++i) {
    REQUIRE(columns[i].stored == 1);
    REQUIRE(columns[i].cut <= full);
    got[i] += columns[i].cut;
    got.at(columns[i].other) += full - columns[i].cut;
  }
  REQUIRE(got == of);
}

}  // namespace

TEST_CASE("vose: every column is stored once, every outcome gets exactly its mass") {
  check_exact({}, 5);
  check_exact({7}, 7);
  check_exact({4, 4, 4}, 4);
  check_exact({12, 0, 0}, 4);
  check_exact({1, 2, 3, 14}, 5);
  support::random_source source(40);
  for (int trial = 0; trial < 500; ++trial) {
    masses of(1 + source.below(60));
    for (std::uint64_t& mass : of) mass = source.below(4) == 0 ? 0 : source.below(1000);
    const std::uint64_t sum = std::accumulate(of.begin(), of.end(), std::uint64_t{1});
    of[source.below(of.size())] += of.size() * (sum / of.size() + 1) - (sum - 1);
    check_exact(of, sum / of.size() + 1);
  }
}

TEST_CASE("vose: columns of nearly 2^63") {
  const std::uint64_t full = (std::uint64_t{1} << 62) - 1;
  check_exact({full * 2, 0}, full);
  check_exact({1, 2 * full - 1}, full);
}
