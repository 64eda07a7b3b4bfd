// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/with_replacement_selector.hpp>
#include <gradsieve/sieve.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using keys = std::vector<gs::loss_key>;
using positions = std::vector<std::uint32_t>;
using floats = std::vector<float>;

const gs::sorted_window window = support::ladder(4);
const gs::rule ramp(gs::power{1.0}, 4);  // 0 .25 .5 .75 1
const gs::rule none(gs::uniform{0.0}, 4);

keys of_ranks(std::initializer_list<std::size_t> ranks) {
  keys out;
  for (const std::size_t rank : ranks) out.push_back(support::rung(rank));
  return out;
}

positions select(gs::with_replacement_selector& selector, const gs::rule& rule, const keys& of,
                 std::uint32_t step) {
  positions at(of.size(), 99u);
  at.resize(selector.select(rule.view(), window.view(), {7, step}, {of}, at));
  REQUIRE(std::is_sorted(at.begin(), at.end()));
  return at;
}

floats expected(const gs::with_replacement_selector& selector, const gs::rule& rule,
                const keys& of) {
  positions all(of.size());
  std::iota(all.begin(), all.end(), 0u);
  floats p(of.size(), -1.0f);
  selector.inclusion(rule.view(), window.view(), {of}, all, p);
  return p;
}

}  // namespace

// alpha = 1e-4, 4 x 5000 draws, 3 degrees of freedom.
TEST_CASE("with replacement: examples are drawn in proportion to the policy, some of them twice") {
  gs::with_replacement_selector selector(4);
  const keys of = of_ranks({1, 4, 2, 3, 0});
  std::vector<std::uint64_t> counts(4, 0);
  std::size_t repeats = 0;
  for (std::uint32_t step = 0; step < 5000; ++step) {
    const positions at = select(selector, ramp, of, step);
    REQUIRE(at.size() == 4);
    for (const std::uint32_t i : at) ++counts.at(i);
    repeats += std::size_t{std::adjacent_find(at.begin(), at.end()) != at.end()};
  }
  CHECK(support::chi_squared(counts, std::vector<double>{2000, 8000, 4000, 6000}) <
        support::chi_squared_critical(3));
  CHECK(repeats > 4000);
  CHECK(expected(selector, ramp, of) == floats{0.4f, 1.6f, 0.8f, 1.2f, 0});
}

// alpha = 1e-4, 2 x 5000 draws, 2 degrees of freedom.
TEST_CASE("with replacement: where no example has any probability, all are alike") {
  gs::with_replacement_selector selector(2);
  const keys of = {support::rung(1), gs::key_never, support::rung(2), support::rung(4)};
  std::vector<std::uint64_t> counts(3, 0);
  for (std::uint32_t step = 0; step < 5000; ++step) {
    for (const std::uint32_t i : select(selector, none, of, step)) {
      REQUIRE(i != 1);
      ++counts.at(i == 0 ? 0 : i - 1);
    }
  }
  CHECK(support::chi_squared(counts, std::vector<double>(3, 10000.0 / 3)) <
        support::chi_squared_critical(2));
  const floats p = expected(selector, none, of);
  CHECK(p[1] == 0.0f);
  for (const std::size_t i : {0u, 2u, 3u}) CHECK(p[i] == Approx(2 / 3.0));
}

TEST_CASE("with replacement: what must be selected is, once, the draws go to the others") {
  gs::with_replacement_selector selector(3);
  const keys of = {support::rung(4), gs::key_always, gs::key_never, support::rung(4),
                   gs::key_always};
  std::size_t first = 0;
  for (std::uint32_t step = 0; step < 2000; ++step) {
    const positions at = select(selector, ramp, of, step);
    REQUIRE((at == positions{0, 1, 4} || at == positions{1, 3, 4}));
    first += std::size_t{at[0] == 0};
  }
  CHECK(std::abs(static_cast<double>(first) - 1000) < 4.4 * std::sqrt(500));  // alpha = 1e-5
  CHECK(expected(selector, ramp, of) == floats{0.5f, 1, 0, 0.5f, 1});
  // More than k of them: k at random, each once; none of the others.
  selector.k = 1;
  first = 0;
  for (std::uint32_t step = 0; step < 2000; ++step) {
    const positions at = select(selector, ramp, of, step);
    REQUIRE((at == positions{1} || at == positions{4}));
    first += std::size_t{at[0] == 1};
  }
  CHECK(std::abs(static_cast<double>(first) - 1000) < 4.4 * std::sqrt(500));
  CHECK(expected(selector, ramp, of) == floats{0, 0.5f, 0, 0, 0.5f});
}

