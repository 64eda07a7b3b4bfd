// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What every selector does at the ends: one table, a row for each case.
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/systematic.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/select/weights.hpp>
#include <gradsieve/select/with_replacement.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;

constexpr std::size_t window_size = 4;

struct row {
  const char* name;
  gs::curve policy;
  std::vector<std::size_t> ranks;  // of the examples, in a window of four
  std::size_t k;
  std::size_t fixed;  // how many the selectors of a fixed count select
  std::size_t independent_least, independent_most;  // how many independent draws may select
  std::size_t with_mass;                            // 0: drawing with replacement is refused
};

const gs::curve ramp = gs::power{1.0};                                         // 0 .25 .5 .75 1
const gs::curve one_alone = gs::step{.threshold = 1, .below = 0, .above = 1};  // 0 0 0 0 1

const std::vector<row> table = {
    {"no examples", ramp, {}, 2, 0, 0, 0, 0},
    {"k is 0", ramp, {1, 2, 3, 0, 2}, 0, 0, 0, 4, 4},
    {"k is 1", ramp, {1, 2, 3, 0, 2}, 1, 1, 0, 4, 4},
    {"k is n", ramp, {1, 2, 3, 0, 2}, 5, 5, 0, 4, 4},
    {"k is more than n", ramp, {1, 2, 3, 0, 2}, 9, 5, 0, 4, 4},
    {"no mass", gs::uniform{0}, {1, 2, 3, 0, 2}, 2, 2, 0, 0, 0},
    {"no mass, k is more than n", gs::uniform{0}, {1, 2}, 3, 2, 0, 0, 0},
    {"one example", ramp, {2}, 1, 1, 0, 1, 1},
    {"one example, k is more", ramp, {2}, 7, 1, 0, 1, 1},
    {"one example without mass", ramp, {0}, 1, 1, 0, 0, 0},
    {"one example, k is 0", ramp, {2}, 0, 0, 0, 1, 1},
    {"all mass on one", one_alone, {1, 3, 4, 0}, 1, 1, 1, 1, 1},
    {"all mass on one, k is 2", one_alone, {1, 3, 4, 0}, 2, 2, 1, 1, 1},
    {"all are certain", gs::uniform{1}, {1, 1, 3, 0}, 3, 3, 4, 4, 4},
    {"all are equal", ramp, {2, 2, 2, 2, 2, 2}, 3, 3, 0, 6, 6},
};

std::vector<gs::loss_key> keys_of(const row& of) {
  std::vector<gs::loss_key> keys;
  for (const std::size_t rank : of.ranks) keys.push_back(support::rung(rank));
  return keys;
}

std::vector<std::uint64_t> masses_of(const row& of) {
  std::vector<float> losses;
  for (const gs::loss_key key : keys_of(of)) losses.push_back(gs::to_loss(key));
  const gs::rule rule = gs::compile(of.policy, window_size);
  const gs::sorted_window window = support::ladder(window_size);
  std::vector<std::uint64_t> masses(losses.size(), 99);
  gs::write_masses(rule.view(), window.view(), losses, masses);
  return masses;
}

void check_ascending(const positions& at, std::size_t n) {
  REQUIRE(std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end());
  if (!at.empty()) REQUIRE(at.back() < n);
}

//! One draw; the inclusion probabilities of all examples go into `p`.
template <class Selector>
positions select(Selector& selector, const row& of, std::uint32_t step, std::vector<float>& p) {
  const gs::rule rule = gs::compile(of.policy, window_size);
  const gs::sorted_window window = support::ladder(window_size);
  const std::vector<gs::loss_key> keys = keys_of(of);
  positions at(keys.size(), 99u), all(keys.size());
  at.resize(selector.select(rule.view(), window.view(), {6, step}, {keys}, at));
  check_ascending(at, keys.size());
  std::iota(all.begin(), all.end(), 0u);
  p.assign(keys.size(), -1.0f);
  selector.inclusion(rule.view(), window.view(), {keys}, all, p);
  for (const float value : p) REQUIRE((value >= 0.0f && value <= 1.0f));
  for (const std::uint32_t position : at) REQUIRE(p[position] > 0.0f);
  return at;
}

template <class Selector>
void check_fixed(const row& of) {
  Selector selector;
  selector.k = of.k;
  for (std::uint32_t step = 0; step < 30; ++step) {
    std::vector<float> p;
    REQUIRE(select(selector, of, step, p).size() == of.fixed);
    REQUIRE(std::accumulate(p.begin(), p.end(), 0.0) ==
            Approx(static_cast<double>(of.fixed)).margin(1e-6));
  }
}

}  // namespace

TEST_CASE("edge cases: selectors of a fixed count") {
  for (const row& of : table) {
    CAPTURE(of.name);
    check_fixed<gs::exactly_k_selector>(of);
    check_fixed<gs::top_k_selector>(of);
    check_fixed<gs::low_k_selector>(of);
    check_fixed<gs::random_k_selector>(of);
  }
}

