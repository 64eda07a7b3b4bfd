// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/loss_ledger.hpp>

#include <array>
#include <type_traits>
#include <vector>

#include "support/special_values.hpp"
#include "support/windows.hpp"

using gradsieve::ledger_entry;
using gradsieve::loss_key;
using gradsieve::loss_ledger;
using gradsieve::to_key;

namespace {

using ids = std::vector<std::int64_t>;
using losses = std::vector<float>;

//! All that the ledger holds, to see that nothing changed.
std::vector<std::uint64_t> contents(const loss_ledger& ledger) {
  std::vector<std::uint64_t> words(ledger.entries().size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const ledger_entry& entry = ledger.entries()[i];
    words[i] = (std::uint64_t{static_cast<std::uint32_t>(entry.key)} << 32) | entry.visits;
  }
  return words;
}

}  // namespace

TEST_CASE("an example takes 8 bytes and is trivially copyable") {
  STATIC_REQUIRE(sizeof(ledger_entry) == 8);
  STATIC_REQUIRE(std::is_trivially_copyable_v<ledger_entry>);
  CHECK(loss_ledger(10).entries().size() * sizeof(ledger_entry) == 80);
}

TEST_CASE("the bits of an entry: epoch 12, seen 10, selected 10") {
  ledger_entry entry;
  CHECK(entry.key == gradsieve::key_never);
  CHECK(entry.visits == 0);
  entry.visit(to_key(1.5f), 0x123);
  CHECK(entry.key == to_key(1.5f));
  CHECK(entry.visits == (0x123u | 1u << 12));
  entry.visit(to_key(2.5f), 0xabc);
  CHECK(entry.visits == (0xabcu | 2u << 12));
  entry.select();
  entry.select();
  entry.select();
  CHECK(entry.visits == (0xabcu | 2u << 12 | 3u << 22));
  CHECK(entry.epoch() == 0xabc);
  CHECK(entry.seen() == 2);
  CHECK(entry.selected() == 3);
  CHECK(entry.loss() == 2.5f);
}

TEST_CASE("visits and selections saturate at 1023 and leave their neighbours alone") {
  ledger_entry entry;
  for (std::uint32_t i = 0; i < 1500; ++i) {
    entry.visit(to_key(1.0f), 4095);
    CHECK(entry.seen() == std::min(i + 1, 1023u));
  }
  CHECK(entry.selected() == 0);
  CHECK(entry.epoch() == 4095);
  for (std::uint32_t i = 0; i < 1500; ++i) {
    entry.select();
    CHECK(entry.selected() == std::min(i + 1, 1023u));
  }
  CHECK(entry.visits == 0xffffffffu);
  entry.visit(to_key(1.0f), 0);
  CHECK(entry.visits == 0xfffff000u);
}

TEST_CASE("epochs and ages are modulo 4096") {
  loss_ledger ledger(2);
  ledger.observe(ids{0}, losses{1}, 4096 + 5);
  CHECK(ledger.at(0).epoch() == 5);
  CHECK(ledger.at(0).seen() == 1);  // the epoch's upper bits do not spill into the counter
  CHECK(ledger.age(0, 4096 + 5) == 0);
  CHECK(ledger.age(0, 4096 + 12) == 7);
  CHECK(ledger.age(0, 5) == 0);
  CHECK(ledger.age(0, 8192 + 4) == 4095);
  ledger.observe(ids{1}, losses{1}, 4095);
  CHECK(ledger.age(1, 4096) == 1);
  CHECK(ledger.age(1, 4100) == 5);
}

TEST_CASE("ages belong to their ids, whatever the order of the batch") {
  loss_ledger ledger(5);
  ledger.observe(ids{4, 0, 2}, losses{.4f, 0, .2f}, 3);
  ledger.observe(ids{2, 1}, losses{.25f, .1f}, 5);
  const std::vector<std::uint32_t> ages{ledger.age(0, 6), ledger.age(1, 6), ledger.age(2, 6),
                                        ledger.age(4, 6)};
  CHECK(ages == std::vector<std::uint32_t>{3, 1, 1, 3});
  CHECK(ledger.at(0).loss() == 0.0f);
  CHECK(ledger.at(1).loss() == .1f);
  CHECK(ledger.at(2).loss() == .25f);
  CHECK_FALSE(ledger.at(3).has_loss());
  CHECK(ledger.at(4).loss() == .4f);
}

