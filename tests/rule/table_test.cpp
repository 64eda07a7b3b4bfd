// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/rule/table.hpp>

#include <vector>

using gradsieve::full_mass;
using gradsieve::shape_of;
using gradsieve::table_shape;

namespace {

table_shape shape(const std::vector<std::uint64_t>& masses) { return shape_of(masses); }

std::vector<std::uint64_t> table(const gradsieve::curve& policy, std::size_t size) {
  std::vector<std::uint64_t> masses(size + 1);
  gradsieve::tabulate(policy, masses);
  return masses;
}

}  // namespace

TEST_CASE("a policy is called once for each of H + 1 percentiles, in order") {
  struct probe {
    std::vector<double>* calls;
    double operator()(double percentile) const {
      calls->push_back(percentile);
      return 1;
    }
  };
  std::vector<double> calls;
  table(probe{&calls}, 4);
  CHECK(calls == std::vector<double>{0, .25, .5, .75, 1});
}

TEST_CASE("tables of the Selective-Backprop numbers") {
  const std::uint64_t unit = full_mass / 16;
  CHECK(table(gradsieve::power{.beta = 2}, 4) ==
        std::vector<std::uint64_t>{0, unit, 4 * unit, 9 * unit, full_mass});
  CHECK(table(gradsieve::power{.beta = 2, .floor = .25}, 4) ==
        std::vector<std::uint64_t>{4 * unit, 4 * unit, 4 * unit, 9 * unit, full_mass});
  CHECK(table(gradsieve::band{.cap = .5}, 4) ==
        std::vector<std::uint64_t>{0, full_mass / 2, full_mass, 0, 0});
}

TEST_CASE("a table that never falls is monotone") {
  CHECK(shape({0, 0}) == table_shape::monotone);
  CHECK(shape({5, 5, 5}) == table_shape::monotone);
  CHECK(shape({0, 1, 1, 2}) == table_shape::monotone);
  CHECK(shape({0, full_mass}) == table_shape::monotone);
}

TEST_CASE("a table that falls and never rises again is rise_fall") {
  CHECK(shape({1, 0}) == table_shape::rise_fall);
  CHECK(shape({0, 2, 1}) == table_shape::rise_fall);
  CHECK(shape({3, 2, 1, 1, 0}) == table_shape::rise_fall);
  CHECK(shape({1, 4, 4, 3, 3, 3}) == table_shape::rise_fall);
}

TEST_CASE("a table that rises after a fall is arbitrary") {
  CHECK(shape({1, 0, 1}) == table_shape::arbitrary);
  CHECK(shape({2, 1, 1, 1, 2}) == table_shape::arbitrary);
  CHECK(shape({0, 3, 2, 2, 3, 0}) == table_shape::arbitrary);
}
