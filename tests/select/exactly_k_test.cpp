// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/sieve.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;
using sieve = gs::basic_sieve<gs::loss_window, gs::exactly_k_selector>;

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

//! Keys of every rank of a ladder of eight, twice each.
std::vector<gs::loss_key> rungs() {
  std::vector<gs::loss_key> keys;
  for (std::size_t i = 0; i < 18; ++i) keys.push_back(support::rung(i * 5 % 9));
  return keys;
}

struct batch_draw {
  positions at;
  std::vector<float> p;  // of every position
  std::size_t filled = 0;
};

batch_draw draw_keys(gs::exactly_k_selector& select, const gs::curve& policy,
                     const std::vector<gs::loss_key>& keys, std::uint32_t step = 0) {
  const gs::sorted_window window = support::ladder(8);
  const gs::rule rule = gs::compile(policy, 8);
  batch_draw result;
  result.at.assign(keys.size(), 99u);
  result.at.resize(select.select(rule.view(), window.view(), {3, step}, {keys}, result.at));
  positions all(keys.size());
  std::iota(all.begin(), all.end(), 0u);
  result.p.assign(keys.size(), -1.0f);
  select.inclusion(rule.view(), window.view(), {keys}, all, result.p);
  result.filled = select.filled();
  return result;
}

double sum(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

bool strictly_ascending(const positions& at) {
  return std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end();
}

//! Frequencies against the inclusion probabilities; alpha < keys.size() * 6e-7.
void check_frequencies(std::size_t k, const gs::curve& policy,
                       const std::vector<gs::loss_key>& keys) {
  gs::exactly_k_selector select(k);
  std::vector<std::uint64_t> counts(keys.size(), 0);
  const std::uint32_t draws = 5000;
  batch_draw last;
  for (std::uint32_t step = 0; step < draws; ++step) {
    last = draw_keys(select, policy, keys, step);
    for (const std::uint32_t position : last.at) ++counts[position];
  }
  CHECK(support::worst_z(counts, std::vector<double>(last.p.begin(), last.p.end()), draws) < 5);
}

}  // namespace

TEST_CASE("exactly k: the count is k for every k, the inclusions sum to it") {
  const gs::curve policy = GENERATE(gs::curve(gs::power{2.0, 0.1}), gs::curve(gs::uniform{0.25}),
                                    gs::curve(gs::band{0.7, 1.0, 0.0}), gs::curve(&wave));
  for (std::size_t k = 0; k <= 20; ++k) {
    gs::exactly_k_selector select(k);
    for (std::uint32_t step = 0; step < 5; ++step) {
      const batch_draw result = draw_keys(select, policy, rungs(), step);
      REQUIRE(result.at.size() == std::min<std::size_t>(k, 18));
      REQUIRE(strictly_ascending(result.at));
      REQUIRE(sum(result.p) == Approx(static_cast<double>(result.at.size())).margin(1e-5));
    }
  }
}

TEST_CASE("exactly k: inclusion is min(1, c P)") {
  gs::exactly_k_selector select(2);
  // Ranks 1, 4, 2, 3 of 8: P = .125 .5 .25 .375 as in minimal-variance sampling.
  const std::vector<gs::loss_key> keys = {support::rung(1), support::rung(4), support::rung(2),
                                          support::rung(3)};
  const batch_draw result = draw_keys(select, gs::power{1.0}, keys);
  CHECK(result.p == std::vector<float>{0.2f, 0.8f, 0.4f, 0.6f});
  CHECK(result.filled == 0);
}

// alpha < 18 * 6e-7 each, n = 5000 draws.
TEST_CASE("exactly k: frequencies are the inclusion probabilities") {
  const std::size_t k = GENERATE(1u, 6u, 13u);
  check_frequencies(k, gs::power{2.0, 0.1}, rungs());
  check_frequencies(k, gs::band{0.7, 1.0, 0.0}, rungs());
}

// alpha < 20 * 6e-7 each, n = 5000 draws.
TEST_CASE("exactly k: what must be selected is, what must not is not") {
  std::vector<gs::loss_key> keys = rungs();
  keys[3] = keys[17] = gs::key_always;
  keys[0] = keys[9] = gs::key_never;
  for (std::size_t k = 2; k <= 20; ++k) {
    gs::exactly_k_selector select(k);
    const batch_draw result = draw_keys(select, gs::power{1.0, 0.1}, keys);
    REQUIRE(result.at.size() == std::min<std::size_t>(k, 16));
    REQUIRE(std::count(result.at.begin(), result.at.end(), 3u) == 1);
    REQUIRE(std::count(result.at.begin(), result.at.end(), 17u) == 1);
    REQUIRE(std::count(result.at.begin(), result.at.end(), 0u) == 0);
    REQUIRE(std::count(result.at.begin(), result.at.end(), 9u) == 0);
    REQUIRE(result.p[3] >= 1.0f);
    REQUIRE(result.p[0] <= 0.0f);
    REQUIRE(sum(result.p) == Approx(static_cast<double>(result.at.size())));
  }
  check_frequencies(6, gs::power{1.0, 0.1}, keys);
}

