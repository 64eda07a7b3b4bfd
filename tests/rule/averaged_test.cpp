// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve.hpp>

#include "catch.hpp"
#include "support/exact_counts.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

std::vector<gs::curve> policies() {
  return {gs::power{1.0},          gs::power{3.0, 0.1}, gs::step{0.5, 0.2, 0.7},
          gs::band{0.6, 1.0, 0.1}, gs::curve(&wave),    gs::uniform{0.3}};
}

//! The mean probability over the ranks that a key ties with, from the policy alone.
double mean_over_ties(const gs::curve& policy, const gs::sorted_window& window, gs::loss_key key) {
  std::size_t low = 0, high = 0;
  for (const gs::loss_key entry : window.keys()) {
    low += std::size_t{entry < key};
    high += std::size_t{entry <= key};
  }
  const auto size = static_cast<double>(window.size());
  if (low == high) return policy(static_cast<double>(low) / size);
  double sum = 0;
  for (std::size_t m = low; m < high; ++m) sum += policy(static_cast<double>(m) / size);
  return sum / static_cast<double>(high - low);
}

//! The probability of selection over all words and all tie words, by the rule's own decisions: for
//! each run of words that decides alike, the tie words that select are those below a threshold.
double over_all_words(const gs::rule_view& rule, const gs::window_view& window, gs::loss_key key) {
  const auto share = [&](std::uint32_t word) {
    std::uint64_t low = 0, high = gs::full_mass;
    while (low < high) {
      const std::uint64_t middle = (low + high) / 2;
      if (rule.selects(window, key, word, static_cast<std::uint32_t>(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return static_cast<double>(low) / 4294967296.0;
  };
  if (rule.shape != gs::table_shape::monotone) {
    gs::rule_view searched = rule;
    searched.shape = gs::table_shape::arbitrary;
    return static_cast<double>(support::selecting_words(searched, window, key)) / 4294967296.0;
  }
  double total = 0;
  support::for_each_run(rule.monotone.slot_of, [&](std::uint32_t word, std::uint64_t count) {
    if (count != 0) total += static_cast<double>(count) * share(word);
  });
  return total / 4294967296.0;
}

double inclusion(const gs::rule& rule, const gs::sorted_window& window, gs::loss_key key) {
  return static_cast<double>(rule.view().mass_of(window.view(), key)) / 4294967296.0;
}

}  // namespace

TEST_CASE("averaged ties: the forms of rule are trivially copyable") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<gs::averaged_monotone_rule>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<gs::averaged_general_rule>);
}

TEST_CASE("averaged ties: all-equal losses select at the policy's mean rate") {
  const gs::sorted_window window = support::window_of(std::vector<float>(32, 1.5f));
  for (const gs::curve& policy : policies()) {
    const gs::rule rule = gs::compile(policy, 32, gs::ties::averaged);
    const gs::loss_key key = gs::to_key(1.5f);
    CHECK(inclusion(rule, window, key) == Approx(rule.mean_probability()).margin(0x1p-31));
    CHECK(over_all_words(rule.view(), window.view(), key) ==
          Approx(rule.mean_probability()).margin(0x1p-24));
    CHECK(rule.mean_probability() == Approx(mean_over_ties(policy, window, key)).margin(0x1p-31));
  }
}

TEST_CASE("averaged ties: over all words each key selects with the mean over its ranks") {
  // Runs of one, three, one, five and two equal entries; keys on them, between and outside.
  const std::vector<float> entries = {1, 2, 2, 2, 3, 4, 4, 4, 4, 4, 5, 5};
  const gs::sorted_window window = support::window_of(entries);
  for (const gs::curve& policy : policies()) {
    const gs::rule rule = gs::compile(policy, entries.size(), gs::ties::averaged);
    for (const float loss : {0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 3.5f, 4.0f, 4.5f, 5.0f, 6.0f}) {
      const gs::loss_key key = gs::to_key(loss);
      const double expected = mean_over_ties(policy, window, key);
      REQUIRE(inclusion(rule, window, key) == Approx(expected).margin(0x1p-31));
      REQUIRE(over_all_words(rule.view(), window.view(), key) == Approx(expected).margin(0x1p-24));
    }
  }
}

TEST_CASE("averaged ties: what can be selected has a probability above 0, however small the mean") {
  const gs::sorted_window window = support::window_of(std::vector<float>(32, 1.5f));
  const gs::loss_key key = gs::to_key(1.5f);
  // 2^-32 at one of the 32 ranks that tie, 0 at the others.
  const gs::curve rising = [](double p) { return p < 0.96875 ? 0.0 : p < 1 ? 0x1p-32 : 1.0; };
  const gs::curve peak = [](double p) { return p == 0.5 ? 0x1p-32 : 0.0; };
  const gs::curve nothing = [](double p) { return p < 1 ? 0.0 : 1.0; };
  for (const gs::curve& policy : {rising, peak, nothing}) {
    const gs::rule rule = gs::compile(policy, 32, gs::ties::averaged);
    bool selects = rule.view().selects(window.view(), key, 0, 0);
    if (rule.shape() == gs::table_shape::monotone) {
      support::for_each_run(rule.view().monotone.slot_of, [&](std::uint32_t word, std::uint64_t n) {
        selects = selects || (n != 0 && rule.view().selects(window.view(), key, word, 0));
      });
    }
    const bool possible = rule.mean_probability() > 0;
    CHECK(selects == possible);
    CHECK(rule.view().mass_of(window.view(), key) == std::uint64_t{possible});
  }
}

TEST_CASE("averaged ties: a loss that ties with none decides as the strict rule, word for word") {
  const gs::sorted_window window = support::ladder(24);
  for (const gs::curve& policy : policies()) {
    const gs::rule strict = gs::compile(policy, 24);
    const gs::rule averaged = gs::compile(policy, 24, gs::ties::averaged);
    for (std::size_t rank = 0; rank <= 24; ++rank) {
      const gs::loss_key key = support::rung(rank);
      REQUIRE(averaged.view().mass_of(window.view(), key) ==
              strict.view().mass_of(window.view(), key));
      // An interval rule spends its word otherwise, so only its probability is the same.
      if (strict.shape() == gs::table_shape::rise_fall) continue;
      for (std::uint32_t i = 0; i < 200; ++i) {
        const std::uint32_t word = gs::draw({1, i}, rank);
        REQUIRE(averaged.view().selects(window.view(), key, word, ~word) ==
                strict.view().selects(window.view(), key, word));
      }
    }
  }
}

TEST_CASE("averaged ties: a loss that equals one entry alone has that entry's rank") {
  const gs::sorted_window window = support::ladder(8);
  for (const gs::curve& policy : policies()) {
    const gs::rule strict = gs::compile(policy, 8);
    const gs::rule averaged = gs::compile(policy, 8, gs::ties::averaged);
    for (gs::loss_key key = 10; key <= 80; key += 10) {
      REQUIRE(averaged.view().mass_of(window.view(), key) ==
              strict.view().mass_of(window.view(), key));
      REQUIRE(over_all_words(averaged.view(), window.view(), key) ==
              Approx(inclusion(strict, window, key)).margin(0x1p-24));
    }
  }
}

TEST_CASE("averaged ties: what must be selected is, what must not is not, at any word") {
  const gs::sorted_window window = support::window_of(std::vector<float>(6, 2.0f));
  for (const gs::curve& policy : policies()) {
    const gs::rule rule = gs::compile(policy, 6, gs::ties::averaged);
    CHECK(rule.view().mass_of(window.view(), gs::key_always) == gs::full_mass);
    CHECK(rule.view().mass_of(window.view(), gs::key_never) == 0);
    for (const std::uint32_t word : {0u, 1u, 0x7fffffffu, 0xffffffffu}) {
      for (const std::uint32_t tie : {0u, 0xffffffffu}) {
        CHECK(rule.view().selects(window.view(), gs::key_always, word, tie));
        CHECK_FALSE(rule.view().selects(window.view(), gs::key_never, word, tie));
      }
    }
  }
}

// alpha < 6 * 6e-7 for each policy, n = 20000 draws.
TEST_CASE("averaged ties: frequencies of a sampler are its inclusion probabilities") {
  const gs::sorted_window window = support::window_of(std::vector<float>{1, 2, 2, 2, 3, 3, 3, 3});
  const std::vector<float> losses = {2, 3, 1, 2, 2.5f, 3};
  const std::vector<std::int64_t> ids = {40, 7, 7000000000, 3, 1, 0};
  for (const gs::curve& policy : policies()) {
    const bool by_id = GENERATE(false, true);
    gs::poisson select(gs::compile(policy, 8, gs::ties::averaged), {.seed = 6});
    std::vector<std::uint64_t> counts(6, 0);
    std::vector<std::uint32_t> out(6), all = {0, 1, 2, 3, 4, 5};
    for (std::uint32_t step = 0; step < 20000; ++step) {
      gs::draw_options where{.step = step, .first = 2};
      if (by_id) where.ids = ids;
      const std::size_t n = select(losses, window.view(), where, out);
      for (std::size_t i = 0; i < n; ++i) ++counts[out[i]];
    }
    std::vector<float> p(6);
    select.inclusion(all, window.view(), p);
    CHECK(support::worst_z(counts, std::vector<double>(p.begin(), p.end()), 20000) < 5);
  }
}

TEST_CASE("averaged ties: each example's second word is the tie draw of its own position or id") {
  const gs::sorted_window window = support::window_of(std::vector<float>(16, 2.0f));
  const gs::rule rule = gs::compile(gs::power{1.0, 0.1}, 16, gs::ties::averaged);
  const std::vector<float> losses(11, 2.0f);
  const std::vector<std::int64_t> ids = {5, 16777217, 4, 6, 7, 4294967297, 3, 3, 0, 1, 2};
  const bool by_id = GENERATE(false, true);
  gs::poisson select(rule, {.seed = 6, .replica = 2});
  for (std::uint32_t step = 0; step < 50; ++step) {
    std::vector<std::uint32_t> out(11), expected;
    gs::draw_options where{.step = step, .first = 3};
    if (by_id) where.ids = ids;
    out.resize(select(losses, window.view(), where, out));
    for (std::uint32_t i = 0; i < 11; ++i) {
      const std::uint64_t index = by_id ? static_cast<std::uint64_t>(ids[i]) : 3 + i;
      const auto use = by_id ? gs::purpose::pick_by_id : gs::purpose::pick_by_position;
      const std::uint32_t word = gs::draw({6, step, use, 2}, index);
      const std::uint32_t tie = gs::draw({6, step, gs::purpose::ties, 2}, index);
      if (rule.view().selects(window.view(), gs::to_key(2.0f), word, tie)) expected.push_back(i);
    }
    REQUIRE(out == expected);
  }
}

// |z| < 5: alpha 6e-7, n = 1000 batches of 64.
TEST_CASE(
    "averaged ties: a sieve of equal losses keeps the policy's mean rate, a strict one none") {
  for (const gs::ties tied : {gs::ties::averaged, gs::ties::strict}) {
    gs::sieve s({.policy = gs::power{1.0}, .history = 64, .seed = 9, .tied = tied});
    const std::vector<float> losses(64, 0.7f);
    std::vector<std::uint64_t> selected(1, 0);
    for (int step = 0; step < 1000; ++step) selected[0] += s.pick(losses).size();
    const double rate = tied == gs::ties::averaged ? s.compiled().mean_probability() : 0.0;
    CHECK(support::worst_z(selected, std::vector<double>{rate}, 64000) < 5);
  }
}
