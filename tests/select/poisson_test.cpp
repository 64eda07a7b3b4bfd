// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which word decides which example, and pinned selections. Frequencies: rank_frequency_test.
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/poisson.hpp>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

gs::loss_window window_of(std::size_t n) {
  gs::loss_window window(n);
  window.push(support::ramp(n));
  return window;
}

positions draw_batch(const gs::curve& policy, const std::vector<float>& losses,
                     const gs::draw_options& options, const gs::sampler_options& of = {}) {
  const gs::loss_window window = window_of(16);
  gs::poisson select(gs::compile(policy, 16), of);
  positions out(losses.size());
  out.resize(select(losses, window.view(), options, out));
  return out;
}

std::vector<float> spread(std::size_t n) {
  std::vector<float> losses = support::random_losses(n);
  for (float& loss : losses) loss *= 17.0f;
  return losses;
}

}  // namespace

TEST_CASE("each position is decided by the draw of its global position") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{2.0}), gs::curve(gs::band{0.7, 1.0, 0.1}), gs::curve(&wave));
  const gs::rule rule = gs::compile(policy, 16);
  const gs::loss_window window = window_of(16);
  const std::uint64_t far = GENERATE(std::uint64_t{0}, std::uint64_t{1} << 34);
  for (std::uint64_t offset = 0; offset < 9; ++offset) {
    for (std::size_t n = 0; n < 23; ++n) {
      const std::vector<float> losses = spread(n);
      positions expected;
      for (std::uint32_t i = 0; i < n; ++i) {
        const gs::draw_key key{99, 5, gs::purpose::pick_by_position, 3};
        const std::uint32_t word = gs::draw(key, far + offset + i);
        if (rule.view().selects(window.view(), gs::to_key(losses[i]), word)) expected.push_back(i);
      }
      const gs::sampler_options of{.seed = 99, .replica = 3};
      REQUIRE(draw_batch(policy, losses, {.step = 5, .first = far + offset}, of) == expected);
    }
  }
}

TEST_CASE("each id is decided by the draw of the id, wherever it stands") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{2.0}), gs::curve(gs::band{0.7, 1.0, 0.1}), gs::curve(&wave));
  const gs::rule rule = gs::compile(policy, 16);
  const gs::loss_window window = window_of(16);
  std::vector<std::int64_t> ids = {5, 4, 4, 1, 0, 16777216, 16777217, 16777218, 9, 8, 7, 6, 5};
  ids.push_back((std::int64_t{1} << 40) + 1);
  ids.push_back((std::int64_t{1} << 40) + 2);
  ids.push_back(std::numeric_limits<std::int64_t>::max());
  const std::vector<float> losses = spread(ids.size());
  for (std::uint32_t step = 0; step < 50; ++step) {
    positions expected;
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
      const gs::draw_key key{99, step, gs::purpose::pick_by_id, 0};
      const std::uint32_t word = gs::draw(key, static_cast<std::uint64_t>(ids[i]));
      if (rule.view().selects(window.view(), gs::to_key(losses[i]), word)) expected.push_back(i);
    }
    const gs::draw_options options{.step = step, .first = 77, .ids = ids};
    REQUIRE(draw_batch(policy, losses, options, {.seed = 99}) == expected);
  }
}

TEST_CASE("a batch in two parts selects what the whole does") {
  const std::vector<float> losses = spread(41);
  const positions whole = draw_batch(gs::power{1.0}, losses, {.step = 2, .first = 6});
  for (std::size_t split = 0; split <= losses.size(); ++split) {
    const auto middle = losses.begin() + static_cast<std::ptrdiff_t>(split);
    positions parts = draw_batch(gs::power{1.0}, {losses.begin(), middle}, {.step = 2, .first = 6});
    for (const std::uint32_t position :
         draw_batch(gs::power{1.0}, {middle, losses.end()}, {.step = 2, .first = 6 + split})) {
      parts.push_back(position + static_cast<std::uint32_t>(split));
    }
    REQUIRE(parts == whole);
  }
}

TEST_CASE("seed, replica, step and kind of key each change the selection") {
  const std::vector<float> losses = spread(200);
  const std::vector<std::int64_t> ids = support::ids_from(0, 200);
  const positions base = draw_batch(gs::power{1.0}, losses, {.step = 1}, {.seed = 1});
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1}, {.seed = 1}) == base);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 2}, {.seed = 1}) != base);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1}, {.seed = 2}) != base);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1}, {.seed = 1ull << 32 | 1}) != base);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1}, {.seed = 1, .replica = 1}) != base);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1, .first = 1}, {.seed = 1}) != base);
  // The ids are the positions; only the purpose differs.
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 1, .ids = ids}, {.seed = 1}) != base);
}

TEST_CASE("pinned: the same seed selects the same examples, in this version and the next") {
  const std::vector<float> losses = support::ramp(16);
  const std::vector<std::int64_t> ids = support::ids_from(1000, 16);
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 3}, {.seed = 7}) ==
        positions{3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(draw_batch(gs::power{1.0}, losses, {.step = 3, .ids = ids}, {.seed = 7}) ==
        positions{4, 5, 8, 10, 11, 12, 13, 14, 15});
  CHECK(draw_batch(gs::band{0.8, 1.0, 0.0}, losses, {.step = 3}, {.seed = 7}) ==
        positions{3, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("a key that must be selected is, one that must not is not") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::uniform{0.0}), gs::curve(gs::uniform{1.0}), gs::curve(gs::power{2.0}),
               gs::curve(gs::band{0.7, 1.0, 0.0}), gs::curve(&wave));
  const gs::rule rule = gs::compile(policy, 16);
  const gs::loss_window window = window_of(16);
  std::vector<gs::loss_key> keys(64, gs::key_never);
  keys[3] = keys[9] = keys[63] = gs::key_always;
  positions out(keys.size());
  const gs::poisson_selector select;
  for (std::uint32_t step = 0; step < 100; ++step) {
    const std::size_t n = select.select(rule.view(), window.view(), {1, step}, {keys}, out);
    REQUIRE(positions(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n)) ==
            positions{3, 9, 63});
  }
}

TEST_CASE("inclusion is the table's probability of each loss's rank") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{2.0}), gs::curve(gs::band{0.7, 1.0, 0.1}), gs::curve(&wave));
  const gs::rule rule = gs::compile(policy, 16);
  const gs::loss_window window = window_of(16);
  std::vector<gs::loss_key> keys = {gs::key_never, gs::key_always};
  std::vector<double> expected = {0.0, 1.0};
  for (int rank = 0; rank <= 16; ++rank) {
    // Above `rank` entries, and level with the next one: the same strict rank.
    keys.push_back(gs::to_key(static_cast<float>(rank) + 0.5f));
    keys.push_back(rank < 16 ? gs::to_key(static_cast<float>(rank + 1)) : gs::to_key(99.0f));
    expected.insert(expected.end(), 2, policy(rank / 16.0));
  }
  positions all(keys.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> p(keys.size(), -1.0f);
  gs::poisson_selector{}.inclusion(rule.view(), window.view(), {keys}, all, p);
  for (std::size_t i = 0; i < p.size(); ++i)
    CHECK(double{p[i]} == Approx(expected[i]).margin(1e-7));

  // Of some positions only, in their order.
  const positions some = {4, 10};
  std::vector<float> two(2);
  gs::poisson_selector{}.inclusion(rule.view(), window.view(), {keys}, some, two);
  CHECK(two == std::vector<float>{p[4], p[10]});
}

TEST_CASE("an empty batch selects nothing") { CHECK(draw_batch(gs::power{1.0}, {}, {}).empty()); }