// alpha < 18 * 6e-7, n = 5000 draws.
TEST_CASE("exactly k: more that must be selected than k: k of those, uniformly") {
  std::vector<gs::loss_key> keys = rungs();
  for (const std::size_t at : {1u, 2u, 6u, 11u, 16u}) keys[at] = gs::key_always;
  keys[4] = gs::key_never;
  gs::exactly_k_selector select(3);
  for (std::uint32_t step = 0; step < 50; ++step) {
    const batch_draw result = draw_keys(select, gs::power{1.0}, keys, step);
    REQUIRE(result.at.size() == 3);
    for (const std::uint32_t position : result.at) REQUIRE(keys[position] == gs::key_always);
    REQUIRE(double{result.p[6]} == Approx(0.6));
    REQUIRE(result.p[0] <= 0.0f);
    REQUIRE(result.p[4] <= 0.0f);
  }
  check_frequencies(3, gs::power{1.0}, keys);
  // An ordinary batch afterwards knows nothing of it.
  CHECK(sum(draw_keys(select, gs::power{1.0}, rungs()).p) == Approx(3));

  gs::exactly_k_selector none(0);
  CHECK(draw_keys(none, gs::power{1.0}, keys).at.empty());
}

TEST_CASE("exactly k: fewer with probability than k are filled up and reported") {
  const std::vector<gs::loss_key> keys = {support::rung(0), support::rung(5), support::rung(0),
                                          support::rung(0), support::rung(0)};
  gs::exactly_k_selector select(3);
  const batch_draw result = draw_keys(select, gs::power{1.0}, keys);
  CHECK(result.at.size() == 3);
  CHECK(result.filled == 2);
  CHECK(result.p == std::vector<float>{0.5f, 1.0f, 0.5f, 0.5f, 0.5f});
  check_frequencies(3, gs::power{1.0}, keys);

  // Nobody with any.
  const batch_draw empty = draw_keys(select, gs::uniform{0.0}, keys);
  CHECK(empty.at.size() == 3);
  CHECK(empty.filled == 3);
  CHECK(empty.p == std::vector<float>(5, 0.6f));
}

TEST_CASE("exactly k: nothing left to fill from gives fewer") {
  gs::exactly_k_selector select(3);
  const std::vector<gs::loss_key> keys = {gs::key_never, support::rung(2), gs::key_never,
                                          support::rung(0)};
  const batch_draw result = draw_keys(select, gs::power{1.0}, keys);
  CHECK(result.at == positions{1, 3});
  CHECK(draw_keys(select, gs::power{1.0}, {gs::key_never}).at.empty());
  CHECK(draw_keys(select, gs::power{1.0}, {}).at.empty());
}

TEST_CASE("exactly k: one example is selected whatever its probability") {
  gs::exactly_k_selector select(1);
  CHECK(draw_keys(select, gs::uniform{0.0}, {support::rung(3)}).at == positions{0});
  CHECK(draw_keys(select, gs::power{2.0}, {support::rung(8)}).at == positions{0});
}

TEST_CASE("exactly k: draws keyed by id are refused") {
  const gs::loss_window window = [] {
    gs::loss_window filled(4);
    filled.push(support::ramp(4));
    return filled;
  }();
  gs::exactly_k select(gs::compile(gs::power{1.0}, 4), {}, gs::exactly_k_selector(2));
  positions out(3, 77u);
  const std::vector<float> losses = {1, 2, 3};
  const std::vector<std::int64_t> ids = {1, 2, 3};
  CHECK_THROWS_AS(select(losses, window.view(), {.ids = ids}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(select(losses, window.view(), {.ids = ids}, out),
                    contains("exactly_k") && contains("id"));
  CHECK(out == positions(3, 77u));
  CHECK(select(losses, window.view(), {}, out) == 2);
}

TEST_CASE(
    "exactly k: a sieve's selections have k examples, NaN left out, once the window is full") {
  sieve s({.policy = gs::power{1.0, 0.1}, .history = 8, .seed = 2}, gs::loss_window(8),
          gs::exactly_k_selector(3));
  std::vector<float> losses = support::random_losses(8);
  CHECK(s.pick(losses).size() == 3);  // the batch filled the window
  losses[2] = support::nan_f();
  for (int step = 0; step < 20; ++step) {
    const auto selection = s.pick(losses);
    REQUIRE(selection.size() == 3);
    REQUIRE(std::count(selection.positions().begin(), selection.positions().end(), 2u) == 0);
    for (const float p : selection.probabilities()) REQUIRE((p > 0.0f && p <= 1.0f));
  }
}

TEST_CASE("exactly k: weights alone are the policy's probabilities, though nothing is drawn") {
  sieve s({.policy = gs::power{1.0}, .history = 4}, gs::loss_window(4), gs::exactly_k_selector(2));
  const std::vector<float> losses = {0.1f, 0.4f, 0.2f, 0.3f};  // P 0 .75 .25 .5
  const std::vector<float> expected = {0.0f, 2.0f, 2 / 3.0f, 4 / 3.0f};
  for (int step = 0; step < 2; ++step) {
    const auto w = s.weights(losses);
    for (std::size_t i = 0; i < 4; ++i) CHECK(double{w[i]} == Approx(double{expected[i]}));
    s.pick(std::vector{0.1f, 0.4f, 0.2f, 0.3f});
  }
}
