// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Each wide loop against the scalar code it stands for. Selections: select/independent_test.
#include "catch.hpp"

#include <gradsieve/history/loss_ledger.hpp>
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

TEST_CASE("wide: what is ranked for ledger entries, and which of them are old") {
  support::random_source random(1);
  constexpr std::size_t n = 512;
  std::vector<gs::ledger_entry> entries(n);
  for (gs::ledger_entry& entry : entries) {
    entry.visits = static_cast<std::uint32_t>(random());
    switch (random.below(8)) {
      case 0: entry.key = gs::key_never; break;
      case 1: entry.key = gs::key_retired; break;
      case 2: entry.key = gs::key_above; break;
      case 3: entry.key = gs::key_below; break;
      case 4: entry.key = gs::key_always; break;
      default: entry.key = gs::to_key(random.unit() - 0.5f);
    }
  }
  // An epoch beyond the 12 bits that an entry keeps of it, so that ages go round.
  for (const std::uint32_t epoch : {0u, 5u, 4095u, 4096u + 7u, 0xffffffffu}) {
    for (const std::uint32_t least : {0u, 1u, 2000u, 4095u, 4096u}) {
      std::vector<loss_key> expected;
      std::vector<std::uint32_t> expected_old;
      for (std::uint32_t i = 0; i < n; ++i) {
        const gs::ledger_entry& entry = entries[i];
        expected.push_back(entry.has_loss()  ? entry.key
                           : entry.retired() ? gs::key_never
                                             : gs::key_always);
        if (entry.age(epoch) >= least) expected_old.push_back(i);
      }
      for (const auto* wide : support::wide_paths()) {
        std::vector<loss_key> keys(n, 77);
        std::vector<std::uint32_t> old(n, 77);
        const std::size_t count =
            wide->rank_entries(entries.data(), n, epoch, least, keys.data(), old.data());
        old.resize(count);
        CAPTURE(epoch, least, wide->lanes);
        CHECK(keys == expected);
        CHECK(old == expected_old);
      }
    }
  }
}

TEST_CASE("wide: places in a random order, of few examples and of more than 32 bits count") {
  for (const std::uint64_t n : {1ull, 200ull, 257ull, 70'000ull, 100'000'000ull, (1ull << 40) + 1,
                                (1ull << 63) - 1, ~0ull}) {
    const gs::bijection order(n, {.seed = n, .step = 3, .use = gs::purpose::order});
    const std::uint64_t first = n > 1000 ? n - 1000 : 0, count = n - first;
    std::vector<std::int64_t> expected;
    for (std::uint64_t i = first; i < n; ++i) {
      expected.push_back(static_cast<std::int64_t>(order(i)));
    }
    auto paths = support::wide_paths();
    paths.push_back(nullptr);
    for (const auto* wide : paths) {
      std::vector<std::int64_t> places(count, -77);
      gs::detail::places(wide, order, first, count, places.data());
      CAPTURE(n);
      CHECK(places == expected);
    }
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
