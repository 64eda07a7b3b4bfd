// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/audit/report.hpp>

#include "catch.hpp"

namespace gs = gradsieve;
using ids = std::vector<std::int64_t>;

namespace {

//! Six examples in epochs 0 to 9: 0 is trained in each, 1 in epochs 0 and 6, 2 only forwarded in
//! epoch 9, 3 never seen, 4 trained in epoch 0, 5 retired.
gs::loss_ledger history() {
  gs::loss_ledger ledger(6);
  const auto train = [&](const ids& which, std::uint32_t epoch) {
    ledger.observe(which, std::vector<float>(which.size(), 1.0f), epoch);
    ledger.select(which);
  };
  for (std::uint32_t epoch = 0; epoch < 10; ++epoch) {
    train({0}, epoch);
    if (epoch == 0 || epoch == 6) train({1}, epoch);
    if (epoch == 0) train({4, 5}, epoch);
  }
  ledger.observe(ids{2}, std::vector<float>{1}, 9);
  ledger.retire(ids{5});
  return ledger;
}

}  // namespace

TEST_CASE("audit: who was selected, how often and when") {
  const gs::audit_report report = gs::audit(history(), 9);
  CHECK(report.examples == 5);
  CHECK(report.retired == 1);
  CHECK(report.unseen == 1);
  CHECK(report.never_selected == 2);
  CHECK(report.always_selected == 1);
  CHECK(report.coverage() == Approx(0.6));
  CHECK(report.effective == Approx(13.0 * 13.0 / (100 + 4 + 1)));
  CHECK(report.ages[0] == 2);  // 0 and 2
  CHECK(report.ages[2] == 1);  // 1, three epochs ago
  CHECK(report.ages[4] == 1);  // 4, nine ago
  std::uint64_t seen = 0;
  for (const std::uint64_t count : report.ages) seen += count;
  CHECK(seen == 4);
}

TEST_CASE("audit: even selections stand for all examples") {
  gs::loss_ledger ledger(50);
  for (std::int64_t id = 0; id < 50; ++id) ledger.select(ids{id, id, id});
  CHECK(gs::audit(ledger, 2).effective == Approx(50));
  CHECK(gs::audit(ledger, 2).always_selected == 50);
  CHECK(gs::audit(ledger, 3).always_selected == 0);
}

TEST_CASE("audit: counters that are full count as always") {
  gs::loss_ledger ledger(1);
  for (int i = 0; i < 2000; ++i) ledger.select(ids{0});
  CHECK(gs::audit(ledger, 1999).always_selected == 1);
}

TEST_CASE("audit: the oldest age has a bin, an empty ledger a report") {
  gs::loss_ledger ledger(1);
  ledger.observe(ids{0}, std::vector<float>{1}, 0);
  CHECK(gs::audit(ledger, 4095).ages[12] == 1);
  const gs::audit_report nothing = gs::audit(gs::loss_ledger(0), 0);
  CHECK(nothing.examples == 0);
  CHECK(nothing.coverage() == Approx(1));
  CHECK(nothing.effective == Approx(0));
  CHECK_FALSE(to_string(nothing).empty());
}

TEST_CASE("audit: the report is a few lines of text") {
  gs::audit_report report = gs::audit(history(), 9);
  CHECK(to_string(report) ==
        "examples                     5  after epoch 9, 1 retired\n"
        "never visited                1    20.0 %\n"
        "never selected               2    40.0 %\n"
        "always selected              1    20.0 %\n"
        "effective size               2    32.2 %\n"
        "age 0                        2    40.0 %\n"
        "age 2 to 3                   1    20.0 %\n"
        "age 8 to 15                  1    20.0 %\n");
  report.selective_epochs = 4;
  report.first_keep = 0.5;
  report.last_keep = 0.25;
  CHECK(report.drift() == Approx(-0.25));
  CHECK(to_string(report).find(
            "keep rate               50.0 % at first, 25.0 % at last, in 4 selective epochs\n") !=
        std::string::npos);
}
