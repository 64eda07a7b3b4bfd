// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/successive_selector.hpp>

#include <string>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;

TEST_CASE("selection: knows how many were offered") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  const gs::sieve::selection picked = sieve.pick(floats{1, 2, 3, 4});
  CHECK(picked.offered() == 4);
  CHECK(picked.size() == 2);
  CHECK_FALSE(picked.empty());
}

TEST_CASE("selection: ids only where the pick had some") {
  gs::sieve sieve({.examples = 4, .history = 4});
  const gs::sieve::selection with = sieve.pick(std::vector{3, 1}, floats{1, 2});
  CHECK(to_vector(with.ids()) == std::vector<std::int64_t>{3, 1});
  const gs::sieve::selection without = sieve.pick(floats{1, 2});
  CHECK_THROWS_AS(without.ids(), gs::invalid_argument);
  CHECK_THROWS_WITH(without.ids(), contains("no ids"));
}

TEST_CASE("selection: probabilities are those of the selected, asked for once or twice") {
  gs::sieve sieve({.policy = gs::power{1.0, 0.3}, .history = 64, .seed = 2});
  for (int step = 0; step < 10; ++step) {
    const gs::sieve::selection picked = sieve.pick(support::ramp(64));
    floats expected;
    for (const std::uint32_t position : picked.positions()) {
      expected.push_back(std::max(0.3f, static_cast<float>(position) / 64.0f));
    }
    for (int again = 0; again < 2; ++again) {
      const auto p = picked.probabilities();
      REQUIRE(p.size() == expected.size());
      for (std::size_t i = 0; i < p.size(); ++i) CHECK(double{p[i]} == Approx(double{expected[i]}));
      picked.weights(gs::normalisation::mean_one);
    }
  }
}

TEST_CASE("selection: probabilities refer to the window that decided") {
  gs::sieve sieve({.policy = gs::power{1.0, 1.0 / 16},
                   .history = 4,
                   .seed = 1,
                   .order = gs::update_order::decide_then_update});
  sieve.pick(floats{1, 2, 3, 4});
  const gs::sieve::selection picked = sieve.pick(floats{5, 6, 7, 8});  // above all of 1 … 4
  CHECK(to_vector(picked.probabilities()) == floats{1, 1, 1, 1});
  CHECK(sieve.history().percentile(5.0f) == 0.0);  // by now the window holds 5 … 8
}

TEST_CASE("selection: everything has probability and weight 1 while selection is off") {
  gs::sieve sieve({.policy = gs::power{2.0}, .history = 4, .active = gs::never{}});
  sieve.pick(floats{1, 2, 3, 4});
  const gs::sieve::selection picked = sieve.pick(floats{1, 2, support::nan_f(), 4});
  CHECK(to_vector(picked.positions()) == std::vector<std::uint32_t>{0, 1, 3});
  CHECK(to_vector(picked.probabilities()) == floats{1, 1, 1});
  for (const auto scale : {gs::normalisation::unbiased, gs::normalisation::mean_one}) {
    for (const float weight : picked.weights(scale)) CHECK(weight == Approx(1.0f));
  }
}

TEST_CASE("selection: by which selector, and under which policy, weights can be unbiased") {
  // What is said against unbiased weights of a pick of 8; empty: they are given.
  const auto refusal = [](auto selector, const gs::curve& policy) {
    gs::basic_sieve<gs::loss_window, decltype(selector)> sieve({.policy = policy, .history = 8},
                                                               gs::loss_window(8), selector);
    const auto picked = sieve.pick(support::ramp(8));
    for (const auto other : {gs::normalisation::none, gs::normalisation::mean_one}) {
      picked.weights(other);
    }
    try {
      picked.weights(gs::normalisation::unbiased);
    } catch (const gs::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto needs = [](const std::string& what) {
    return contains("unbiased weights need a " + what);
  };
  for (const bool positive : {false, true}) {
    const gs::curve policy = positive ? gs::curve(gs::uniform{1}) : gs::curve(gs::power{});
    const auto by_policy = [&](const std::string& said) {
      if (positive) CHECK(said == "");
      if (!positive) CHECK_THAT(said, needs("policy"));
    };
    by_policy(refusal(gs::poisson_selector{}, policy));
    by_policy(refusal(gs::exactly_k_selector(3), policy));
    by_policy(refusal(gs::with_replacement_selector(3), policy));
    by_policy(refusal(gs::counted<gs::exactly_k_selector, gs::keep_share>(), policy));
    CHECK(refusal(gs::random_k_selector{3}, policy) == "");
    CHECK(refusal(gs::counted<gs::random_k_selector, gs::keep_share>(), policy) == "");
    CHECK(refusal(gs::successive_selector<gs::by_batch_rank>(3), policy) == "");
    CHECK_THAT(refusal(gs::top_k_selector(3), policy), needs("selector"));
    CHECK_THAT(refusal(gs::low_k_selector(3), policy), needs("selector"));
    CHECK_THAT(refusal(gs::counted<gs::top_k_selector, gs::keep_share>(), policy),
               needs("selector"));
  }
}

TEST_CASE("selection: of k at random, unbiased weights are n / k whatever the policy") {
  gs::basic_sieve<gs::loss_window, gs::random_k_selector> sieve(
      {.policy = gs::power{}, .history = 8}, gs::loss_window(8), {.k = 2});
  const auto picked = sieve.pick(support::ramp(8));
  for (const float weight : picked.weights(gs::normalisation::unbiased)) {
    CHECK(weight == Approx(4.0f));
  }
}
