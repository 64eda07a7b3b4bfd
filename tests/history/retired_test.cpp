// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Examples that were taken out of a ledger for good.
#include <gradsieve/history/loss_ledger.hpp>

#include <vector>

#include "catch.hpp"
#include "support/special_values.hpp"

using gradsieve::loss_ledger;
using ids = std::vector<std::int64_t>;
using floats = std::vector<float>;

TEST_CASE("a retired example has no loss, and none brings it back") {
  loss_ledger ledger(4);
  ledger.observe(ids{0, 1, 2}, floats{1, 2, 3}, 0);
  ledger.retire(ids{1, 3});
  CHECK(ledger.retired() == 2);
  CHECK(ledger.at(1).retired());
  CHECK_FALSE(ledger.at(1).has_loss());
  CHECK_FALSE(ledger.at(0).retired());
  CHECK_FALSE(gradsieve::is_finite(gradsieve::key_retired));
  ledger.observe(ids{1, 3}, floats{5, support::nan_f()}, 2);
  ledger.set_loss(1, 7.0f);
  CHECK(ledger.at(1).retired());
  CHECK(ledger.at(3).retired());
  CHECK(ledger.at(1).seen() == 2);  // the visit counts
  CHECK(ledger.at(1).epoch() == 2);
  ledger.retire(ids{1});
  CHECK(ledger.retired() == 2);
}

TEST_CASE("a retired example is in no quantile") {
  loss_ledger ledger(3);
  ledger.observe(ids{0, 1, 2}, floats{1, 2, 3}, 0);
  ledger.retire(ids{2});
  gradsieve::key_quantiles workspace;
  std::vector<gradsieve::loss_key> out(2);
  CHECK(ledger.quantiles(out, workspace) == 2);
  CHECK(gradsieve::to_loss(out[1]) == 2.0f);
}

TEST_CASE("retiring an id outside of the ledger changes nothing") {
  loss_ledger ledger(3);
  CHECK_THROWS_AS(ledger.retire(ids{0, 3}), gradsieve::out_of_range);
  CHECK_THROWS_AS(ledger.retire(ids{-1}), gradsieve::out_of_range);
  CHECK(ledger.retired() == 0);
}

TEST_CASE("what one worker retired is retired after a merge, whoever saw it last") {
  loss_ledger ours(3), theirs(3);
  ours.observe(ids{0, 1}, floats{1, 1}, 5);
  theirs.observe(ids{0, 1, 2}, floats{2, 2, 2}, 3);
  theirs.retire(ids{0});
  ours.retire(ids{2});
  ours.merge(theirs, 5);
  CHECK(ours.at(0).retired());
  CHECK(ours.at(1).loss() == 1.0f);
  CHECK(ours.at(2).retired());
  CHECK(ours.retired() == 2);
}

TEST_CASE("retired examples survive saving, growth and compaction") {
  loss_ledger ledger(3);
  ledger.observe(ids{0, 1, 2}, floats{1, 2, 3}, 0);
  ledger.retire(ids{1});
  ledger.grow(5);
  CHECK(ledger.retired() == 1);
  loss_ledger again(5);
  again.load(ledger.save());
  CHECK(again.retired() == 1);
  CHECK(again.at(1).retired());
  CHECK(ledger.compacted(ids{2, 1}).retired() == 1);
  CHECK(ledger.compacted(ids{2, 0}).retired() == 0);
}
