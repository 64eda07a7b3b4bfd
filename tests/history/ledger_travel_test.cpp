// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ledgers that merge and shrink.
#include <gradsieve/history/loss_ledger.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

using ids = std::vector<std::int64_t>;

void observe(gs::loss_ledger& ledger, std::int64_t id, float loss, std::uint32_t epoch) {
  ledger.observe(ids{id}, std::vector{loss}, epoch);
}

}  // namespace

TEST_CASE("merge: each example's entry is the one visited last") {
  gs::loss_ledger ours(4), theirs(4);
  observe(ours, 0, 1.0f, 7);
  observe(theirs, 0, 2.0f, 9);
  observe(ours, 1, 3.0f, 8);
  observe(theirs, 1, 4.0f, 6);
  observe(ours, 2, 5.0f, 8);
  observe(theirs, 2, 6.0f, 8);
  ours.merge(theirs, 10);
  CHECK(ours.at(0).loss() == Approx(2));
  CHECK(ours.at(0).epoch() == 9);
  CHECK(ours.at(1).loss() == Approx(3));
  CHECK(ours.at(1).epoch() == 8);
  CHECK(ours.at(2).loss() == Approx(5));  // both at once: ours
  CHECK(ours.at(3).seen() == 0);
}

TEST_CASE("merge: a loss that was only set is earlier than any visit") {
  gs::loss_ledger set(2), visited(2);
  set.set_loss(0, 1.0f);
  set.set_loss(1, 2.0f);
  observe(visited, 0, 3.0f, 0);
  gs::loss_ledger ours = set;
  ours.merge(visited, 0);
  CHECK(ours.at(0).loss() == Approx(3));
  CHECK(ours.at(1).loss() == Approx(2));
  ours = visited;
  ours.merge(set, 0);
  CHECK(ours.at(0).loss() == Approx(3));
  CHECK(ours.at(1).loss() == Approx(2));  // which was not known
}

TEST_CASE("merge: visits and selections are the larger of the two counts") {
  gs::loss_ledger ours(2), theirs(2);
  for (std::uint32_t i = 0; i < 5; ++i) observe(ours, 0, 1.0f, 1);
  for (std::uint32_t i = 0; i < 3; ++i) observe(theirs, 0, 2.0f, 2);
  ours.select(ids{0});
  theirs.select(ids{0, 0, 0});
  ours.merge(theirs, 2);
  CHECK(ours.at(0).seen() == 5);
  CHECK(ours.at(0).selected() == 3);
  CHECK(ours.at(0).loss() == Approx(2));

  for (std::uint32_t i = 0; i < 1100; ++i) observe(theirs, 1, 1.0f, 4095);
  ours.merge(theirs, 4095);
  CHECK(ours.at(1).seen() == 1023);
  CHECK(ours.at(1).epoch() == 4095);
  CHECK(ours.at(1).selected() == 0);
}

TEST_CASE("merge: ages are modulo 4096, so epoch 2 is later than epoch 4095") {
  gs::loss_ledger ours(2), theirs(2);
  observe(ours, 0, 1.0f, 4095);
  observe(theirs, 0, 2.0f, 4096 + 2);
  observe(ours, 1, 3.0f, 4096 + 1);
  observe(theirs, 1, 4.0f, 4094);
  ours.merge(theirs, 4096 + 3);
  CHECK(ours.at(0).loss() == Approx(2));
  CHECK(ours.at(0).epoch() == 2);
  CHECK(ours.at(1).loss() == Approx(3));
  CHECK(ours.at(1).epoch() == 1);
}

TEST_CASE("merge: an example that one side never saw is the other's") {
  gs::loss_ledger ours(3), theirs(3);
  observe(ours, 0, 1.0f, 0);
  observe(theirs, 1, 2.0f, 0);
  // At epoch 3, an unseen entry looks as if it were visited in epoch 0.
  gs::loss_ledger copy = ours;
  ours.merge(theirs, 3);
  theirs.merge(copy, 3);
  for (const gs::loss_ledger* merged : {&ours, &theirs}) {
    CHECK(merged->at(0).loss() == Approx(1));
    CHECK(merged->at(1).loss() == Approx(2));
    CHECK(merged->at(0).seen() == 1);
    CHECK(merged->at(1).seen() == 1);
    CHECK_FALSE(merged->at(2).has_loss());
    CHECK(merged->at(2).seen() == 0);
  }
}