TEST_CASE("unseen examples have no loss, no visit, no selection") {
  loss_ledger ledger(3);
  CHECK(ledger.size() == 3);
  for (std::int64_t id = 0; id < 3; ++id) {
    CHECK_FALSE(ledger.at(id).has_loss());
    CHECK(ledger.at(id).seen() == 0);
    CHECK(ledger.at(id).selected() == 0);
  }
  CHECK(loss_ledger().size() == 0);
}

TEST_CASE("of duplicate ids in a batch the last writer wins, and each is a visit") {
  loss_ledger ledger(3);
  ledger.observe(ids{1, 2, 1, 1}, losses{5, 6, 7, 4}, 9);
  CHECK(ledger.at(1).loss() == 4.0f);
  CHECK(ledger.at(1).seen() == 3);
  CHECK(ledger.at(2).seen() == 1);
  CHECK(ledger.at(0).seen() == 0);
  // A NaN that comes last does not win.
  ledger.observe(ids{2, 2}, losses{8, support::nan_f()}, 10);
  CHECK(ledger.at(2).loss() == 8.0f);
  CHECK(ledger.at(2).seen() == 3);
  ledger.select(ids{1, 1, 2});
  CHECK(ledger.at(1).selected() == 2);
  CHECK(ledger.at(2).selected() == 1);
}

TEST_CASE("a NaN never enters the ledger but counts as a visit") {
  loss_ledger ledger(4);
  ledger.observe(ids{0, 1, 2, 3},
                 losses{support::nan_f(), support::infinity_f(), support::negative_infinity_f(),
                        support::float_of(0xffffffffu)},
                 2);
  for (std::int64_t id = 0; id < 4; ++id) {
    CHECK_FALSE(ledger.at(id).has_loss());
    CHECK(ledger.at(id).seen() == 1);
    CHECK(ledger.age(id, 3) == 1);
  }
  ledger.observe(ids{0}, losses{1}, 3);
  ledger.observe(ids{0}, losses{support::nan_f()}, 4);
  CHECK(ledger.at(0).loss() == 1.0f);
  CHECK(ledger.at(0).seen() == 3);
  CHECK(ledger.age(0, 4) == 0);
}

