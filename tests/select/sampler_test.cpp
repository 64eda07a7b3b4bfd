// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/poisson.hpp>

#include <array>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

gs::loss_window window_of(std::size_t n) {
  gs::loss_window window(n);
  window.push(support::ramp(n));
  return window;
}

//! A selector of one's own: the first `count` that may be selected.
struct first_few {
  std::size_t count = 2;

  std::size_t select(const gs::rule_view&, const gs::window_view&, const gs::draw_key&,
                     const gs::selector_batch& batch, std::span<std::uint32_t> out) const {
    std::size_t n = 0;
    for (std::uint32_t i = 0; i < batch.keys.size() && n < count; ++i) {
      if (batch.keys[i] != gs::key_never) out[n++] = i;
    }
    return n;
  }
  void inclusion(const gs::rule_view&, const gs::window_view&, const gs::selector_batch&,
                 std::span<const std::uint32_t>, std::span<float> out) const {
    for (float& p : out) p = 1;
  }
};
static_assert(gs::selector<first_few>);
static_assert(!gs::selector<int>);

}  // namespace

TEST_CASE("a sampler takes losses of every floating type, in any contiguous range") {
  const gs::loss_window window = window_of(4);
  gs::poisson select(gs::compile(gs::power{1.0}, 4), {.seed = 3});
  const std::vector<float> floats = {4.5f, 0.5f, 4.5f};
  const double doubles[] = {4.5, 0.5, 4.5};
  const std::array<gs::bfloat16_bits, 3> halves = {{{0x4090}, {0x3f00}, {0x4090}}};
  const std::array<gs::float16_bits, 3> half = {{{0x4480}, {0x3800}, {0x4480}}};
  std::vector<std::uint32_t> out(3);
  const std::vector<std::uint32_t> expected = {0, 2};
  const auto check = [&](const auto& losses) {
    CHECK(select(losses, window.view(), {}, out) == 2);
    CHECK(std::vector(out.begin(), out.begin() + 2) == expected);
  };
  check(floats);
  check(std::span(floats));
  check(doubles);
  check(halves);
  check(half);
}

