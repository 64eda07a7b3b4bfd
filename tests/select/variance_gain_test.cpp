// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/variance_gain.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

double gain(const std::vector<float>& scores) {
  std::vector<std::uint64_t> masses(scores.size());
  gs::write_masses(scores, masses);
  return static_cast<double>(gs::variance_gain(masses)) / 65536;
}

//! By the paper's own formula.
double by_definition(const std::vector<float>& scores) {
  double sum = 0, squares = 0, distance = 0;
  for (const float s : scores) sum += static_cast<double>(s);
  for (const float s : scores) {
    const double p = static_cast<double>(s) / sum;
    squares += p * p;
    distance += std::pow(p - 1 / static_cast<double>(scores.size()), 2);
  }
  return 1 / std::sqrt(1 - distance / squares);
}

}  // namespace

TEST_CASE("variance gain: the paper's numbers, and 1 for equal scores") {
  CHECK(gain({.1f, .4f, .2f, .3f}) == Approx(1.09545).margin(2e-5));
  CHECK(gain({2, 2, 2, 2, 2}) == 1.0);
  CHECK(gain({0, 0, 0}) == 1.0);
  CHECK(gain({}) == 1.0);
  CHECK(gain({3}) == 1.0);
  CHECK(gain({0, 0, 0, 1}) == Approx(2.0).margin(2e-5));
}

TEST_CASE("variance gain: the same as its definition, for batches of any size") {
  for (const std::size_t n : {2u, 10u, 1000u, 40000u, 300000u}) {
    std::vector<float> scores = support::random_losses(n, static_cast<std::uint32_t>(n));
    for (float& s : scores) s = s * s * s;
    CHECK(gain(scores) == Approx(by_definition(scores)).epsilon(1e-3));
  }
}
