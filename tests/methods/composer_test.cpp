// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/composer.hpp>

#include <map>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

// alpha = 1e-4, n = 40000 picks, 5 degrees of freedom: the six pairs of four, drawn one after
// another.
TEST_CASE("composer: p = .0625, .1875, .3125, .4375 of four, two without replacement") {
  auto method = ms::composer{.start = 0, .end = 1, .interrupt = 0}.make({.epochs = 2, .seed = 1});
  std::map<std::vector<std::uint32_t>, std::uint64_t> seen;
  for (int i = 0; i < 40000; ++i) {
    ++seen[support::to_vector(method.pick(std::vector{.1f, .4f, .2f, .3f}).positions())];
  }
  const double p[] = {.0625, .4375, .1875, .3125};
  std::vector<std::uint64_t> counts;
  std::vector<double> expected;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      counts.push_back(seen[{a, b}]);
      expected.push_back(40000 * p[a] * p[b] * (1 / (1 - p[a]) + 1 / (1 - p[b])));
    }
  }
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(5));
}

TEST_CASE("composer: on from half of the run to nine tenths, and not at each interrupt-th step") {
  auto method = ms::composer{}.make({.epochs = 10, .seed = 1});
  for (std::uint32_t epoch = 0; epoch < 10; ++epoch) {
    method.begin_epoch(epoch);
    for (int i = 0; i < 4; ++i) {
      const bool on = epoch >= 5 && epoch < 9 && method.step() % 2 != 0;
      CHECK(method.pick(support::ramp(10)).size() == (on ? 5u : 10u));
    }
  }
}

TEST_CASE("composer: int(keep n), but never none") {
  const auto selected = [](double keep, std::size_t n) {
    return ms::composer{.keep = keep, .start = 0, .end = 1, .interrupt = 0}
        .make({.epochs = 1})
        .pick(support::ramp(n))
        .size();
  };
  CHECK(selected(.5, 7) == 3);
  CHECK(selected(.1, 5) == 1);
  CHECK(selected(1, 5) == 5);
}

TEST_CASE("composer: numbers out of range are refused, and a run of unknown length") {
  CHECK_THROWS_WITH(ms::composer{.keep = 0}.make({.epochs = 1}), contains("composer: keep is 0"));
  CHECK_THROWS_AS((ms::composer{.start = .9, .end = .5}.make({.epochs = 1})), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::composer{}.make({}), contains("composer: needs epochs"));
}