TEST_CASE("edge cases: independent draws, over a rule and over its masses") {
  for (const row& of : table) {
    CAPTURE(of.name);
    const std::vector<std::uint64_t> masses = masses_of(of);
    for (std::uint32_t step = 0; step < 30; ++step) {
      gs::poisson_selector selector;
      std::vector<float> p;
      const positions at = select(selector, of, step, p);
      REQUIRE(at.size() >= of.independent_least);
      REQUIRE(at.size() <= of.independent_most);
      positions over(masses.size(), 99u);
      over.resize(gs::poisson_over(masses, {6, step}, over));
      check_ascending(over, masses.size());
      REQUIRE(over.size() >= of.independent_least);
      REQUIRE(over.size() <= of.independent_most);
      for (std::size_t i = 0; i < p.size(); ++i) {
        REQUIRE(p[i] == static_cast<float>(gs::to_probability(masses[i])));
      }
    }
  }
}

TEST_CASE("edge cases: systematic and random draws, and extremes, without a rule") {
  for (const row& of : table) {
    CAPTURE(of.name);
    const std::vector<std::uint64_t> masses = masses_of(of);
    const std::size_t n = masses.size();
    std::vector<float> scores;
    for (const std::size_t rank : of.ranks) scores.push_back(static_cast<float>(rank));
    gs::systematic draw;
    for (std::uint32_t step = 0; step < 30; ++step) {
      positions at(n, 99u);
      const gs::systematic_result done = draw(masses, of.k, {6, step}, at);
      at.resize(done.selected);
      REQUIRE(done.selected == of.fixed);
      REQUIRE(done.filled == of.fixed - std::min(of.fixed, of.with_mass));
      check_ascending(at, n);

      at.assign(n, 99u);
      at.resize(gs::random_k_selector{of.k}.over(n, {6, step}, at));
      REQUIRE(at.size() == of.fixed);
      check_ascending(at, n);
    }
    positions at(n, 99u);
    at.resize(gs::top_k_selector(of.k).over(scores, at));
    REQUIRE(at.size() == of.fixed);
    check_ascending(at, n);
  }
}

TEST_CASE("edge cases: with replacement, as many draws as are wanted, or none without mass") {
  for (const row& of : table) {
    CAPTURE(of.name);
    const std::vector<std::uint64_t> masses = masses_of(of);
    if (of.with_mass == 0) {
      REQUIRE_THROWS_AS(gs::with_replacement(masses), gs::invalid_argument);
      REQUIRE_THROWS_WITH(gs::with_replacement(masses), contains("sum 0"));
      continue;
    }
    gs::with_replacement draw(masses);
    positions at(of.k, 99u);
    std::vector<float> expected(of.k);
    for (std::uint32_t step = 0; step < 30; ++step) {
      draw({6, step}, at);
      REQUIRE(std::is_sorted(at.begin(), at.end()));
      for (const std::uint32_t position : at) REQUIRE(masses.at(position) > 0);
      draw.expected_counts(at, expected);
      for (const float count : expected) {
        REQUIRE(count > 0.0f);
        REQUIRE(count <= static_cast<float>(of.k));
      }
    }
  }
}

TEST_CASE("edge cases: weights and effective size of what was selected") {
  for (const row& of : table) {
    CAPTURE(of.name);
    gs::exactly_k_selector selector(of.k);
    std::vector<float> p;
    const positions at = select(selector, of, 1, p);
    std::vector<float> chosen, weights(at.size());
    for (const std::uint32_t position : at) chosen.push_back(p[position]);
    for (const auto scale : {gs::normalisation::none, gs::normalisation::unbiased,
                             gs::normalisation::self_normalised, gs::normalisation::mean_one}) {
      gs::write_weights(chosen, scale, {.cap = 3}, weights);
      for (const float weight : weights) REQUIRE((weight > 0.0f && weight <= 3.0f));
      const double size = gs::effective_sample_size(weights);
      REQUIRE(size <= static_cast<double>(at.size()) + 1e-6);
      REQUIRE(size >= (at.empty() ? 0.0 : 1.0 - 1e-6));
    }
  }
}

TEST_CASE("edge cases: 2^32 examples, more than positions have numbers, are refused untouched") {
  // A view that claims to be so long: nothing of it is read.
  const std::size_t most = std::size_t{1} << 32;
  const float score = 1;
  const std::uint64_t mass = 1;
  const gs::loss_key key = 1;
  std::uint32_t place = 99;
  const std::span<const float> scores(&score, most);
  const std::span<const std::uint64_t> masses(&mass, most);
  const std::span<const gs::loss_key> keys(&key, most);
  const std::span<std::uint32_t> out(&place, 1), much(&place, most);
  CHECK_THROWS_WITH(gs::top_k_selector(1).over(scores, out), contains("top_k: 4294967296"));
  CHECK_THROWS_WITH(gs::low_k_selector(1).over(keys, out), contains("low_k: 4294967296"));
  CHECK_THROWS_WITH(gs::poisson_over(masses, {}, much), contains("poisson_over: 4294967296"));
  CHECK_THROWS_WITH(gs::systematic()(masses, 1, {}, out), contains("systematic: 4294967296"));
  CHECK_THROWS_WITH(gs::random_k_selector{1}.over(most, {}, out), contains("random_k: 4294967296"));
  CHECK_THROWS_AS(gs::systematic()(masses, 1, {}, out), gs::invalid_argument);
  CHECK(place == 99);
}
