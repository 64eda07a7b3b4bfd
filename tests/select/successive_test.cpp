// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/successive.hpp>
#include <gradsieve/select/successive_selector.hpp>

#include <algorithm>
#include <map>
#include <numeric>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;
using masses = std::vector<std::uint64_t>;

positions draw(const masses& of, std::size_t k, std::uint32_t step, std::size_t* filled = nullptr) {
  gs::successive draws;
  positions out(of.size(), 99u);
  const auto result = draws(of, k, {11, step}, out);
  out.resize(result.selected);
  if (filled != nullptr) *filled = result.filled;
  return out;
}

}  // namespace

// alpha = 1e-4, n = 50000 draws, 5 degrees of freedom: pairs of four, in either order.
TEST_CASE("successive: pairs come as drawn one after another, each among what is left") {
  const masses of = {1, 3, 5, 7};
  std::map<positions, std::uint64_t> seen;
  for (std::uint32_t step = 0; step < 50000; ++step) ++seen[draw(of, 2, step)];
  std::vector<std::uint64_t> counts;
  std::vector<double> expected;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      const auto x = static_cast<double>(of[a]), y = static_cast<double>(of[b]);
      counts.push_back(seen[{a, b}]);
      expected.push_back(50000 * (x / 16 * y / (16 - x) + y / 16 * x / (16 - y)));
    }
  }
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(5));
}

TEST_CASE("successive: exactly min(k, n), ascending; certain ones first, without mass last") {
  const masses of = {0, 5, gs::certain_mass, 0, 2};
  for (std::uint32_t step = 0; step < 50; ++step) {
    for (std::size_t k = 1; k < 8; ++k) {
      std::size_t filled = 0;
      const positions at = draw(of, k, step, &filled);
      REQUIRE(at.size() == std::min<std::size_t>(k, 5));
      REQUIRE(std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end());
      REQUIRE(std::count(at.begin(), at.end(), 2u) == 1);
      REQUIRE(filled == (k > 3 ? std::min<std::size_t>(k, 5) - 3 : 0));
      if (k == 3) REQUIRE(at == positions{1, 2, 4});
    }
  }
  CHECK(draw({}, 3, 0).empty());
  CHECK(draw(of, 5, 0).size() == 5);
  CHECK(draw({1, 2}, 0, 0).empty());
}

// alpha < 6 * 6e-7, n = 20000 draws.
TEST_CASE("successive: without any mass the draw is uniform") {
  std::vector<std::uint64_t> counts(6, 0);
  for (std::uint32_t step = 0; step < 20000; ++step) {
    for (const std::uint32_t at : draw(masses(6, 0), 2, step)) ++counts[at];
  }
  CHECK(support::worst_z(counts, std::vector<double>(6, 1.0 / 3), 20000) < 5);
}

TEST_CASE("successive: bad masses and too little room are refused, and nothing written") {
  gs::successive draws;
  positions out(1, 99u);
  CHECK_THROWS_AS(draws(masses{1, 2}, 2, {}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(draws(masses{1, 2}, 2, {}, out), contains("room for 1") && contains("2 are"));
  CHECK_THROWS_AS(draws(masses{1, gs::certain_mass + 1}, 1, {}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(draws(masses{gs::certain_mass, gs::certain_mass}, 1, {}, out),
                    contains("2 masses are certain, but k is 1"));
  CHECK(out == positions{99u});
}

// The approximation's stated error; frequencies of 40000 draws have standard errors below .0025.
TEST_CASE("successive: approximate inclusions sum to k and are near the frequencies") {
  masses of;
  for (std::uint64_t i = 0; i < 16; ++i) of.push_back(1 + i * i);
  std::vector<double> p(16);
  gs::successive::approximate_inclusion(of, 6, p);
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) == Approx(6));
  std::vector<std::uint64_t> counts(16, 0);
  for (std::uint32_t step = 0; step < 40000; ++step) {
    for (const std::uint32_t at : draw(of, 6, step)) ++counts[at];
  }
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(static_cast<double>(counts[i]) / 40000 == Approx(p[i]).margin(0.02));
  }
  gs::successive::approximate_inclusion(masses{0, 4, gs::certain_mass, 0, 1}, 4, p);
  CHECK(std::vector<double>(p.begin(), p.begin() + 5) == std::vector<double>{.5, 1, 1, .5, 1});
}

TEST_CASE("successive selector: by value, by rank and by exponential, with NaN and forced ones") {
  std::vector<gs::loss_key> keys = support::keys_of({0.1f, 0.4f, 0.2f, 0.3f});
  const auto of = [&](auto by) {
    masses out(keys.size());
    by.write(keys, out);
    return out;
  };
  const auto share = [](double p) { return std::llround(p * 4294967296.0); };
  const masses value = of(gs::by_value{});
  const masses rank = of(gs::by_batch_rank{1.0});
  const masses power = of(gs::by_boltzmann{0.1});
  const double ranks[] = {.125, .875, .375, .625}, losses[] = {.25, 1, .5, .75};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(static_cast<double>(value[i]) == Approx(static_cast<double>(share(losses[i]))));
    CHECK(static_cast<long long>(rank[i]) == share(ranks[i]));
    CHECK(static_cast<double>(power[i]) / 4294967296.0 == Approx(std::exp(losses[i] * 4 - 4)));
  }
  keys = support::keys_of({-1.0f, 0.0f, 2.0f});
  CHECK(of(gs::by_value{}) == masses{0, 0, gs::full_mass});
  keys = support::keys_of({-1.0f, -2.0f});
  CHECK(of(gs::by_value{}) == masses{0, 0});
  keys = support::keys_of({5, 5, 5, 5});
  CHECK(of(gs::by_batch_rank{1.0}).front() < of(gs::by_batch_rank{1.0}).back());

  gs::successive_selector<gs::by_value> select(2);
  positions out(5);
  keys = support::keys_of({1, 9, 1, 9, 4});
  keys[1] = gs::key_never;
  keys[3] = gs::key_always;
  for (std::uint32_t step = 0; step < 100; ++step) {
    REQUIRE(select.select({}, {}, {1, step}, {keys}, out) == 2);
    REQUIRE((out[0] == 3 || out[1] == 3));
    REQUIRE(out[0] != 1);
  }
  std::vector<float> p(5);
  select.inclusion({}, {}, {keys}, positions{0, 1, 2, 3, 4}, p);
  CHECK(p[1] == 0.0f);
  CHECK(p[3] == 1.0f);
  CHECK(p[0] + p[2] + p[4] == Approx(1.0f));
  keys[0] = keys[2] = gs::key_always;  // three that must, of two
  REQUIRE(select.select({}, {}, {1, 1}, {keys}, out) == 2);
  select.inclusion({}, {}, {keys}, positions{0, 4}, p);
  CHECK(p[0] == Approx(2.0f / 3));
  CHECK(p[1] == 0.0f);
  const std::vector<std::int64_t> ids = {1, 2, 3, 4, 5};
  CHECK_THROWS_AS(select.select({}, {}, {}, {keys, ids}, out), gs::invalid_argument);
}
