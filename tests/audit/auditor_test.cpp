// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/audit/auditor.hpp>

#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

//! Trains by plans whose keep rate falls from one epoch to the next, the first one over everything.
void train(gs::sieve& sieve, gs::auditor& auditor, std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t epoch = first; epoch < last; ++epoch) {
    sieve.set_policy(gs::uniform{1.0 - 0.1 * epoch});
    const auto ids = support::to_vector(sieve.plan(epoch).train());
    sieve.observe(ids, support::random_losses(ids.size(), epoch));
    auditor.end_epoch(sieve);
  }
}

gs::sieve fresh() {
  return gs::sieve({.examples = 2000, .history = 64, .refresh = gs::max_age{100}});
}

}  // namespace

TEST_CASE("auditor: the drift of the keep rate, over selective epochs alone") {
  gs::sieve sieve = fresh();
  gs::auditor auditor;
  CHECK(auditor.report(sieve).selective_epochs == 0);
  train(sieve, auditor, 0, 9);
  const gs::audit_report report = auditor.report(sieve);
  CHECK(report.selective_epochs == 8);
  CHECK(report.first_keep == Approx(0.85).margin(0.03));  // of epochs 1 and 2
  CHECK(report.last_keep == Approx(0.25).margin(0.03));   // of epochs 7 and 8
  CHECK(report.examples == 2000);
  CHECK(report.epoch == 8);
}

TEST_CASE("auditor: its state comes back, damaged and foreign bytes do not") {
  gs::sieve sieve = fresh();
  gs::auditor auditor, resumed;
  train(sieve, auditor, 0, 3);
  resumed.load(auditor.save());
  CHECK(resumed.save() == auditor.save());
  gs::sieve other = sieve;
  train(sieve, auditor, 3, 5);
  train(other, resumed, 3, 5);
  CHECK(resumed.save() == auditor.save());
  CHECK(support::damages_accepted(auditor, auditor.save()) == 0);
  CHECK(support::refuses(auditor, sieve.save()));
  const auto with = [](std::uint64_t kept, std::uint64_t offered, std::uint64_t count) {
    return support::frame(gs::state_kind::auditor, [=](gs::byte_writer& out) {
      for (const std::uint64_t value :
           {std::uint64_t{1}, std::uint64_t{1}, std::uint64_t{1}, kept, count}) {
        out.put(value);
      }
      for (std::uint64_t i = 0; i < count; ++i) out.put(offered);
    });
  };
  CHECK_NOTHROW(auditor.load(with(2, 3, 1)));
  CHECK(support::refuses(auditor, with(3, 3, 1)));
  CHECK(support::refuses(auditor, with(2, 3, 2)));
}

TEST_CASE("auditor: a sieve whose books begin anew is counted from their beginning") {
  gs::sieve sieve = fresh();
  gs::auditor auditor;
  train(sieve, auditor, 0, 4);
  gs::sieve other = fresh();
  train(other, auditor, 0, 2);  // fewer examples than the other one had trained
  const gs::audit_report report = auditor.report(other);
  CHECK(report.selective_epochs == 4);
  CHECK(report.last_keep == Approx(0.9).margin(0.03));
  gs::auditor resumed;
  resumed.load(auditor.save());
  CHECK(resumed.save() == auditor.save());
}