TEST_CASE("merge: a visit without a finite loss brings its epoch and leaves the known loss") {
  gs::loss_ledger ours(2), theirs(2);
  observe(ours, 0, 1.0f, 3);
  observe(theirs, 0, support::nan_f(), 5);
  observe(ours, 1, support::nan_f(), 5);
  observe(theirs, 1, 2.0f, 3);
  ours.merge(theirs, 6);
  CHECK(ours.at(0).loss() == Approx(1));
  CHECK(ours.at(0).epoch() == 5);
  CHECK(ours.at(1).loss() == Approx(2));
  CHECK(ours.at(1).epoch() == 5);
}

TEST_CASE("merge: a loss that was set without a visit is known, too") {
  gs::loss_ledger ours(2), theirs(2);
  theirs.set_loss(0, 2.5f);
  ours.set_loss(1, 1.5f);
  observe(theirs, 1, 4.0f, 1);
  ours.merge(theirs, 1);
  CHECK(ours.at(0).loss() == Approx(2.5));
  CHECK(ours.at(0).seen() == 0);
  CHECK(ours.at(1).loss() == Approx(4));
}

TEST_CASE("merge: workers on disjoint shares give what one worker alone would") {
  gs::loss_ledger whole(30), a(30), b(30);
  for (std::uint32_t epoch = 0; epoch < 6; ++epoch) {
    for (std::int64_t id = 0; id < 30; ++id) {
      const float loss = static_cast<float>(id) + static_cast<float>(epoch) / 16;
      observe(whole, id, loss, epoch);
      observe((id + epoch) % 2 == 0 ? a : b, id, loss, epoch);
    }
    // Every epoch both tell each other; then both know the same.
    const gs::loss_ledger before = a;
    a.merge(b, epoch);
    b.merge(before, epoch);
    REQUIRE(a.save() == b.save());
    for (std::int64_t id = 0; id < 30; ++id) {
      REQUIRE(a.at(id).key == whole.at(id).key);
      REQUIRE(a.at(id).visits == whole.at(id).visits);
    }
  }
}

TEST_CASE("merge: with itself, and with a ledger that saw nothing, changes nothing") {
  gs::loss_ledger ledger(3);
  observe(ledger, 1, 1.0f, 4);
  ledger.select(ids{1});
  const auto before = ledger.save();
  ledger.merge(ledger, 5);
  CHECK(ledger.save() == before);
  ledger.merge(gs::loss_ledger(3), 5);
  CHECK(ledger.save() == before);
}

TEST_CASE("merge: ledgers of other sizes are refused with both") {
  gs::loss_ledger ledger(3);
  CHECK_THROWS_AS(ledger.merge(gs::loss_ledger(4), 0), gs::invalid_argument);
  CHECK_THROWS_WITH(ledger.merge(gs::loss_ledger(4), 0), contains("4") && contains("3"));
}

TEST_CASE("compacted: the examples given, in the order given, the ledger untouched") {
  gs::loss_ledger ledger(5);
  for (std::int64_t id = 0; id < 5; ++id) observe(ledger, id, static_cast<float>(id), 2);
  ledger.select(ids{3});
  const auto before = ledger.save();
  const gs::loss_ledger small = ledger.compacted(ids{3, 0, 3});
  REQUIRE(small.size() == 3);
  CHECK(small.at(0).loss() == Approx(3));
  CHECK(small.at(0).selected() == 1);
  CHECK(small.at(1).loss() == Approx(0));
  CHECK(small.at(2).visits == ledger.at(3).visits);
  CHECK(ledger.save() == before);
  CHECK(ledger.compacted(ids{}).size() == 0);
  CHECK(ledger.compacted(std::vector<std::uint8_t>{4}).at(0).loss() == Approx(4));
}

TEST_CASE("compacted: an id outside of the ledger is refused") {
  const gs::loss_ledger ledger(5);
  CHECK_THROWS_AS(ledger.compacted(ids{0, 5}), gs::out_of_range);
  CHECK_THROWS_WITH(ledger.compacted(ids{0, -1}), contains("-1"));
}

TEST_CASE("compacted: ids never go through a float: 2^24 + 1") {
  gs::loss_ledger ledger((std::int64_t{1} << 24) + 2);
  observe(ledger, 16777216, 1.0f, 1);
  observe(ledger, 16777217, 2.0f, 1);
  const gs::loss_ledger small = ledger.compacted(ids{16777217, 16777216});
  CHECK(small.at(0).loss() == Approx(2));
  CHECK(small.at(1).loss() == Approx(1));
}
