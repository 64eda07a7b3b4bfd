// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which draw and which window decide an id of a plan, over more than one chunk of ids.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using support::to_vector;
using ids = std::vector<std::int64_t>;

TEST_CASE("planner: each id is decided by its own draw, against quantiles of all losses") {
  constexpr std::size_t examples = 10000, entries = 50;
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{2.0, 0.1}), gs::curve(gs::band{0.7, 1.0, 0.1}));
  gs::sieve sieve({.examples = examples,
                   .policy = policy,
                   .history = entries,
                   .seed = 31,
                   .replica = 2,
                   .refresh = gs::max_age{100}});
  const std::vector<float> losses = support::random_losses(examples);
  sieve.observe(support::ids_from(0, examples), losses);

  std::vector<gs::loss_key> sorted = support::keys_of(losses), quantiles(entries);
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t j = 0; j < entries; ++j) {
    quantiles[j] = sorted[(2 * j + 1) * examples / (2 * entries)];
  }
  const gs::sorted_window window = support::window_of(quantiles);
  const gs::rule rule = gs::compile(policy, entries);
  for (std::uint32_t epoch = 1; epoch < 4; ++epoch) {
    ids expected;
    for (std::size_t id = 0; id < examples; ++id) {
      const gs::draw_key key{31, epoch, gs::purpose::plan, 2};
      if (rule.view().selects(window.view(), gs::to_key(losses[id]), gs::draw(key, id))) {
        expected.push_back(static_cast<std::int64_t>(id));
      }
    }
    CHECK(to_vector(sieve.plan(epoch).train()) == expected);
  }
}

TEST_CASE("planner: spared and forced ids are told apart in every chunk") {
  constexpr std::size_t examples = 10000;
  gs::sieve sieve({.examples = examples,
                   .policy = gs::band{0.5, 1.0, 0.0},
                   .history = 100,
                   .refresh = gs::max_age{1}});
  const ids all = support::ids_from(0, examples);
  std::vector<float> losses(examples);
  for (std::size_t i = 0; i < examples; ++i) losses[i] = i % 5 == 0 ? 9.0f : 1.0f;
  sieve.observe(all, losses);
  const gs::plan_view plan = sieve.plan(1);
  CHECK(plan.size() == 8000);
  CHECK(plan.forced() == 8000);
  CHECK(plan.refresh().size() == 2000);
  for (const std::int64_t id : plan.refresh()) CHECK(id % 5 == 0);
  CHECK(std::is_sorted(plan.train().begin(), plan.train().end()));
}