TEST_CASE("a sampler refuses sizes that do not fit and names both") {
  const gs::loss_window window = window_of(4);
  gs::poisson select(gs::compile(gs::power{1.0}, 4));
  const std::vector<float> losses(5, 1.0f);
  std::vector<std::uint32_t> out(5, 77u);
  const std::vector<std::uint32_t> untouched = out;

  const gs::loss_window other = window_of(8);
  CHECK_THROWS_AS(select(losses, other.view(), {}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(select(losses, other.view(), {}, out), contains("4") && contains("8"));

  const auto small = std::span(out).first(3);
  CHECK_THROWS_AS(select(losses, window.view(), {}, small), gs::invalid_argument);
  CHECK_THROWS_WITH(select(losses, window.view(), {}, small), contains("3") && contains("5"));

  const std::vector<std::int64_t> ids(6);
  CHECK_THROWS_AS(select(losses, window.view(), {.ids = ids}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(select(losses, window.view(), {.ids = ids}, out),
                    contains("6 ids") && contains("5 losses"));
  CHECK(out == untouched);
}

TEST_CASE("a sampler refuses a rule that was never compiled") {
  CHECK_THROWS_AS(gs::poisson(gs::rule()), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::poisson(gs::rule()), contains("never compiled"));
}

TEST_CASE("a sampler's inclusion refuses what is not of its last batch") {
  const gs::loss_window window = window_of(4), other = window_of(8);
  gs::poisson select(gs::compile(gs::power{1.0}, 4));
  const std::vector<float> losses(5, 1.0f);
  std::vector<std::uint32_t> selected(5);
  select(losses, window.view(), {}, selected);

  const std::vector<std::uint32_t> beyond = {0, 5}, two = {0, 1};
  std::vector<float> out(2, 77.0f);
  CHECK_THROWS_AS(select.inclusion(beyond, window.view(), out), gs::out_of_range);
  CHECK_THROWS_WITH(select.inclusion(beyond, window.view(), out),
                    contains("position 5") && contains("batch of 5"));
  CHECK_THROWS_AS(select.inclusion(two, other.view(), out), gs::invalid_argument);
  const auto small = std::span(out).first(1);
  CHECK_THROWS_AS(select.inclusion(two, window.view(), small), gs::invalid_argument);
  CHECK_THROWS_WITH(select.inclusion(two, window.view(), small),
                    contains("room for 1") && contains("2 positions"));
  CHECK(out == std::vector<float>{77, 77});
}

TEST_CASE("a sampler skips, selects or raises on a loss that is not finite") {
  const gs::loss_window window = window_of(4);
  const gs::rule all = gs::compile(gs::uniform{1.0}, 4);
  const gs::rule none = gs::compile(gs::uniform{0.0}, 4);
  const std::vector<float> losses = {1.0f, support::nan_f(), 2.0f, support::infinity_f(),
                                     support::negative_infinity_f()};
  std::vector<std::uint32_t> out(5, 77u);

  CHECK(gs::poisson(all)(losses, window.view(), {}, out) == 2);
  CHECK(std::vector(out.begin(), out.begin() + 2) == std::vector<std::uint32_t>{0, 2});

  const gs::sampler_options select{.on_non_finite = gs::non_finite::select};
  CHECK(gs::poisson(none, select)(losses, window.view(), {}, out) == 3);
  CHECK(std::vector(out.begin(), out.begin() + 3) == std::vector<std::uint32_t>{1, 3, 4});

  std::fill(out.begin(), out.end(), 77u);
  gs::poisson raising(all, {.on_non_finite = gs::non_finite::raise});
  CHECK_THROWS_AS(raising(losses, window.view(), {}, out), gs::non_finite_loss);
  CHECK_THROWS_WITH(raising(losses, window.view(), {}, out),
                    contains("position 1") && contains("3 of 5"));
  CHECK(out == std::vector<std::uint32_t>(5, 77u));
  CHECK(raising(std::vector{1.0f}, window.view(), {}, out) == 1);
}

TEST_CASE("a sampler can be called again: it has no hidden state") {
  const gs::loss_window window = window_of(8);
  gs::poisson select(gs::compile(gs::power{1.0}, 8), {.seed = 4});
  const std::vector<float> losses = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::uint32_t> first(8), second(8);
  const std::size_t n = select(losses, window.view(), {.step = 9}, first);
  std::vector<std::uint32_t> other(30);
  select(std::vector<float>(30, 2.0f), window.view(), {.step = 1}, other);
  CHECK(select(losses, window.view(), {.step = 9}, second) == n);
  CHECK(first == second);
  CHECK(select.compiled().size() == 8);
}

TEST_CASE("a sampler tells the probabilities of the batch it drew last") {
  const gs::loss_window window = window_of(4);
  gs::poisson select(gs::compile(gs::power{1.0}, 4), {.seed = 4});
  std::vector<std::uint32_t> out(5);
  select(std::vector{1.0f, 4.5f, 2.5f, support::nan_f(), 4.0f}, window.view(), {}, out);
  const std::vector<std::uint32_t> some = {1, 2, 3, 4};
  std::vector<float> p(5, -1.0f);
  select.inclusion(some, window.view(), p);
  CHECK(p == std::vector<float>{1.0f, 0.5f, 0.0f, 0.75f, -1.0f});

  const auto small = std::span(p).first(3);
  CHECK_THROWS_AS(select.inclusion(some, window.view(), small), gs::invalid_argument);
  CHECK_THROWS_WITH(select.inclusion(some, window.view(), small), contains("3") && contains("4"));
  const std::vector<std::uint32_t> beyond = {5};
  CHECK_THROWS_AS(select.inclusion(beyond, window.view(), p), gs::out_of_range);
  CHECK_THROWS_WITH(select.inclusion(beyond, window.view(), p), contains("position 5"));
  const gs::loss_window other = window_of(8);
  CHECK_THROWS_AS(select.inclusion(some, other.view(), p), gs::invalid_argument);
  CHECK(p == std::vector<float>{1.0f, 0.5f, 0.0f, 0.75f, -1.0f});
}

TEST_CASE("a sampler takes a selector of one's own") {
  const gs::loss_window window = window_of(4);
  gs::sampler<first_few> select(gs::compile(gs::power{1.0}, 4), {}, first_few{.count = 2});
  std::vector<std::uint32_t> out(4);
  CHECK(select(std::vector{support::nan_f(), 1.0f, 2.0f, 3.0f}, window.view(), {}, out) == 2);
  CHECK(out[0] == 1);
  CHECK(out[1] == 2);
}

// The stream word has 24 bits for the replica, so 2^24 would draw what 0 does.
TEST_CASE("a sampler refuses a replica of 2^24 or more") {
  CHECK_THROWS_AS(gs::poisson(gs::compile(gs::power{1.0}, 4), {.replica = 1u << 24}),
                  gs::invalid_argument);
}
