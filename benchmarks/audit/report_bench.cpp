// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A report over a ledger: against a pass for each of its numbers, and against one read.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"

#include <gradsieve/audit/report.hpp>

namespace {

constexpr std::uint32_t epochs = 8;

//! Examples of which a third are selected on each visit, some are retired, and some never seen.
gradsieve::loss_ledger trained(std::size_t n) {
  gradsieve::loss_ledger ledger(static_cast<std::int64_t>(n));
  for (int visit = 0; visit < 2; ++visit) bench::fill(ledger, epochs);
  std::vector<std::int64_t> chosen, gone;
  for (std::size_t id = 0; id < n; ++id) {
    if (bench::word_at(id) % 3 == 0) chosen.push_back(static_cast<std::int64_t>(id));
    if (bench::word_at(id) % 64 == 1) gone.push_back(static_cast<std::int64_t>(id));
  }
  ledger.select(chosen);
  ledger.retire(gone);
  ledger.grow(static_cast<std::int64_t>(n + n / 8));
  return ledger;
}

gradsieve::audit_report pass_for_each(const gradsieve::loss_ledger& ledger, std::uint32_t epoch) {
  const gradsieve::ledger_view entries = ledger.entries();
  const auto count = [&](auto holds) {
    return static_cast<std::uint64_t>(
        std::count_if(entries.begin(), entries.end(),
                      [&](const gradsieve::ledger_entry& e) { return !e.retired() && holds(e); }));
  };
  gradsieve::audit_report report{.epoch = epoch};
  report.examples = count([](const auto&) { return true; });
  report.retired = entries.size() - report.examples;
  report.unseen = count([](const auto& e) { return e.seen() == 0; });
  report.never_selected = count([](const auto& e) { return e.selected() == 0; });
  report.always_selected = count([=](const auto& e) { return e.selected() >= epoch + 1; });
  for (std::uint32_t bin = 0; bin < report.ages.size(); ++bin) {
    report.ages[bin] = count([=](const auto& e) {
      return e.seen() != 0 && static_cast<std::uint32_t>(std::bit_width(e.age(epoch))) == bin;
    });
  }
  double sum = 0, squares = 0;
  for (const auto& e : entries) {
    if (e.retired()) continue;
    sum += e.selected();
    squares += static_cast<double>(e.selected()) * e.selected();
  }
  report.effective = squares == 0 ? 0 : sum * sum / squares;
  return report;
}

template <class Report>
void audit(benchmark::State& state, std::size_t n, Report report_on) {
  const auto ledger = trained(n);
  const auto examples = static_cast<double>(ledger.size());
  gradsieve::audit_report report;
  double read = 0;
  for (auto _ : state) {
    report = report_on(ledger, epochs);
    benchmark::DoNotOptimize(report);
    read += examples;
  }
  bench::per_example(state, read);
  if (to_string(report) != to_string(pass_for_each(ledger, epochs))) {
    bench::fail(state, "another report than by a pass for each number");
  }
}

const bench::suite all([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {60'000, 1'000'000}, 64)) {
    bench::add("audit", "gradsieve", {{"N", n}},
               [n](benchmark::State& s) { audit(s, n, &gradsieve::audit); });
    bench::add("audit", "read_once", {{"N", n}},
               [n](benchmark::State& s) { bench::read_once(s, n); });
    bench::add("audit", "pass_for_each", {{"N", n}},
               [n](benchmark::State& s) { audit(s, n, &pass_for_each); });
  }
});

}  // namespace
