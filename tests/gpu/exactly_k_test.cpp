// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>
#include <gradsieve/policy/uniform.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;
using select_k = gs::exactly_k_selector;

TEST_CASE("exactly k equals the host's for each rule, both orders, any window and k",
          "[gpu][patient]") {
  const gs::curve& policy = *GENERATE(&parity::monotone, &parity::interval, &parity::general);
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const auto order =
      GENERATE(gs::update_order::update_then_decide, gs::update_order::decide_then_update);
  const std::size_t history = GENERATE(std::size_t{1}, std::size_t{5}, std::size_t{1000});
  const std::size_t k = GENERATE(std::size_t{1}, std::size_t{100}, std::size_t{4000});
  CAPTURE(static_cast<int>(tied), static_cast<int>(order), history, k);
  parity::expect({.policy = policy, .history = history, .seed = 7, .order = order, .tied = tied},
                 {.seed = static_cast<std::uint32_t>(history + k), .steps = parity::usual_steps},
                 select_k(k));
}

TEST_CASE("exactly k on batches at its edges equals the host's", "[gpu][patient]") {
  // k below, at and above what must be selected, what has mass, and the batch itself.
  const std::size_t k = GENERATE(std::size_t{1}, std::size_t{37}, std::size_t{64}, std::size_t{128},
                                 std::size_t{100000});
  const auto losses = GENERATE(&parity::mixed, &parity::equal, &parity::half_nan);
  const auto non_finite = GENERATE(gs::non_finite::skip, gs::non_finite::select);
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{1.0}), gs::curve(gs::uniform{0.0}), gs::curve(gs::uniform{1.0}),
               gs::curve([](double percentile) { return percentile < 0.9 ? 0.0 : 1e-9; }));
  CAPTURE(k, static_cast<int>(non_finite));
  const parity::any_order blocks(k);
  parity::expect({.policy = policy, .history = 32, .seed = 3, .on_non_finite = non_finite},
                 {.seed = static_cast<std::uint32_t>(k), .steps = 5, .losses = losses},
                 select_k(k));
}

TEST_CASE("exactly k by the longest window there is equals the host's", "[gpu]") {
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  parity::expect({.policy = gs::power{1.0}, .history = 4096, .seed = 5, .tied = tied}, {.seed = 3},
                 select_k(700));
}

TEST_CASE("exactly k selects everything while its schedule is off", "[gpu]") {
  const parity::any_order blocks(2);
  parity::expect(
      {.policy = gs::power{1.0}, .history = 16, .seed = 5, .active = gs::after_epochs{1}},
      {.seed = 11, .steps = 8}, select_k(50));
}

TEST_CASE("exactly k as ids and as a mask is what it is as positions", "[gpu]") {
  const gs::sieve_options options{.history = 64, .seed = 9};
  gs::gpu::basic_sieve<select_k> by_position, by_id, by_bit;
  for (auto* sieve : {&by_position, &by_id, &by_bit}) {
    device::check(sieve->create(options, {.max_batch = 9000}, select_k(333)));
  }
  std::mt19937 random(4);
  device::array<std::uint32_t> positions(9000), count(1), words(9000);
  const device::array<std::int64_t> selected(9000);
  for (const std::size_t n : {8500u, 300u, 9000u, 4096u}) {
    std::vector<std::int64_t> ids(n);
    for (std::size_t i = 0; i < n; ++i) ids[i] = static_cast<std::int64_t>(7 * i + 5);
    const device::array<float> losses(parity::mixed(random, n));
    const device::array<std::int64_t> names(ids);
    device::check(by_position.pick(losses.data(), n, positions.data(), count.data()));
    const std::vector<std::uint32_t> expected = positions.first(count[0]);
    device::check(by_id.pick_ids(names.data(), losses.data(), n, selected.data(), count.data()));
    REQUIRE(count[0] == expected.size());
    device::check(by_bit.pick_mask(losses.data(), n, words.data(), count.data()));
    REQUIRE(count[0] == expected.size());
    const std::vector<std::int64_t> got = selected.first(expected.size());
    const std::vector<std::uint32_t> mask = words.first((n + 31) / 32);
    std::vector<bool> wanted(32 * mask.size(), false);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(got[i] == ids[expected[i]]);
      wanted[expected[i]] = true;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      REQUIRE((mask[i / 32] >> (i % 32) & 1) == (wanted[i] ? 1u : 0u));
    }
  }
}

TEST_CASE("exactly k moves between host and device", "[gpu]") {
  const gs::sieve_options options{.history = 16, .seed = 21};
  gs::basic_sieve<gs::loss_window, select_k> host(options, gs::loss_window(16), select_k(10));
  std::mt19937 random(8);
  for (int step = 0; step < 5; ++step) host.pick(parity::mixed(random, 40));
  gs::gpu::basic_sieve<select_k> sieve;
  device::check(sieve.create(options, {.max_batch = 64}, select_k(10)));
  device::check(sieve.load(host.save()));
  device::array<std::uint32_t> positions(64), count(1);
  for (int step = 0; step < 5; ++step) {
    const std::vector<float> batch = parity::mixed(random, 50);
    const device::array<float> losses(batch);
    device::check(sieve.pick(losses.data(), 50, positions.data(), count.data()));
    const auto expected = host.pick(batch);
    const std::vector<std::uint32_t> got = positions.first(count[0]);
    REQUIRE(std::equal(got.begin(), got.end(), expected.positions().begin(),
                       expected.positions().end()));
  }
  gs::gpu::basic_sieve<select_k> other;
  device::check(other.create(options, {.max_batch = 64}, select_k(11)));
  CHECK_THROWS_AS(static_cast<void>(other.load(host.save())), gs::state_error);
}

TEST_CASE("exactly k on the device refuses what the host's refuses", "[gpu]") {
  gs::gpu::basic_sieve<select_k> sieve;
  CHECK_THROWS_AS(static_cast<void>(sieve.create({.history = 8}, {}, select_k(0))),
                  gs::invalid_argument);
  CHECK_THROWS_AS(
      static_cast<void>(sieve.create({.history = 8, .keying = gs::draw_by::id}, {}, select_k(3))),
      gs::invalid_argument);
  CHECK_FALSE(sieve.ready());
}
