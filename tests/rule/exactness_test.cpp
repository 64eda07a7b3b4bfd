// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file P(select | rank m) = T[m] / 2^32 exactly, for all forms of rule, ties included.
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/tabulated.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/rule/rule.hpp>

#include <vector>

#include "support/exact_counts.hpp"
#include "support/random_source.hpp"
#include "support/windows.hpp"

using gradsieve::band;
using gradsieve::compile;
using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::key_above;
using gradsieve::key_always;
using gradsieve::key_below;
using gradsieve::key_never;
using gradsieve::loss_key;
using gradsieve::power;
using gradsieve::rule;
using gradsieve::sorted_window;
using gradsieve::step;
using gradsieve::table_shape;
using gradsieve::uniform;
using support::selecting_words;

namespace {

double zigzag(double percentile) { return percentile < .3 ? .7 : percentile < .6 ? .2 : .9; }

const std::vector<curve>& policies() {
  static const std::vector<curve> all{
      power{.beta = 1},
      power{.beta = 2},
      power{.beta = 3},
      power{.beta = 1.5},
      power{.beta = 2, .floor = .1},
      power{.beta = 3, .floor = 1},
      step{},
      step{.threshold = .25, .below = .1, .above = .8},
      step{.threshold = .5, .below = 1, .above = .25},
      uniform{},
      uniform{.probability = .3},
      uniform{.probability = 0},
      band{},
      band{.cap = .5, .beta = 2, .floor = .125},
      band{.cap = .9, .beta = 1, .floor = 1},
      zigzag,
  };
  return all;
}

//! Of `keys`, those that are not selected by exactly the mass of their rank, counted naively.
std::size_t inexact(const rule& compiled, const sorted_window& window,
                    const std::vector<loss_key>& keys) {
  std::size_t wrong = 0;
  for (const loss_key key : keys) {
    std::size_t rank = 0;
    for (const loss_key entry : window.keys()) rank += std::size_t{entry < key};
    wrong += std::size_t{selecting_words(compiled.view(), window.view(), key) !=
                         compiled.masses()[rank]};
  }
  wrong += std::size_t{selecting_words(compiled.view(), window.view(), key_always) != full_mass};
  wrong += std::size_t{selecting_words(compiled.view(), window.view(), key_never) != 0};
  return wrong;
}

//! The entries of a window, their neighbours, and the extremes of finite keys.
std::vector<loss_key> telling_keys(const sorted_window& window) {
  std::vector<loss_key> keys{key_below + 1, key_above - 1, 0};
  for (const loss_key entry : window.keys()) {
    keys.insert(keys.end(), {entry - 1, entry, entry + 1});
  }
  return keys;
}

rule of_values(const std::vector<double>& values) {
  return compile(gradsieve::tabulated(values), values.size() - 1);
}

std::vector<double> random_values(support::random_source& random, std::size_t size) {
  std::vector<double> values(size);
  for (double& value : values) {
    // Steps of an eighth now and then, so that equal masses, 0 and 1 occur.
    value = random.below(2) == 0 ? static_cast<double>(random.below(9)) / 8
                                 : static_cast<double>(random.below(full_mass)) * 0x1p-32;
  }
  return values;
}

}  // namespace

TEST_CASE("exact for every key against windows of 1, 2, 7 and 50 losses") {
  for (const std::size_t size : {1u, 2u, 7u, 50u}) {
    const sorted_window window = support::ladder(size);
    for (std::size_t i = 0; i < policies().size(); ++i) {
      CAPTURE(size, i);
      CHECK(inexact(compile(policies()[i], size), window, telling_keys(window)) == 0);
    }
  }
}

TEST_CASE("exact against a window of 1024 losses") {
  const sorted_window window = support::ladder(1024);
  std::vector<loss_key> keys;
  for (std::size_t rank = 0; rank <= 1024; rank += rank % 64 == 0 ? 1u : 21u) {
    keys.push_back(support::rung(rank));
    if (rank > 0) keys.push_back(window.keys()[rank - 1]);
  }
  for (std::size_t i = 0; i < policies().size(); ++i) {
    CAPTURE(i);
    CHECK(inexact(compile(policies()[i], 1024), window, keys) == 0);
  }
}

TEST_CASE("exact against a window of 65536 losses") {
  const sorted_window window = support::ladder(65536);
  const std::vector<loss_key> keys{support::rung(0),     support::rung(1),     window.keys()[0],
                                   support::rung(52428), support::rung(52429), support::rung(65535),
                                   support::rung(65536)};
  for (const curve& policy : {curve(power{.beta = 2}), curve(power{.beta = 1.5, .floor = .1}),
                              curve(band{}), curve(zigzag)}) {
    CHECK(inexact(compile(policy, 65536), window, keys) == 0);
  }
}

