// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/sampler.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

#include <numeric>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;

template <class Selector>
positions extreme(std::size_t k, const std::vector<gs::loss_key>& keys) {
  positions out(keys.size(), 99u);
  out.resize(Selector(k).over(keys, out));
  return out;
}

positions top(std::size_t k, const std::vector<float>& losses) {
  return extreme<gs::top_k_selector>(k, support::keys_of(losses));
}
positions low(std::size_t k, const std::vector<float>& losses) {
  return extreme<gs::low_k_selector>(k, support::keys_of(losses));
}

}  // namespace

TEST_CASE("top-k: the largest, low-k: the smallest, in ascending order of position") {
  const std::vector<float> losses = {0.3f, -2.0f, 5.0f, 0.1f, 4.0f};
  CHECK(top(2, losses) == positions{2, 4});
  CHECK(top(3, losses) == positions{0, 2, 4});
  CHECK(low(2, losses) == positions{1, 3});
  CHECK(low(1, losses) == positions{1});
}

TEST_CASE("pitfall: the last 0 taken as all: top-k with k of 0, n and more, of one and of none") {
  const std::vector<float> losses = {3, 1, 2};
  CHECK(top(0, losses).empty());
  CHECK(top(3, losses) == positions{0, 1, 2});
  CHECK(top(7, losses) == positions{0, 1, 2});
  CHECK(low(0, losses).empty());
  CHECK(low(9, losses) == positions{0, 1, 2});
  CHECK(top(1, {5.0f}) == positions{0});
  CHECK(top(2, {}).empty());
}

TEST_CASE("top-k: of equal losses the earlier positions win") {
  const std::vector<float> losses = {1, 2, 2, 3, 2, 1};
  CHECK(top(1, losses) == positions{3});
  CHECK(top(2, losses) == positions{1, 3});
  CHECK(top(3, losses) == positions{1, 2, 3});
  CHECK(top(5, losses) == positions{0, 1, 2, 3, 4});
  CHECK(low(1, losses) == positions{0});
  CHECK(low(3, losses) == positions{0, 1, 5});
  CHECK(low(4, losses) == positions{0, 1, 2, 5});
  CHECK(top(3, std::vector<float>(8, 1.5f)) == positions{0, 1, 2});
  CHECK(low(3, std::vector<float>(8, 1.5f)) == positions{0, 1, 2});
  CHECK(top(1, {-0.0f, 0.0f}) == positions{0});
}

TEST_CASE("top-k: what must be selected precedes all, what must not never is") {
  std::vector<gs::loss_key> keys = support::keys_of({9, 1, 8, 2, 7});
  keys[1] = gs::key_always;
  keys[0] = gs::key_never;
  CHECK(extreme<gs::top_k_selector>(1, keys) == positions{1});
  CHECK(extreme<gs::top_k_selector>(2, keys) == positions{1, 2});
  CHECK(extreme<gs::low_k_selector>(2, keys) == positions{1, 3});
  CHECK(extreme<gs::top_k_selector>(9, keys) == positions{1, 2, 3, 4});
  CHECK(extreme<gs::low_k_selector>(9, keys) == positions{1, 2, 3, 4});
  // More that must be than k: the earlier ones.
  keys = {5, gs::key_always, gs::key_always, gs::key_always};
  CHECK(extreme<gs::low_k_selector>(2, keys) == positions{1, 2});
  CHECK(extreme<gs::top_k_selector>(2, std::vector<gs::loss_key>(4, gs::key_never)).empty());
}

TEST_CASE("top-k: over scores of any floating type; what is not finite is never selected") {
  const auto over = [](std::size_t k, const auto& scores) {
    positions out(scores.size(), 99u);
    out.resize(gs::top_k_selector(k).over(scores, out));
    return out;
  };
  const std::vector<float> scores = {1, support::nan_f(), 3, support::infinity_f(), 2};
  CHECK(over(2, scores) == positions{2, 4});
  CHECK(over(9, scores) == positions{0, 2, 4});
  CHECK(over(1, std::vector<double>{1e300, 1e-300, -1e300}) == positions{0});
  CHECK(over(1, std::vector<gs::float16_bits>{{0x3c00}, {0x4000}}) == positions{1});
  // NaN of all bits has the key of what must not be, or must be, selected.
  CHECK(over(2, std::vector<float>{support::float_of(0xffffffffu), 1,
                                   support::float_of(0x7fffffffu)}) == positions{1});
  positions out(5, 99u);
  CHECK(gs::low_k_selector(2).over(scores, out) == 2);
  CHECK(positions(out.begin(), out.begin() + 2) == positions{0, 4});
}

