// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Decisions by drawn words happen as often as the policy says.
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/rule.hpp>

#include <vector>

#include "support/chi_squared.hpp"
#include "support/windows.hpp"

using gradsieve::band;
using gradsieve::compile;
using gradsieve::curve;
using gradsieve::draw_key;
using gradsieve::loss_key;
using gradsieve::power;
using gradsieve::rule;
using gradsieve::sorted_window;

namespace {

constexpr std::size_t ranks = 65;  // of a window of 64
constexpr std::uint32_t trials = 20'000;

//! How often a key of each rank is selected.
template <class KeyOfRank>
std::vector<std::uint64_t> hits(const rule& compiled, const sorted_window& window,
                                KeyOfRank key_of) {
  std::vector<std::uint64_t> counts(ranks, 0);
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    const draw_key key{.seed = 77, .step = trial};
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      const bool selected =
          compiled.view().selects(window.view(), key_of(rank), gradsieve::draw(key, rank));
      counts[rank] += std::uint64_t{selected};
    }
  }
  return counts;
}

std::vector<double> wanted(const curve& policy) {
  std::vector<double> result;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    result.push_back(policy(static_cast<double>(rank) / 64));
  }
  return result;
}

//! The share of the critical value, alpha 1e-4, n = 65, that the statistic reaches: below 1 passes.
double severity(const std::vector<std::uint64_t>& counts, const std::vector<double>& expected) {
  return support::chi_squared_binomial(counts, expected, trials) /
         support::chi_squared_critical(ranks);
}

//! Policies that are never 0 or 1, since those are not a matter of frequency.
std::vector<curve> policies() {
  const auto rise = [](double p) { return .05 + .9 * p * p; };
  const auto guard = [](double p) { return p < .75 ? .1 + p : .2; };
  const auto zigzag = [](double p) { return .5 + .3 * (p < .2 ? -p : p < .7 ? p : .5 - p); };
  return {rise, guard, zigzag};
}

}  // namespace

TEST_CASE("each rank is selected as often as the policy says, in each form of rule") {
  const sorted_window window = support::ladder(64);
  const std::vector<curve> all = policies();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const rule compiled = compile(all[i], 64);
    CHECK(static_cast<std::size_t>(compiled.shape()) == i);
    CHECK(severity(hits(compiled, window, support::rung), wanted(all[i])) < 1);
  }
}

TEST_CASE("the test above would notice a uniform sampler, an off-by-one rank and <= for <") {
  const sorted_window window = support::ladder(64);
  const curve policy = policies().front();
  const rule compiled = compile(policy, 64);
  const std::vector<double> expected = wanted(policy);
  // A uniform sampler of the same mean.
  const rule uniform = compile([](double) { return .05 + .9 / 3; }, 64);
  CHECK(severity(hits(uniform, window, support::rung), expected) > 1);
  // Every rank one too high, and one too low.
  const auto above = [](std::size_t rank) {
    return support::rung(std::min<std::size_t>(rank + 1, 64));
  };
  const auto below = [](std::size_t rank) { return support::rung(rank == 0 ? 0 : rank - 1); };
  CHECK(severity(hits(compiled, window, above), expected) > 1);
  CHECK(severity(hits(compiled, window, below), expected) > 1);
  // Losses that are in the window: with <= each would rank one higher than it does.
  const auto entry = [&](std::size_t rank) {
    return rank < 64 ? window.keys()[rank] : support::rung(64);
  };
  CHECK(severity(hits(compiled, window, entry), expected) < 1);
}
