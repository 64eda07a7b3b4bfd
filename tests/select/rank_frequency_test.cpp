// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Each rank is selected as often as its policy says, and independently of all others.
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/poisson.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

constexpr std::size_t entries = 16;
constexpr std::uint32_t steps = 6000;

double wave(double percentile) { return 0.5 + 0.4 * std::sin(9.0 * percentile); }

//! Losses between the window's entries 1 … 16 (ranks 0 … 16), then level with each (ranks 0 … 15).
std::vector<float> between_and_level() {
  std::vector<float> losses;
  for (std::size_t rank = 0; rank <= entries; ++rank) {
    losses.push_back(static_cast<float>(rank) + 0.5f);
  }
  for (const float level : support::ramp(entries)) losses.push_back(level);
  return losses;
}

std::vector<double> strict_ranks() {
  std::vector<double> ranks;
  for (std::size_t rank = 0; rank <= entries; ++rank) ranks.push_back(static_cast<double>(rank));
  for (std::size_t rank = 0; rank < entries; ++rank) ranks.push_back(static_cast<double>(rank));
  return ranks;
}

template <class Policy>
std::vector<double> expected(Policy policy, const std::vector<double>& ranks) {
  std::vector<double> p;
  for (const double rank : ranks) {
    p.push_back(policy(std::min(1.0, std::max(0.0, rank / double{entries}))));
  }
  return p;
}

//! How often each loss was selected in `steps` steps.
std::vector<std::uint64_t> counts(const gs::curve& policy, bool by_id) {
  gs::loss_window window(entries);
  window.push(support::ramp(entries));
  gs::poisson select(gs::compile(policy, entries), {.seed = 2026});
  const std::vector<float> losses = between_and_level();
  const std::vector<std::int64_t> ids = support::ids_from(16777210, losses.size());
  std::vector<std::uint32_t> out(losses.size());
  std::vector<std::uint64_t> result(losses.size());
  for (std::uint32_t step = 0; step < steps; ++step) {
    gs::draw_options options{.step = step, .first = 3};
    if (by_id) options.ids = ids;
    const std::size_t n = select(losses, window.view(), options, out);
    for (std::size_t i = 0; i < n; ++i) ++result[out[i]];
  }
  return result;
}

}  // namespace

// Chi-squared over the 33 losses (df: those with 0 < p < 1, at most 33), n = 6000 draws each,
// alpha = 1e-4.
TEST_CASE("every rank is selected with its policy's probability") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{1.0}), gs::curve(gs::power{2.0}), gs::curve(gs::power{3.0}),
               gs::curve(gs::power{0.5, 0.3}), gs::curve(gs::band{0.75, 1.0, 0.05}),
               gs::curve(gs::step{0.5, 0.2, 0.9}), gs::curve(gs::uniform{0.37}), gs::curve(&wave));
  const bool by_id = GENERATE(false, true);
  const auto result =
      support::bernoulli_counts(counts(policy, by_id), expected(policy, strict_ranks()), steps);
  CAPTURE(result.statistic, result.degrees, result.severity());
  CHECK(result.plausible());
}

TEST_CASE("the test above is strict enough to see a uniform sampler, a shifted rank, <= for <") {
  const std::vector<std::uint64_t> seen = counts(gs::power{2.0}, false);
  const gs::power policy{2.0};
  const std::vector<double> strict = strict_ranks();
  const auto severity = [&](const std::vector<double>& p) {
    return support::bernoulli_counts(seen, p, steps).severity();
  };
  REQUIRE(severity(expected(policy, strict)) < 1);

  double mean = 0;
  for (const double p : expected(policy, strict)) mean += p / static_cast<double>(strict.size());
  CHECK(severity(std::vector<double>(strict.size(), mean)) > 10);

  for (const double shift : {-1.0, 1.0}) {
    std::vector<double> shifted = strict;
    for (double& rank : shifted) rank += shift;
    CHECK(severity(expected(policy, shifted)) > 10);
  }

  std::vector<double> at_most = strict;
  for (std::size_t i = entries + 1; i < at_most.size(); ++i) at_most[i] += 1;
  CHECK(severity(expected(policy, at_most)) > 10);
}

// 2x2 tables, one degree of freedom, n = 20000 pairs, alpha = 1e-4 each: positions of one Philox
// block, of neighbouring ones, of neighbouring steps, seeds and replicas.
TEST_CASE("draws are independent across positions, steps, seeds and replicas") {
  constexpr std::size_t width = 8;
  constexpr std::uint32_t pairs = 20000;
  gs::loss_window window(entries);
  window.push(support::ramp(entries));
  const std::vector<float> losses(width, 8.5f);
  const auto draw = [&](const gs::sampler_options& of, std::uint32_t step) {
    gs::poisson select(gs::compile(gs::uniform{0.4}, entries), of);
    std::vector<std::uint32_t> out(width);
    out.resize(select(losses, window.view(), {.step = step}, out));
    std::vector<char> chosen(width);
    for (const std::uint32_t position : out) chosen[position] = 1;
    return chosen;
  };
  support::contingency lanes[width], next_step, next_seed, next_replica;
  for (std::uint32_t step = 0; step < pairs; ++step) {
    const std::vector<char> chosen = draw({.seed = 5}, step);
    for (std::size_t lane = 1; lane < width; ++lane) lanes[lane].add(chosen[0], chosen[lane]);
    next_step.add(chosen[0], draw({.seed = 5}, step + 1)[0]);
    next_seed.add(chosen[0], draw({.seed = 6}, step)[0]);
    next_replica.add(chosen[0], draw({.seed = 5, .replica = 1}, step)[0]);
  }
  for (std::size_t lane = 1; lane < width; ++lane) {
    CAPTURE(lane);
    CHECK(lanes[lane].independence().plausible());
  }
  CHECK(next_step.independence().plausible());
  CHECK(next_seed.independence().plausible());
  CHECK(next_replica.independence().plausible());
}