TEST_CASE("exact with ties in the window, up to all losses equal") {
  support::random_source random(22);
  for (const std::uint64_t values : {1u, 2u, 5u, 30u}) {
    std::vector<loss_key> entries(40);
    for (loss_key& entry : entries) entry = static_cast<loss_key>(random.below(values) * 10) - 50;
    const sorted_window window = support::window_of(entries);
    for (std::size_t i = 0; i < policies().size(); ++i) {
      CAPTURE(values, i);
      CHECK(inexact(compile(policies()[i], 40), window, telling_keys(window)) == 0);
    }
  }
}

TEST_CASE("the forms agree in probability: random tables that never fall") {
  support::random_source random(23);
  std::size_t wrong = 0;
  for (int round = 0; round < 150; ++round) {
    const std::size_t size = 1 + random.below(33);
    std::vector<double> values = random_values(random, size + 1);
    std::sort(values.begin(), values.end());
    const rule compiled = of_values(values);
    REQUIRE(compiled.shape() == table_shape::monotone);
    const sorted_window window = support::ladder(size);
    wrong += inexact(compiled, window, telling_keys(window));
  }
  CHECK(wrong == 0);
}

TEST_CASE("the forms agree in probability: random tables that rise, then fall") {
  support::random_source random(24);
  std::size_t wrong = 0, unimodal = 0;
  for (int round = 0; round < 150; ++round) {
    const std::size_t size = 1 + random.below(33);
    std::vector<double> values = random_values(random, size + 1);
    const auto top = values.begin() + static_cast<std::ptrdiff_t>(random.below(size + 1));
    std::sort(values.begin(), top);
    std::sort(top, values.end(), std::greater<>());
    const rule compiled = of_values(values);
    REQUIRE(compiled.shape() != table_shape::arbitrary);
    unimodal += std::size_t{compiled.shape() == table_shape::rise_fall};
    const sorted_window window = support::ladder(size);
    wrong += inexact(compiled, window, telling_keys(window));
  }
  CHECK(wrong == 0);
  CHECK(unimodal > 100);
}

TEST_CASE("the forms agree in probability: random tables of any shape") {
  support::random_source random(25);
  std::size_t wrong = 0, arbitrary = 0;
  for (int round = 0; round < 150; ++round) {
    const std::size_t size = 1 + random.below(33);
    const rule compiled = of_values(random_values(random, size + 1));
    arbitrary += std::size_t{compiled.shape() == table_shape::arbitrary};
    const sorted_window window = support::ladder(size);
    wrong += inexact(compiled, window, telling_keys(window));
  }
  CHECK(wrong == 0);
  CHECK(arbitrary > 100);
}

TEST_CASE("one rule compiled again and again, larger and smaller, stays exact") {
  support::random_source random(26);
  rule compiled;
  std::size_t wrong = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t size = 1 + random.below(20);
    compiled.compile(policies()[random.below(policies().size())], size);
    const sorted_window window = support::ladder(size);
    wrong += inexact(compiled, window, telling_keys(window));
  }
  CHECK(wrong == 0);
}

TEST_CASE("probability 0 never selects and probability 1 never misses, at any word") {
  const sorted_window window = support::ladder(7);
  for (const std::uint32_t word :
       {0u, 1u, 2u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
    for (std::size_t rank = 0; rank <= 7; ++rank) {
      const loss_key key = support::rung(rank);
      CHECK_FALSE(compile(uniform{.probability = 0}, 7).view().selects(window.view(), key, word));
      CHECK(compile(uniform{}, 7).view().selects(window.view(), key, word));
      CHECK(compile(step{}, 7).view().selects(window.view(), key, word) == (rank > 3));
      CHECK(compile(band{.cap = .5, .beta = 0}, 7).view().selects(window.view(), key, word) ==
            (rank < 4));
    }
  }
}

TEST_CASE("subnormal and negative losses are ranked like any other") {
  const std::vector<float> losses{-1e30f, -1.0f, 0.0f, 1e-42f, 1e-40f, 1.0f, 1e30f};
  const sorted_window window = support::window_of(losses);
  const rule compiled = compile(power{.beta = 1}, 7);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    CHECK(selecting_words(compiled.view(), window.view(), gradsieve::to_key(losses[i])) ==
          compiled.masses()[i]);
  }
}
