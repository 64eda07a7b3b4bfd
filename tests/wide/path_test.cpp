// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Each wide loop against the scalar code it stands for. Selections: select/independent_test.
#include "catch.hpp"

#include <gradsieve/wide/path.hpp>

#include <limits>
#include <vector>

#include "support/random_source.hpp"
#include "support/special_values.hpp"
#include "support/wide_paths.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using gs::loss_key;

namespace {

std::vector<float> any_floats(std::size_t n) {
  support::random_source random(1);
  std::vector<float> losses(n);
  for (float& loss : losses) {
    switch (random.below(8)) {
      case 0: loss = support::nan_f(); break;
      case 1: loss = random.below(2) == 0 ? 0.0f : -0.0f; break;
      case 2: loss = support::infinity_f(); break;
      case 3: loss = support::negative_infinity_f(); break;
      case 4: loss = std::numeric_limits<float>::denorm_min(); break;
      default: loss = random.unit() - 0.5f;
    }
  }
  losses[0] = std::numeric_limits<float>::max();
  losses[1] = std::numeric_limits<float>::lowest();
  losses[2] = support::negative_nan_f();
  return losses;
}

}  // namespace

TEST_CASE("the path chosen is the widest there is") {
  const auto paths = support::wide_paths();
  CHECK(gs::detail::wide_path() == (paths.empty() ? nullptr : paths.back()));
}

TEST_CASE("wide: keys of losses, and how many are finite") {
  const std::vector<float> losses = any_floats(1024);
  for (const auto* wide : support::wide_paths()) {
    for (const loss_key replacement : {gs::key_never, gs::key_always}) {
      std::vector<loss_key> keys(losses.size()), expected;
      const std::uint32_t finite =
          wide->to_keys(losses.data(), losses.size(), replacement, keys.data());
      std::uint32_t count = 0;
      for (const float loss : losses) {
        const loss_key key = gs::to_key(loss);
        count += std::uint32_t{gs::is_finite(key)};
        expected.push_back(gs::is_finite(key) ? key : replacement);
      }
      CHECK(keys == expected);
      CHECK(finite == count);
      CHECK(wide->count_finite(keys.data(), keys.size()) == count);
    }
  }
}

TEST_CASE("wide: draws of blocks in a row and of ids in any order") {
  const gs::draw_key key{0x0123456789abcdefu, 0xfedcba98u, gs::purpose::plan, 0xabcdef};
  for (const auto* wide : support::wide_paths()) {
    for (const std::uint64_t block : {0ull, 12345ull, (7ull << 32) + 3, (1ull << 61) + 1}) {
      std::vector<std::uint32_t> words(256), expected;
      wide->draw(key, block, words.size(), words.data());
      for (std::uint64_t i = 0; i < 256; ++i) expected.push_back(gs::draw(key, 4 * block + i));
      CHECK(words == expected);
    }
    std::vector<std::int64_t> ids = {0, 1, 2, 3, (1ll << 34) - 1, 1ll << 34, (1ll << 34) + 1, -1};
    support::random_source random(1);
    while (ids.size() < 128) {
      ids.push_back(static_cast<std::int64_t>(random() >> 1));
    }
    std::vector<std::uint32_t> words(ids.size()), expected;
    wide->draw_ids(key, ids.data(), ids.size(), words.data());
    for (const std::int64_t id : ids) {
      expected.push_back(gs::draw(key, static_cast<std::uint64_t>(id)));
    }
    CHECK(words == expected);
  }
}

TEST_CASE("wide: ranks in windows of any size, with ties and sentinels") {
  support::random_source random(1);
  std::vector<loss_key> keys = {gs::key_never, gs::key_below, gs::key_above, gs::key_always};
  while (keys.size() < 240) keys.push_back(static_cast<loss_key>(random.below(90)) - 5);
  for (std::size_t size = 0; size < 140; ++size) {
    std::vector<loss_key> entries(size);
    for (loss_key& entry : entries) entry = 2 * static_cast<loss_key>(random.below(40));
    const gs::sorted_window window = support::window_of(entries);
    std::vector<std::uint32_t> expected;
    for (const loss_key key : keys) expected.push_back(window.view().rank(key));
    for (const auto* wide : support::wide_paths()) {
      std::vector<std::uint32_t> ranks(keys.size());
      wide->ranks(window.view(), keys.data(), keys.size(), ranks.data());
      REQUIRE(ranks == expected);
    }
  }
}
