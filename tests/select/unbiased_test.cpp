// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Weighted by one over what was promised, each selector estimates the sum without bias.
#include <gradsieve/policy/power.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/weights.hpp>
#include <gradsieve/select/with_replacement_selector.hpp>

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

TEST_CASE("unbiased: draws with replacement by a policy") {
  const std::size_t k = GENERATE(1u, 7u);
  check_unbiased(gs::with_replacement_selector(k), gs::compile(gs::power{2.0, 0.1}, 64));
}

TEST_CASE("unbiased: exactly k with averaged ties") {
  check_unbiased(gs::exactly_k_selector(7),
                 gs::compile(gs::power{2.0, 0.1}, 64, gs::ties::averaged));
}

namespace {

//! The same over masses: `draw(step, out)` returns how many positions it wrote, `inclusion(i)` is
//! the probability of position i. alpha and n as above.
template <class Draw, class Inclusion>
void check_unbiased_over(std::size_t most, Draw draw, Inclusion inclusion) {
  const std::vector<float> losses = support::random_losses(24, 1);
  std::vector<std::uint32_t> out(most);
  support::running_mean weighted, plain;
  for (std::uint32_t step = 0; step < trials; ++step) {
    const std::size_t n = draw(step, std::span(out));
    double with = 0, without = 0;
    for (const std::uint32_t i : std::span(out).first(n)) {
      with += double{losses[i]} / inclusion(i);
      without += double{losses[i]};
    }
    weighted.add(with);
    plain.add(without);
  }
  const double truth = std::accumulate(losses.begin(), losses.end(), 0.0);
  CHECK(std::abs(weighted.z(truth)) < 4.4);
  CHECK(std::abs(plain.z(truth)) > 50);
}

std::vector<std::uint64_t> masses_of_scores() {
  std::vector<float> scores = support::random_losses(24, 3);
  for (float& score : scores) score += 0.05f;
  std::vector<std::uint64_t> masses(24);
  gs::write_masses(scores, masses);
  return masses;
}

}  // namespace

TEST_CASE("unbiased: independent draws over masses") {
  const std::vector<std::uint64_t> masses = masses_of_scores();
  check_unbiased_over(
      24,
      [&](std::uint32_t step, auto out) {
        return gs::poisson_over(masses, {8, step}, out);
      },
      [&](std::uint32_t i) { return gs::to_probability(masses[i]); });
}

TEST_CASE("unbiased: systematic draws over masses, some of them certain") {
  const std::vector<std::uint64_t> masses = masses_of_scores();
  const std::size_t k = GENERATE(1u, 6u, 14u);
  gs::systematic draw;
  check_unbiased_over(
      k,
      [&](std::uint32_t step, auto out) {
        return draw(masses, k, {8, step}, out).selected;
      },
      [&](std::uint32_t i) { return draw.inclusion(masses[i]); });
}

TEST_CASE("unbiased: random k of n without keys") {
  check_unbiased_over(
      7,
      [](std::uint32_t step, auto out) {
        return gs::random_k_selector{7}.over(24, {8, step}, out);
      },
      [](std::uint32_t) { return 7 / 24.0; });
}

// With replacement, each draw weighted by one over the expected count: alpha and n as above.
TEST_CASE("unbiased: with replacement, over scores and over a policy") {
  const std::vector<float> losses = support::random_losses(24, 1);
  const bool by_policy = GENERATE(false, true);
  std::vector<std::uint64_t> masses = masses_of_scores();
  if (by_policy) {
    const gs::rule rule = gs::compile(gs::power{2.0, 0.1}, 64);
    const gs::sorted_window window = support::window_of(support::random_losses(64, 2));
    gs::write_masses(rule.view(), window.view(), losses, masses);
  }
  gs::with_replacement draw(masses);
  std::vector<std::uint32_t> out(6);
  std::vector<float> expected(6), w(6);
  support::running_mean weighted, plain;
  for (std::uint32_t step = 0; step < trials; ++step) {
    draw({8, step}, out);
    draw.expected_counts(out, expected);
    gs::write_weights(expected, gs::normalisation::unbiased, {}, w);
    double with = 0, without = 0;
    for (std::size_t j = 0; j < out.size(); ++j) {
      with += double{w[j]} * double{losses[out[j]]};
      without += double{losses[out[j]]};
    }
    weighted.add(with);
    plain.add(without);
  }
  const double truth = std::accumulate(losses.begin(), losses.end(), 0.0);
  CHECK(std::abs(weighted.z(truth)) < 4.4);
  CHECK(std::abs(plain.z(truth)) > 50);
}

// A cap c makes the estimate sum(l min(1, c pi)), no more: alpha and n as above.
TEST_CASE("unbiased: a cap on the weights costs exactly what it cuts off") {
  const std::vector<float> losses = support::random_losses(24, 1);
  const gs::rule rule = gs::compile(gs::power{2.0, 0.1}, 64);
  const gs::sorted_window window = support::window_of(support::random_losses(64, 2));
  gs::poisson select(rule, {.seed = 8});
  std::vector<std::uint32_t> out(24);
  std::vector<float> p(24), w(24);
  double truth = 0, uncapped = 0;
  for (const float loss : losses) {
    const double pi = gs::to_probability(rule.view().mass_of(window.view(), gs::to_key(loss)));
    truth += double{loss} * std::min(1.0, 4 * pi);
    uncapped += double{loss};
  }
  support::running_mean weighted;
  for (std::uint32_t step = 0; step < trials; ++step) {
    const std::size_t n = select(losses, window.view(), {.step = step}, out);
    select.inclusion(std::span(out).first(n), window.view(), p);
    gs::write_weights(std::span(p).first(n), gs::normalisation::unbiased, {.cap = 4},
                      std::span(w).first(n));
    double estimate = 0;
    for (std::size_t i = 0; i < n; ++i) estimate += double{w[i]} * double{losses[out[i]]};
    weighted.add(estimate);
  }
  CHECK(std::abs(weighted.z(truth)) < 4.4);
  CHECK(std::abs(weighted.z(uncapped)) > 20);
}
