// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/audit/auditor.hpp>
#include <gradsieve/sieve.hpp>

#include "fuzz/harness.hpp"
#include "support/losses.hpp"

namespace {

namespace gs = gradsieve;

gs::sieve trained(gs::auditor& auditor) {
  gs::sieve sieve({.examples = 40, .history = 8, .refresh = gs::max_age{9}});
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    const auto ids = support::to_vector(sieve.plan(epoch).train());
    sieve.observe(ids, support::random_losses(ids.size(), epoch));
    auditor.end_epoch(sieve);
  }
  return sieve;
}

struct auditor {
  using part = gs::auditor;
  static constexpr auto kind = gs::state_kind::auditor;

  static std::vector<fuzz::twins<part>> objects() {
    part used;
    trained(used);
    return {{part(), used}};
  }

  static void go_on(part& auditor, gs::byte_writer& seen) {
    gs::auditor other;
    const gs::sieve sieve = trained(other);
    const gs::audit_report report = auditor.report(sieve);
    seen.put(report.selective_epochs);
    seen.put(gs::detail::bit_cast<std::uint64_t>(report.drift()));
    seen.put(std::uint64_t{to_string(report).size()});
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<auditor>(); }
