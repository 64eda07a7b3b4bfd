// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/systematic.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/random_source.hpp"

namespace gs = gradsieve;

namespace {

using masses = std::vector<std::uint64_t>;
using positions = std::vector<std::uint32_t>;

constexpr std::uint64_t one = std::uint64_t{1} << 32;

struct drawn {
  positions at;
  std::size_t filled = 0;
};

drawn draw_once(gs::systematic& draw, const masses& of, std::size_t k, std::uint32_t step = 0) {
  drawn result;
  result.at.assign(of.size(), 77u);
  const gs::systematic_result done = draw(of, k, {.seed = 5, .step = step}, result.at);
  result.filled = done.filled;
  result.at.resize(done.selected);
  return result;
}

bool strictly_ascending(const positions& at) {
  return std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end();
}

std::vector<double> inclusions(const gs::systematic& draw, const masses& of) {
  std::vector<double> p;
  for (const std::uint64_t mass : of) p.push_back(draw.inclusion(mass));
  return p;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

//! Inclusion probabilities by the definition: min(1, c m), c found by bisection in floating point.
std::vector<double> reference(const masses& of, std::size_t k) {
  double low = 0, high = 1e12;
  std::vector<double> p(of.size());
  for (int i = 0; i < 200; ++i) {
    const double c = (low + high) / 2;
    for (std::size_t j = 0; j < of.size(); ++j) {
      p[j] = std::min(1.0, c * (static_cast<double>(of[j]) / 4294967296.0));
    }
    (sum(p) < static_cast<double>(k) ? low : high) = c;
  }
  return p;
}

void check_frequencies(const masses& of, std::size_t k, std::uint32_t draws = 20000) {
  gs::systematic draw;
  std::vector<std::uint64_t> counts(of.size(), 0);
  for (std::uint32_t step = 0; step < draws; ++step) {
    const drawn result = draw_once(draw, of, k, step);
    REQUIRE(result.at.size() == std::min(k, of.size()));
    REQUIRE(strictly_ascending(result.at));
    for (const std::uint32_t position : result.at) ++counts[position];
  }
  const std::vector<double> p = inclusions(draw, of);
  CHECK(sum(p) == Approx(static_cast<double>(std::min(k, of.size()))));
  CHECK(support::worst_z(counts, p, draws) < 5);
}

}  // namespace

TEST_CASE("systematic: exactly k of n, ascending, for every k and many kinds of masses") {
  support::random_source source(1);
  gs::systematic draw;
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t n = source.below(40);
    const std::uint64_t bound = std::uint64_t{1} << source.below(33);
    masses of(n);
    for (std::uint64_t& mass : of) mass = source.below(3) == 0 ? 0 : source.below(bound + 1);
    const auto empty = static_cast<std::size_t>(std::count(of.begin(), of.end(), std::uint64_t{0}));
    for (std::size_t k = 0; k <= n + 2; ++k) {
      const std::size_t wanted = std::min(k, n);
      const drawn result = draw_once(draw, of, k, static_cast<std::uint32_t>(trial));
      REQUIRE(result.at.size() == wanted);
      REQUIRE(strictly_ascending(result.at));
      REQUIRE(result.filled == (wanted > n - empty ? wanted - (n - empty) : 0));
      std::size_t without = 0;
      for (const std::uint32_t position : result.at) without += std::size_t{of[position] == 0};
      REQUIRE(without == result.filled);
      REQUIRE(sum(inclusions(draw, of)) == Approx(static_cast<double>(wanted)).margin(1e-9));
    }
  }
}

TEST_CASE("systematic: minimal-variance sampling of methods: mu .5, p .2 .8 .4 .6") {
  gs::systematic draw;
  const masses of = {one / 10, one / 10 * 4, one / 10 * 2, one / 10 * 3};
  draw.prepare(of, 2);
  const double expected[] = {0.2, 0.8, 0.4, 0.6};
  for (std::size_t i = 0; i < 4; ++i) CHECK(draw.inclusion(of[i]) == Approx(expected[i]));
  check_frequencies(of, 2);
}

TEST_CASE("systematic: inclusion is min(1, c m), certainties found one after another") {
  support::random_source source(2);
  gs::systematic draw;
  for (int trial = 0; trial < 100; ++trial) {
    masses of(2 + source.below(30));
    // Masses of widely different sizes, so that each certainty makes another.
    for (std::uint64_t& mass : of) mass = (one >> source.below(20)) - source.below(1000);
    for (std::size_t k = 1; k < of.size(); ++k) {
      draw.prepare(of, k);
      const std::vector<double> expected = reference(of, k);
      for (std::size_t i = 0; i < of.size(); ++i) {
        REQUIRE(draw.inclusion(of[i]) == Approx(expected[i]).epsilon(1e-9));
      }
    }
  }
}

// alpha < 12 * 6e-7 for each case, n = 20000 draws.
TEST_CASE("systematic: frequencies are the inclusion probabilities") {
  const std::size_t k = GENERATE(1u, 2u, 5u, 8u, 11u);
  check_frequencies({one, 1000, one / 2, one / 3, 0, one / 7, one, 5, 0, one / 9, one / 2, one / 4},
                    k);
  check_frequencies({3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}, k);
}

