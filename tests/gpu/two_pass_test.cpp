// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

TEST_CASE("two passes select as the host whatever the order of blocks", "[gpu]") {
  const auto seed = GENERATE(range(1u, 7u));
  const parity::any_order blocks(seed);
  parity::expect({.history = 100,
                  .seed = seed,
                  .order = seed % 2 == 0 ? gs::update_order::update_then_decide
                                         : gs::update_order::decide_then_update,
                  .on_non_finite = seed % 3 == 0 ? gs::non_finite::select : gs::non_finite::skip},
                 {.seed = seed, .steps = 6, .most = 40000, .look_back = false});
}

TEST_CASE("two passes write ids and masks as one does", "[gpu]") {
  const auto keying = GENERATE(gs::draw_by::position, gs::draw_by::id);
  const gs::sieve_options options{.history = 64, .seed = 9, .keying = keying};
  gs::gpu::sieve one, two;
  device::check(one.create(options, {.max_batch = 9000}));
  device::check(two.create(options, {.max_batch = 9000, .look_back = false}));
  std::mt19937 random(4);
  device::array<std::uint32_t> count(1), other_count(1);
  const device::array<std::uint32_t> words(300), other_words(300);
  const device::array<std::int64_t> selected(9000), other_selected(9000);
  for (const std::size_t n : {8500u, 300u, 0u, 9000u, 4096u}) {
    std::vector<std::int64_t> ids(n);
    for (std::size_t i = 0; i < n; ++i) ids[i] = static_cast<std::int64_t>(random() % 100000);
    const device::array<float> losses(parity::mixed(random, n));
    const device::array<std::int64_t> names(ids);
    device::check(one.pick_ids(names.data(), losses.data(), n, selected.data(), count.data()));
    device::check(
        two.pick_ids(names.data(), losses.data(), n, other_selected.data(), other_count.data()));
    REQUIRE(count[0] == other_count[0]);
    REQUIRE(selected.first(count[0]) == other_selected.first(count[0]));
    if (keying == gs::draw_by::id) continue;
    device::check(one.pick_mask(losses.data(), n, words.data(), count.data()));
    device::check(two.pick_mask(losses.data(), n, other_words.data(), other_count.data()));
    REQUIRE(count[0] == other_count[0]);
    REQUIRE(words.first((n + 31) / 32) == other_words.first((n + 31) / 32));
  }
  std::vector<std::byte> bytes, other_bytes;
  device::check(one.save(bytes));
  device::check(two.save(other_bytes));
  CHECK(bytes == other_bytes);
}
