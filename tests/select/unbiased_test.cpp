// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Weighted by one over what was promised, each selector estimates the sum without bias.
#include <gradsieve/policy/power.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/weights.hpp>
#include <gradsieve/select/with_replacement.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

constexpr std::uint32_t trials = 20000;

// |z| < 4.4: two-sided alpha 1.1e-5, n = 20000 trials. The plain sum must be off by far more, or
// the test would see nothing.
template <class Selector>
void check_unbiased(const Selector& selector, const gs::rule& rule) {
  const std::vector<float> losses = support::random_losses(24, 1);
  const gs::sorted_window window = support::window_of(support::random_losses(rule.size(), 2));
  gs::sampler<Selector> select(rule, {.seed = 8}, selector);
  std::vector<std::uint32_t> out(losses.size());
  std::vector<float> p(losses.size()), w(losses.size());
  support::running_mean weighted, plain;
  for (std::uint32_t step = 0; step < trials; ++step) {
    const std::size_t n = select(losses, window.view(), {.step = step}, out);
    select.inclusion(std::span(out).first(n), window.view(), p);
    gs::write_weights(std::span(p).first(n), gs::normalisation::unbiased, {},
                      std::span(w).first(n));
    double with = 0, without = 0;
    for (std::size_t i = 0; i < n; ++i) {
      with += double{w[i]} * double{losses[out[i]]};
      without += double{losses[out[i]]};
    }
    weighted.add(with);
    plain.add(without);
  }
  const double truth = std::accumulate(losses.begin(), losses.end(), 0.0);
  CHECK(std::abs(weighted.z(truth)) < 4.4);
  CHECK(std::abs(plain.z(truth)) > 50);
}

}  // namespace

TEST_CASE("unbiased: Poisson with a floor") {
  check_unbiased(gs::poisson_selector{}, gs::compile(gs::power{2.0, 0.1}, 64));
}

TEST_CASE("unbiased: Poisson with a floor and averaged ties") {
  check_unbiased(gs::poisson_selector{}, gs::compile(gs::power{2.0, 0.1}, 64, gs::ties::averaged));
}

TEST_CASE("unbiased: exactly k, some of them certain") {
  const std::size_t k = GENERATE(1u, 7u, 15u);
  check_unbiased(gs::exactly_k_selector(k), gs::compile(gs::power{2.0, 0.1}, 64));
}

TEST_CASE("unbiased: random k") {
  check_unbiased(gs::random_k_selector{7}, gs::compile(gs::power{2.0, 0.1}, 64));
}

// With replacement, one over the expected count: alpha and n as above.
TEST_CASE("unbiased: with replacement, one over the expected count") {
  const std::vector<float> losses = support::random_losses(24, 1);
  std::vector<float> scores = support::random_losses(24, 3);
  for (float& score : scores) score += 0.05f;
  std::vector<std::uint64_t> masses(24);
  gs::write_masses(scores, masses);
  gs::with_replacement draw(masses);
  std::vector<std::uint32_t> out(6);
  support::running_mean weighted, plain;
  for (std::uint32_t step = 0; step < trials; ++step) {
    draw({8, step}, out);
    double with = 0, without = 0;
    for (const std::uint32_t i : out) {
      with += double{losses[i]} / (6 * draw.probability(i));
      without += double{losses[i]};
    }
    weighted.add(with);
    plain.add(without);
  }
  const double truth = std::accumulate(losses.begin(), losses.end(), 0.0);
  CHECK(std::abs(weighted.z(truth)) < 4.4);
  CHECK(std::abs(plain.z(truth)) > 50);
}