// alpha < 6 * 6e-7, n = 20000 draws.
TEST_CASE("systematic: too few with mass: all of those, the rest uniformly from the others") {
  const masses of = {0, one, 0, 0, 7, 0};
  gs::systematic draw;
  for (std::uint32_t step = 0; step < 100; ++step) {
    const drawn result = draw_once(draw, of, 4, step);
    REQUIRE(result.filled == 2);
    REQUIRE(std::count(result.at.begin(), result.at.end(), 1u) == 1);
    REQUIRE(std::count(result.at.begin(), result.at.end(), 4u) == 1);
  }
  CHECK(inclusions(draw, of) == std::vector<double>{0.5, 1, 0.5, 0.5, 1, 0.5});
  check_frequencies(of, 4);
}

TEST_CASE("systematic: no mass at all is a uniform draw, all of it filled") {
  gs::systematic draw;
  CHECK(draw_once(draw, masses(5, 0), 2).filled == 2);
  CHECK(inclusions(draw, masses(5, 0)) == std::vector<double>(5, 0.4));
  check_frequencies(masses(5, 0), 2);
}

TEST_CASE("systematic: all mass on one takes it, for any k") {
  gs::systematic draw;
  const masses of = {0, 0, 1, 0};
  for (std::uint32_t step = 0; step < 100; ++step) {
    REQUIRE(draw_once(draw, of, 1, step).at == positions{2});
    const positions three = draw_once(draw, of, 3, step).at;
    REQUIRE(std::count(three.begin(), three.end(), 2u) == 1);
  }
}

TEST_CASE("systematic: none of none, one of one, nothing for k = 0") {
  gs::systematic draw;
  CHECK(draw_once(draw, {}, 0).at.empty());
  CHECK(draw_once(draw, {}, 3).at.empty());
  CHECK(draw_once(draw, {1}, 1).at == positions{0});
  CHECK(draw_once(draw, {0}, 1).at == positions{0});
  CHECK(draw_once(draw, {0}, 1).filled == 1);
  CHECK(draw_once(draw, {one, 3}, 0).at.empty());
  CHECK(draw.inclusion(one) <= 0);
  CHECK(draw.inclusion(3) <= 0);
}

// alpha < 4 * 6e-7, n = 20000 draws.
TEST_CASE("systematic: certain masses come first, the rest shares what is left") {
  const masses of = {one, gs::certain_mass, one, one / 2};
  gs::systematic draw;
  draw.prepare(of, 2);
  const std::vector<double> p = inclusions(draw, of);
  CHECK(p[1] == Approx(1));
  CHECK(p[0] == Approx(0.4));
  CHECK(p[3] == Approx(0.2));
  check_frequencies(of, 2);

  // Certain ones alone, exactly k of them; the others are left out although they have mass.
  const masses two = {one, gs::certain_mass, 0, gs::certain_mass};
  for (std::uint32_t step = 0; step < 50; ++step) {
    REQUIRE(draw_once(draw, two, 2, step).at == positions{1, 3});
  }
  CHECK(inclusions(draw, two) == std::vector<double>{0, 1, 0, 1});
}

TEST_CASE("systematic: only the draw key decides, and each part of it does") {
  const masses of(64, 3);
  gs::systematic draw, other;
  const positions base = draw_once(draw, of, 9, 1).at;
  draw_once(draw, masses(7, one), 2, 8);
  CHECK(draw_once(draw, of, 9, 1).at == base);
  CHECK(draw_once(other, of, 9, 1).at == base);
  bool changed = false;
  for (std::uint32_t step = 2; step < 12; ++step) {
    changed = changed || draw_once(draw, of, 9, step).at != base;
  }
  CHECK(changed);
}

TEST_CASE("systematic: a million of the largest masses, in 64 bits") {
  const std::size_t n = std::size_t{1} << 20;
  const masses of(n, one);
  gs::systematic draw;
  const positions at = draw_once(draw, of, n - 1).at;
  CHECK(at.size() == n - 1);
  CHECK(strictly_ascending(at));
  CHECK(draw.inclusion(one) == Approx(1 - 0x1p-20).epsilon(1e-12));
}

TEST_CASE("systematic: what is refused, by name and value, and nothing written") {
  gs::systematic draw;
  positions out(4, 77u);
  const auto run = [&](const masses& of, std::size_t k, std::size_t room) {
    draw(of, k, {}, std::span(out).first(room));
  };
  CHECK_THROWS_AS(run({1, 1, 1}, 2, 1), gs::invalid_argument);
  CHECK_THROWS_WITH(run({1, 1, 1}, 2, 1), contains("room for 1") && contains("2 are drawn"));
  CHECK_THROWS_AS(run({1, gs::certain_mass + 1}, 1, 4), gs::invalid_argument);
  CHECK_THROWS_WITH(run({1, gs::certain_mass + 1}, 1, 4), contains("4294967298"));
  const masses certain(3, gs::certain_mass);
  CHECK_THROWS_AS(run(certain, 2, 4), gs::invalid_argument);
  CHECK_THROWS_WITH(run(certain, 2, 4), contains("3 masses are certain") && contains("k is 2"));
  CHECK(out == positions(4, 77u));
  // Room is needed for what is drawn only.
  CHECK_NOTHROW(run({1, 1, 1}, 2, 2));
}