TEST_CASE("bad ids and sizes leave everything as it was") {
  loss_ledger ledger(4);
  ledger.observe(ids{0, 1, 2, 3}, losses{1, 2, 3, 4}, 1);
  const auto before = contents(ledger);
  REQUIRE_THROWS_WITH(ledger.observe(ids{0, 4}, losses{9, 9}, 2), contains("4"));
  REQUIRE_THROWS_AS(ledger.observe(ids{0, 4}, losses{9, 9}, 2), gradsieve::out_of_range);
  REQUIRE_THROWS_WITH(ledger.observe(ids{0, 1, -7}, losses{9, 9, 9}, 2), contains("-7"));
  REQUIRE_THROWS_AS(ledger.observe(ids{0, 1}, losses{9}, 2), gradsieve::invalid_argument);
  REQUIRE_THROWS_WITH(ledger.observe(ids{0, 1, 2}, losses{9}, 2),
                      contains("3 ids") && contains("1 losses"));
  REQUIRE_THROWS_AS(ledger.observe(ids{}, losses{9}, 2), gradsieve::invalid_argument);
  const std::vector<loss_key> keys{1, 2};
  REQUIRE_THROWS_AS(ledger.observe_keys(ids{1, 99}, keys, 2), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.observe_keys(ids{1}, keys, 2), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(ledger.select(ids{0, 1, 4}), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.set_loss(4, 1.0f), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.set_loss(-1, 1.0f), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.set_loss(0, support::nan_f()), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(ledger.set_loss(0, support::infinity_d()), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(ledger.at(4), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.at(-1), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.age(4, 0), gradsieve::out_of_range);
  REQUIRE_THROWS_AS(ledger.grow(3), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(loss_ledger(-1), gradsieve::invalid_argument);
  // An unsigned id beyond int64 is not a negative one in disguise.
  REQUIRE_THROWS_AS(ledger.select(std::vector<std::uint64_t>{~std::uint64_t{0}}),
                    gradsieve::out_of_range);
  CHECK(contents(ledger) == before);
  CHECK(ledger.size() == 4);
}

TEST_CASE("a ledger grows, keeps what it knows, and never shrinks") {
  loss_ledger ledger(2);
  ledger.observe(ids{1}, losses{.5f}, 7);
  ledger.grow(5);
  CHECK(ledger.size() == 5);
  CHECK(ledger.at(1).loss() == .5f);
  CHECK(ledger.at(1).seen() == 1);
  CHECK_FALSE(ledger.at(4).has_loss());
  ledger.observe(ids{4}, losses{.25f}, 8);
  CHECK(ledger.at(4).loss() == .25f);
  ledger.grow(5);
  CHECK(ledger.size() == 5);
}

TEST_CASE("a loss that is set counts no visit") {
  loss_ledger ledger(3);
  ledger.observe(ids{0}, losses{1}, 6);
  ledger.set_loss(0, 2.0f);
  ledger.set_loss(1, -3.0);
  CHECK(ledger.at(0).loss() == 2.0f);
  CHECK(ledger.at(0).seen() == 1);
  CHECK(ledger.at(0).epoch() == 6);
  CHECK(ledger.at(1).has_loss());
  CHECK(ledger.at(1).loss() == -3.0f);
  CHECK(ledger.at(1).seen() == 0);
}

TEST_CASE("ids of any integer type and losses of any floating type") {
  loss_ledger ledger(8);
  const std::array<std::uint8_t, 2> small{0, 1};
  const std::vector<std::int32_t> medium{2, 3};
  const std::span<const std::uint64_t> none;
  ledger.observe(std::span<const std::uint8_t>(small), std::vector<double>{.5, .25}, 1);
  ledger.observe(medium, std::vector<gradsieve::float16_bits>{{0x3c00}, {0x4000}}, 1);
  ledger.observe(none, losses{}, 1);
  CHECK(ledger.at(0).loss() == .5f);
  CHECK(ledger.at(1).loss() == .25f);
  CHECK(ledger.at(2).loss() == 1.0f);
  CHECK(ledger.at(3).loss() == 2.0f);
}

TEST_CASE("ids are never cast to a float: 2^24 + 1") {
  const std::int64_t id = (std::int64_t{1} << 24) + 1;
  loss_ledger ledger(id + 2);
  ledger.observe(ids{id}, losses{.75f}, 1);
  CHECK(ledger.at(id).loss() == .75f);
  CHECK_FALSE(ledger.at(id - 1).has_loss());
  CHECK_FALSE(ledger.at(id + 1).has_loss());
  ledger.select(ids{id});
  CHECK(ledger.at(id).selected() == 1);
  CHECK(ledger.at(id - 1).selected() == 0);
}

TEST_CASE("a billion examples fit into 8 GB, and every count of them has 64 bits") {
  STATIC_REQUIRE(sizeof(ledger_entry) * 1'000'000'000u <= 8'000'000'000u);
  STATIC_REQUIRE(std::is_same_v<decltype(loss_ledger().size()), std::int64_t>);
  STATIC_REQUIRE(sizeof(loss_ledger().entries().size()) == 8);
}

TEST_CASE("an id of which 32 bits would be in the ledger is outside of it") {
  const std::int64_t two_32 = std::int64_t{1} << 32;
  loss_ledger ledger(2);
  for (const std::int64_t id : {two_32, two_32 + 1, 1 - two_32}) {
    CHECK_THROWS_AS(ledger.at(id), gradsieve::out_of_range);
    CHECK_THROWS_AS(ledger.observe(ids{id}, losses{.5f}, 1), gradsieve::out_of_range);
    CHECK_THROWS_AS(ledger.select(ids{0, id}), gradsieve::out_of_range);
    CHECK_THROWS_AS(ledger.set_loss(id, .5f), gradsieve::out_of_range);
    CHECK_THROWS_AS(ledger.compacted(ids{id}), gradsieve::out_of_range);
  }
  CHECK(ledger.at(0).seen() + ledger.at(0).selected() + ledger.at(1).seen() == 0);
}

TEST_CASE("the quantiles of a ledger without losses are not written") {
  const loss_ledger ledger(4);
  gradsieve::key_quantiles workspace;
  std::vector<loss_key> out(2, 77);
  CHECK(ledger.quantiles(out, workspace) == 0);
  CHECK(out == std::vector<loss_key>{77, 77});
}

TEST_CASE("quantiles of a ledger leave out what has no loss") {
  loss_ledger ledger(10);
  gradsieve::key_quantiles workspace;
  std::vector<loss_key> out(2, 5);
  CHECK(ledger.quantiles(out, workspace) == 0);
  CHECK(out == std::vector<loss_key>{5, 5});
  ledger.observe(ids{7, 2, 9, 0}, losses{3, 1, 4, 2}, 1);
  CHECK(ledger.quantiles(out, workspace) == 4);
  CHECK(out == support::keys_of({2, 4}));
  out.resize(4);
  CHECK(ledger.quantiles(out, workspace) == 4);
  CHECK(out == support::keys_of({1, 2, 3, 4}));
}
