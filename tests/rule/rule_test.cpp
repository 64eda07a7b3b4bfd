// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/tabulated.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/rule/rule.hpp>

#include <type_traits>
#include <vector>

#include "support/special_values.hpp"
#include "support/windows.hpp"

using gradsieve::band;
using gradsieve::compile;
using gradsieve::curve;
using gradsieve::full_mass;
using gradsieve::key_always;
using gradsieve::key_never;
using gradsieve::power;
using gradsieve::rule;
using gradsieve::step;
using gradsieve::table_shape;
using gradsieve::uniform;

namespace {

std::vector<std::uint64_t> masses_of(const rule& compiled) {
  return {compiled.masses().begin(), compiled.masses().end()};
}

rule of_values(const std::vector<double>& values) {
  return compile(gradsieve::tabulated(values), values.size() - 1);
}

//! The probabilities that `policy` gives these losses after they were pushed into the window.
std::vector<double> probabilities(const curve& policy, gradsieve::loss_window& window,
                                  const std::vector<float>& losses) {
  window.push(losses);
  const rule compiled = compile(policy, window.size());
  std::vector<double> result;
  for (const float loss : losses) {
    const std::uint64_t mass = compiled.view().mass_of(window.view(), gradsieve::to_key(loss));
    result.push_back(static_cast<double>(mass) * 0x1p-32);
  }
  return result;
}

}  // namespace

TEST_CASE("the probabilities of the Selective-Backprop example, batch after batch") {
  const std::vector<float> first{.1f, .4f, .2f, .3f}, second{.5f, .05f, .25f, .4f},
      third{.05f, .05f, .6f, 1.0f};
  gradsieve::loss_window one(8), two(8);
  CHECK(probabilities(power{.beta = 3}, one, first) ==
        std::vector<double>{0, .421875, .015625, .125});
  CHECK(probabilities(power{.beta = 1}, one, second) == std::vector<double>{.875, 0, .375, .625});
  CHECK(probabilities(power{.beta = 1}, one, third) == std::vector<double>{0, 0, .75, .875});
  CHECK(probabilities(power{.beta = 2}, two, first) == std::vector<double>{0, .5625, .0625, .25});
  CHECK(probabilities(power{.beta = 2}, two, second) ==
        std::vector<double>{.765625, 0, .140625, .390625});
  CHECK(probabilities(power{.beta = 2}, two, third) == std::vector<double>{0, 0, .5625, .765625});
}

TEST_CASE("the probabilities of a batch larger than the window, of a floor and of ties") {
  gradsieve::loss_window four(4), floored(4), tied(4);
  CHECK(probabilities(power{.beta = 1}, four, {1, 2, 3, 4, 5, 6}) ==
        std::vector<double>{0, 0, 0, .25, .5, .75});
  CHECK(probabilities(power{.beta = 2, .floor = .25}, floored, {.1f, .4f, .2f, .3f}) ==
        std::vector<double>{.25, .5625, .25, .25});
  CHECK(probabilities(power{.beta = 1}, tied, {1, 1, 2, 2}) == std::vector<double>{0, 0, .5, .5});
}

TEST_CASE("equal losses: P(0) with < where <= would give P(1)") {
  gradsieve::loss_window window(4), floored(4);
  CHECK(probabilities(power{.beta = 1}, window, {2, 2, 2, 2}) == std::vector<double>{0, 0, 0, 0});
  CHECK(probabilities(power{.beta = 1, .floor = .25}, floored, {2, 2, 2, 2}) ==
        std::vector<double>{.25, .25, .25, .25});
}

TEST_CASE("a rule's view is trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<gradsieve::rule_view>);
}

TEST_CASE("each policy compiles to the form that serves it") {
  CHECK(compile(power{}, 64).shape() == table_shape::monotone);
  CHECK(compile(uniform{.probability = .5}, 64).shape() == table_shape::monotone);
  CHECK(compile(step{}, 64).shape() == table_shape::monotone);
  CHECK(compile(band{}, 64).shape() == table_shape::rise_fall);
  CHECK(compile(step{.below = 1, .above = 0}, 64).shape() == table_shape::rise_fall);
  CHECK(compile(band{.cap = .5, .floor = .25}, 1).shape() == table_shape::monotone);
  CHECK(of_values({.5, .25, .5}).shape() == table_shape::arbitrary);
  CHECK(of_values({.5, .25, .5}).view().shape == table_shape::arbitrary);
  const rule compiled = compile(power{}, 64);
  CHECK(compiled.size() == 64);
  CHECK(compiled.view().size == 64);
  CHECK(compiled.view().masses == compiled.masses().data());
}

