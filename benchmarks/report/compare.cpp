// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compare.hpp"

#include <algorithm>

#include "report_text.hpp"

namespace bench_report {
namespace {

constexpr double threshold = 1.05;
constexpr int least_repetitions = 5;

bool is_timed_by_hand(const entry& e) { return e.task == "include" || e.task == "training"; }

std::string name(const entry& e) { return e.build + '/' + e.task + '/' + e.problem; }

void add_rows(report::table& table, const std::vector<change>& changes) {
  for (const change& c : changes) {
    table.rows.push_back({name(*c.now), report::significant(1e9 * c.before->median, 3),
                          report::significant(1e9 * c.now->median, 3),
                          report::fixed(c.factor, 2) + "x"});
  }
}

}  // namespace

comparison compare(const results& before, const results& now) {
  std::vector<change> ours;
  std::vector<double> rivals;
  for (const entry& e : now.entries) {
    const entry* old = before.find(e.build, e.task, e.who, e.problem);
    if (old == nullptr || is_timed_by_hand(e)) continue;
    if (std::min(old->repetitions, e.repetitions) < least_repetitions) {
      throw failure("a comparison needs 5 repetitions, " + e.task + " has " +
                    std::to_string(std::min(old->repetitions, e.repetitions)));
    }
    const double factor = e.median / old->median;
    if (e.who == self) {
      ours.push_back({old, &e, factor});
    } else {
      rivals.push_back(factor);
    }
  }
  if (ours.empty()) throw failure("the two runs have no benchmark in common");

  comparison result{.compared = ours.size(), .missing = {}, .slower = {}, .faster = {}};
  for (const entry& e : before.entries) {
    if (e.who != self || is_timed_by_hand(e)) continue;
    if (now.find(e.build, e.task, e.who, e.problem) == nullptr) result.missing.push_back(&e);
  }
  if (!rivals.empty()) {
    const auto middle = rivals.begin() + static_cast<std::ptrdiff_t>(rivals.size() / 2);
    std::nth_element(rivals.begin(), middle, rivals.end());
    result.drift = *middle;
  }
  for (change c : ours) {
    c.factor /= result.drift;
    if (c.factor > threshold && c.now->least > c.before->most * result.drift) {
      result.slower.push_back(c);
    }
    if (c.factor < 1 / threshold && c.now->most < c.before->least * result.drift) {
      result.faster.push_back(c);
    }
  }
  const auto larger = [](const change& a, const change& b) { return a.factor > b.factor; };
  std::sort(result.slower.begin(), result.slower.end(), larger);
  std::sort(result.faster.rbegin(), result.faster.rend(), larger);
  return result;
}

std::string describe(const comparison& what) {
  std::string text;
  if (!what.missing.empty()) {
    text = std::to_string(what.missing.size()) + " of the baseline were not run, the first is " +
           name(*what.missing.front()) + ".\n";
  }
  for (const auto* changes : {&what.faster, &what.slower}) {
    if (changes->empty()) continue;
    report::table table{
        {{changes == &what.slower ? "slower" : "faster", "ns before", "ns now", "factor"}}};
    add_rows(table, *changes);
    text += table.text() + "\n";
  }
  return text + std::to_string(what.slower.size()) + " of " + std::to_string(what.compared) +
         " got slower, " + std::to_string(what.faster.size()) +
         " faster, beyond noise; the rivals, whose code is the same, took " +
         report::fixed(what.drift, 2) + "x as long, which is taken out.\n";
}

}  // namespace bench_report