TEST_CASE("with replacement: k of 0, k above n, nobody to be drawn") {
  gs::with_replacement_selector selector;
  CHECK(select(selector, ramp, of_ranks({1, 2}), 1).empty());
  CHECK(expected(selector, ramp, of_ranks({1, 2})) == floats{0, 0});
  selector.k = 9;
  CHECK(select(selector, ramp, of_ranks({1, 2, 3}), 1).size() == 3);
  CHECK(select(selector, ramp, {}, 1).empty());
  CHECK(select(selector, ramp, {gs::key_never, gs::key_never}, 1).empty());
  CHECK(select(selector, ramp, {gs::key_always, gs::key_never}, 1) == positions{0});
  CHECK(select(selector, ramp, of_ranks({0, 4, 0}), 1) == positions(3, 1u));
}

TEST_CASE("with replacement: of groups with policies of their own, each by its own") {
  const std::vector<gs::curve> policies = {gs::uniform{0.0}, gs::power{1.0}};
  const gs::rule rule(gs::power{}, 4, gs::ties::strict, policies);
  const keys of = of_ranks({4, 1, 3});
  const std::vector<gs::group_id> groups = {0, 1, 1};
  gs::with_replacement_selector selector(2);
  positions at(3), all = {0, 1, 2};
  floats p(3);
  const gs::selector_batch batch{.keys = of, .groups = groups.data()};
  for (std::uint32_t step = 0; step < 100; ++step) {
    REQUIRE(selector.select(rule.view(), window.view(), {7, step}, batch, at) == 2);
    REQUIRE((at[0] != 0 && at[1] != 0));
  }
  selector.inclusion(rule.view(), window.view(), batch, all, p);
  CHECK(p == floats{0, 0.5f, 1.5f});
}

TEST_CASE("with replacement: draws keyed by id are refused") {
  gs::with_replacement_selector selector(2);
  const keys of = of_ranks({1, 2});
  const std::vector<std::int64_t> ids = {3, 4};
  positions at(2);
  CHECK_THROWS_AS(selector.select(ramp.view(), window.view(), {}, {of, ids}, at),
                  gs::invalid_argument);
  CHECK_THROWS_WITH(selector.select(ramp.view(), window.view(), {}, {of, ids}, at),
                    contains("with_replacement: draws cannot be keyed by id"));
}

TEST_CASE("with replacement: in a sieve, repeats have their own weights, and resume repeats them") {
  using drawing = gs::basic_sieve<gs::loss_window, gs::with_replacement_selector>;
  const gs::sieve_options options{.policy = gs::power{1.0, 0.1}, .history = 8, .seed = 3};
  drawing sieve(options, gs::loss_window(8), gs::with_replacement_selector(6));
  CHECK(sieve.pick(support::ramp(7)).size() == 7);  // not full yet: all, once each
  const drawing::selection picked = sieve.pick(support::ramp(8));
  REQUIRE(picked.size() == 6);
  const auto weights = picked.weights(gs::normalisation::unbiased);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(weights[i] == Approx(1 / double{picked.probabilities()[i]}));
  }
  drawing resumed(options, gs::loss_window(8), gs::with_replacement_selector(6));
  resumed.load(sieve.save());
  for (int step = 0; step < 20; ++step) {
    const positions here(support::to_vector(sieve.pick(support::ramp(8)).positions()));
    REQUIRE(support::to_vector(resumed.pick(support::ramp(8)).positions()) == here);
  }
}