TEST_CASE("top-k: too little room is refused with both sizes, and nothing written") {
  const std::vector<float> scores = {1, 2, 3};
  positions out(1, 99u);
  CHECK_THROWS_AS(gs::top_k_selector(2).over(scores, out), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::top_k_selector(2).over(scores, out),
                    contains("top_k") && contains("room for 1") && contains("2 are selected"));
  CHECK_THROWS_WITH(gs::low_k_selector(9).over(scores, out),
                    contains("low_k") && contains("3 are selected"));
  CHECK(out == positions(1, 99u));
  CHECK(gs::top_k_selector(1).over(scores, out) == 1);
}

TEST_CASE("top-k: the extremes of the range of finite keys keep their order") {
  const std::vector<gs::loss_key> keys = {gs::key_below + 1, gs::key_above - 1, 0,
                                          gs::key_below + 2};
  CHECK(extreme<gs::top_k_selector>(1, keys) == positions{1});
  CHECK(extreme<gs::low_k_selector>(1, keys) == positions{0});
  CHECK(extreme<gs::low_k_selector>(2, keys) == positions{0, 3});
}

TEST_CASE("top-k: the same as a stable sort, over random batches with ties") {
  support::random_source source(3);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<gs::loss_key> keys(source.below(30));
    for (gs::loss_key& key : keys) {
      key = static_cast<gs::loss_key>(source.below(8)) - 4;
      if (source.below(9) == 0) key = gs::key_never;
      if (source.below(9) == 0) key = gs::key_always;
    }
    positions order;
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
      if (keys[i] != gs::key_never) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return keys[a] > keys[b]; });
    const std::size_t k = source.below(34);
    order.resize(std::min(k, order.size()));
    std::sort(order.begin(), order.end());
    REQUIRE(extreme<gs::top_k_selector>(k, keys) == order);
  }
}

TEST_CASE("top-k: inclusion is 1 for what was selected and 0 for the rest") {
  const std::vector<float> losses = {1, 2, support::nan_f(), 2, 3, 2};
  const gs::sorted_window window = support::ladder(4);
  gs::sampler<gs::top_k_selector> select(gs::compile(gs::uniform{0.5}, 4), {},
                                         gs::top_k_selector(3));
  positions out(6);
  REQUIRE(select(losses, window.view(), {}, out) == 3);
  CHECK(positions(out.begin(), out.begin() + 3) == positions{1, 3, 4});
  positions all(6);
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> p(6, -1.0f);
  select.inclusion(all, window.view(), p);
  CHECK(p == std::vector<float>{0, 1, 0, 1, 1, 0});

  // A second batch that selects nobody.
  gs::sampler<gs::low_k_selector> none(gs::compile(gs::uniform{0.5}, 4));
  REQUIRE(none(losses, window.view(), {}, out) == 0);
  none.inclusion(all, window.view(), p);
  CHECK(p == std::vector<float>(6, 0.0f));
}

TEST_CASE("top-k: in a sieve, the same whatever the seed") {
  for (const std::uint64_t seed : {1u, 2u}) {
    gs::basic_sieve<gs::loss_window, gs::top_k_selector> s(
        {.history = 4, .seed = seed}, gs::loss_window(4), gs::top_k_selector(2));
    const auto selection = s.pick(std::vector{0.1f, 0.4f, 0.2f, 0.3f});
    CHECK(support::to_vector(selection.positions()) == positions{1, 3});
    CHECK(support::to_vector(selection.probabilities()) == std::vector<float>{1, 1});
  }
}
