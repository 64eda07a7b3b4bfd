// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Every path selects what the draws and the rule say, example by example.
#include "catch.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/independent.hpp>

#include <cmath>

#include "support/random_source.hpp"
#include "support/wide_paths.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using positions = std::vector<std::uint32_t>;

namespace {

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

//! Certain, out of the question, and certain again.
double gap(double percentile) { return percentile < 0.3 || percentile > 0.6 ? 1.0 : 0.0; }

const std::vector<gs::curve>& policies() {
  static const std::vector<gs::curve> all = {
      gs::power{2.0},   gs::power{0.3},     gs::band{0.7, 1.0, 0.1}, gs::band{0.3, 0.6, 0.0},
      gs::curve(&wave), gs::curve(&gap),    gs::uniform{0.0},        gs::uniform{1.0},
      gs::uniform{0.5}, gs::power{1.0, 0.1}};
  return all;
}

//! Losses among few values, so that many tie with each other and with the window; few are forced.
std::vector<gs::loss_key> batch_of(std::size_t n, support::random_source& random) {
  std::vector<gs::loss_key> keys(n);
  for (gs::loss_key& key : keys) {
    key = static_cast<gs::loss_key>(random.below(80)) * 10 - 20;
    const auto special = random.below(20);
    if (special == 0) key = gs::key_never;
    if (special == 1) key = gs::key_always;
  }
  return keys;
}

//! A window of the keys 0, 10, 20, …, each of them three times.
gs::sorted_window threefold(std::size_t size) {
  std::vector<gs::loss_key> keys(size);
  for (std::size_t i = 0; i < size; ++i) keys[i] = static_cast<gs::loss_key>(i / 3 * 10);
  return support::window_of(keys);
}

//! The definition: each example's own draw, and `selects`.
positions one_by_one(const gs::rule& rule, const gs::window_view& window, const gs::draw_key& key,
                     const gs::selector_batch& batch) {
  positions chosen;
  gs::draw_key ties = key;
  ties.use = gs::purpose::ties;
  for (std::uint32_t i = 0; i < batch.keys.size(); ++i) {
    const std::uint64_t index =
        batch.ids.empty() ? batch.first + i : static_cast<std::uint64_t>(batch.ids[i]);
    if (rule.view().selects(window, batch.keys[i], gs::draw(key, index), gs::draw(ties, index))) {
      chosen.push_back(i);
    }
  }
  return chosen;
}

positions by_path(const gs::detail::wide_kernels* wide, const gs::rule& rule,
                  const gs::window_view& window, const gs::draw_key& key,
                  const gs::selector_batch& batch) {
  positions out(batch.keys.size(), 0xffffffffu);
  out.resize(rule.view().visit([&](const auto& form) {
    return gs::detail::select_independently(wide, form, window, key, batch, out.data());
  }));
  return out;
}

//! Paths that select otherwise than one by one, among all there are.
std::size_t deviations(const gs::rule& rule, const gs::window_view& window,
                       const gs::selector_batch& batch) {
  const gs::draw_key key{12345, 67, gs::purpose::pick_by_position, 8};
  const positions expected = one_by_one(rule, window, key, batch);
  std::size_t wrong = std::size_t{by_path(nullptr, rule, window, key, batch) != expected};
  for (const auto* wide : support::wide_paths()) {
    wrong += std::size_t{by_path(wide, rule, window, key, batch) != expected};
  }
  return wrong;
}

const std::size_t sizes[] = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 511, 512, 513, 1100};

}  // namespace

TEST_CASE("every path selects alike, keyed by position") {
  support::random_source random(1);
  const gs::ties tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  for (const std::size_t history : {1u, 5u, 64u, 67u}) {
    const gs::sorted_window window = threefold(history);
    for (const gs::curve& policy : policies()) {
      const gs::rule rule = gs::compile(policy, history, tied);
      for (const std::size_t n : sizes) {
        const auto keys = batch_of(n, random);
        // At the last, the upper half of a block's number changes, or the position starts again.
        for (const std::uint64_t first : {0ull, 1ull, 6ull, (1ull << 34) - 37, ~0ull - 9}) {
          CAPTURE(history, n, first);
          REQUIRE(deviations(rule, window.view(), {keys, {}, first}) == 0);
        }
      }
    }
  }
}

TEST_CASE("every path selects alike, keyed by id") {
  support::random_source random(1);
  const gs::ties tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const gs::sorted_window window = threefold(64);
  for (const gs::curve& policy : policies()) {
    const gs::rule rule = gs::compile(policy, 64, tied);
    for (const std::size_t n : sizes) {
      const auto keys = batch_of(n, random);
      std::vector<std::int64_t> in_order(n), scattered(n), swapped(n);
      for (std::size_t i = 0; i < n; ++i) {
        in_order[i] = static_cast<std::int64_t>(i) + 5;
        scattered[i] = static_cast<std::int64_t>(random.below(1u << 30)) << random.below(33);
      }
      swapped = in_order;
      if (n > 3) std::swap(swapped[1], swapped[2]);  // from first to last as if in order
      CAPTURE(n);
      REQUIRE(deviations(rule, window.view(), {keys, in_order}) == 0);
      REQUIRE(deviations(rule, window.view(), {keys, scattered}) == 0);
      REQUIRE(deviations(rule, window.view(), {keys, swapped}) == 0);
    }
  }
}

TEST_CASE("every path selects alike at the paper's history") {
  support::random_source random(1);
  const gs::sorted_window window = support::ladder(1024);
  for (const gs::curve& policy : policies()) {
    const gs::rule rule = gs::compile(policy, 1024);
    std::vector<gs::loss_key> keys(5000);
    for (gs::loss_key& key : keys) key = static_cast<gs::loss_key>(random.below(10300));
    REQUIRE(deviations(rule, window.view(), {keys, {}, 3}) == 0);
  }
}