TEST_CASE("the paper's rule at 1024 losses has 1024 columns, with a floor 2048") {
  for (const double beta : {1.0, 2.0, 3.0}) {
    CHECK(compile(power{.beta = beta}, 1024).view().monotone.slot_of.mask + 1 == 1024);
  }
  CHECK(compile(power{.beta = 2, .floor = 1e-9}, 1024).view().monotone.slot_of.mask + 1 == 2048);
}

TEST_CASE("masses with which keys are selected, certain ones included") {
  const rule compiled = compile(power{.beta = 1}, 4);
  const auto window = support::ladder(4);
  for (std::size_t rank = 0; rank <= 4; ++rank) {
    CHECK(compiled.view().mass_of(window.view(), support::rung(rank)) == rank * (full_mass / 4));
  }
  CHECK(compiled.view().mass_of(window.view(), 20) ==
        full_mass / 4);  // an entry is not above itself
  CHECK(compiled.view().mass_of(window.view(), key_always) == full_mass);
  CHECK(compiled.view().mass_of(window.view(), key_never) == 0);
}

TEST_CASE("the mean probability is the table's mean over the ranks 0 to H - 1") {
  CHECK(compile(power{.beta = 1}, 4).mean_probability() == Approx(.375));
  CHECK(compile(power{.beta = 1}, 1024).mean_probability() == Approx(1.0 / 2).epsilon(1e-3));
  CHECK(compile(power{.beta = 2}, 1024).mean_probability() == Approx(1.0 / 3).epsilon(2e-3));
  CHECK(compile(power{.beta = 3}, 1024).mean_probability() == Approx(1.0 / 4).epsilon(3e-3));
  CHECK(of_values({1, 0, 0}).mean_probability() == .5);
  CHECK(of_values({0, 0, 1}).mean_probability() == 0.0);
}

TEST_CASE("a mean is never larger than every element, at 8 million of them") {
  for (const double p : {0.3, 0.7}) {
    const rule compiled = compile(uniform{.probability = p}, 8'000'000);
    const double element = static_cast<double>(compiled.masses()[0]) * 0x1p-32;
    CAPTURE(p);
    CHECK(compiled.mean_probability() == element);
  }
}

TEST_CASE("the least mass of any rank, the last included") {
  CHECK(compile(power{.beta = 1, .floor = .25}, 8).least_mass() == full_mass / 4);
  CHECK(compile(power{.beta = 1}, 8).least_mass() == 0);
  CHECK(of_values({.5, 1, .25}).least_mass() == full_mass / 4);
}

TEST_CASE("the guarded rank is where the flat end begins that the table fell to") {
  CHECK(compile(band{.cap = .5}, 8).guarded_rank() == 5);
  CHECK(compile(band{}, 1024).guarded_rank() == 820);  // .8 * 1024 = 819.2
  CHECK(compile(band{.floor = .1}, 1024).guarded_rank() == 820);
  CHECK(compile(step{.threshold = .75, .below = 1, .above = .5}, 8).guarded_rank() == 6);
  CHECK(of_values({1, .5, .25}).guarded_rank() == 2);
  CHECK(of_values({.25, 1, .5, .75, 0, 0}).guarded_rank() == 4);
}

TEST_CASE("without a fall at the end no rank is guarded: H + 1") {
  CHECK(compile(power{}, 8).guarded_rank() == 9);
  CHECK(compile(uniform{.probability = .5}, 8).guarded_rank() == 9);
  CHECK(compile(uniform{.probability = 0}, 8).guarded_rank() == 9);
  CHECK(compile(band{.cap = 1}, 8).guarded_rank() == 9);
  CHECK(of_values({1, 0, .5, .5}).guarded_rank() == 4);
}

TEST_CASE("sizes that no window has are refused") {
  REQUIRE_THROWS_AS(compile(power{}, 0), gradsieve::invalid_argument);
  REQUIRE_THROWS_WITH(compile(power{}, (1u << 24) + 1),
                      contains("16777217") && contains("16777216"));
}

TEST_CASE("a policy that fails leaves the rule as it was") {
  rule compiled = compile(band{}, 64);
  const auto before = masses_of(compiled);
  const curve fails_late = [](double percentile) {
    return percentile > .9 ? support::nan_d() : percentile;
  };
  REQUIRE_THROWS_WITH(compiled.compile(fails_late, 32), contains("NaN at percentile 0.90625"));
  REQUIRE_THROWS_AS(compiled.compile(fails_late, 4096), gradsieve::policy_error);
  CHECK(masses_of(compiled) == before);
  CHECK(compiled.size() == 64);
  CHECK(compiled.shape() == table_shape::rise_fall);
  const auto window = support::ladder(64);
  CHECK(compiled.view().selects(window.view(), key_always, 0));
}
