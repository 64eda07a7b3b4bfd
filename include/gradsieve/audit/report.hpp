// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Who was selected and who was not: what a ledger tells of a training.
#pragma once

#include <gradsieve/audit/text.hpp>
#include <gradsieve/history/loss_ledger.hpp>

#include <array>
#include <bit>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A ledger in a few numbers. Counts of selections saturate at 1023 (`ledger_entry`).
struct audit_report {
  static constexpr std::size_t age_bins = 13;

  std::uint32_t epoch = 0;
  std::uint64_t examples = 0;  //!< all but the retired
  std::uint64_t retired = 0;
  std::uint64_t unseen = 0;           //!< never visited
  std::uint64_t never_selected = 0;   //!< never trained, the unseen included
  std::uint64_t always_selected = 0;  //!< trained as often as there were epochs
  //! Examples that as even a choice would stand for: (sum of selections)^2 / sum of squares.
  double effective = 0;
  //! Examples by the epochs since their last visit: 0, 1, 2–3, 4–7, …, 2048–4095. The unseen are
  //! left out.
  std::array<std::uint64_t, age_bins> ages{};
  //! @name Filled in by an `auditor`
  //! Shares of the examples offered that were trained, in the first and last quarter (at least one)
  //! of the selective epochs.
  //! @{
  std::uint32_t selective_epochs = 0;
  double first_keep = 1, last_keep = 1;
  //! @}

  //! The share of the examples that was trained at least once.
  double coverage() const {
    return examples == 0
               ? 1
               : static_cast<double>(examples - never_selected) / static_cast<double>(examples);
  }
  double drift() const { return last_keep - first_keep; }
};

//! Reads a ledger as of `epoch`, the last one trained, counted from 0. One pass, O(examples), no
//! memory.
inline audit_report audit(const loss_ledger& ledger, std::uint32_t epoch) {
  audit_report report{.epoch = epoch};
  std::uint64_t sum = 0, squares = 0;
  const std::uint32_t every = epoch < ledger_entry::most ? epoch + 1 : ledger_entry::most;
  for (const ledger_entry& entry : ledger.entries()) {
    if (entry.retired()) {
      ++report.retired;
      continue;
    }
    ++report.examples;
    const std::uint64_t selected = entry.selected();
    sum += selected;
    squares += selected * selected;
    report.never_selected += std::uint64_t{selected == 0};
    report.always_selected += std::uint64_t{selected >= every};
    if (entry.seen() == 0) {
      ++report.unseen;
    } else {
      ++report.ages[static_cast<std::size_t>(std::bit_width(entry.age(epoch)))];
    }
  }
  if (squares != 0) {
    report.effective =
        static_cast<double>(sum) * static_cast<double>(sum) / static_cast<double>(squares);
  }
  return report;
}

//! The report as a few lines of text.
inline std::string to_string(const audit_report& report) {
  using detail::column, detail::percent;
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value,
                        const std::string& more = {}) {
    text += column(name, -18) + column(value, 12) + more + "\n";
  };
  const auto of_all = [&](double n) {
    return column(percent(report.examples == 0 ? 0 : n / static_cast<double>(report.examples)), 10);
  };
  const auto count = [&](const std::string& name, std::uint64_t n) {
    line(name, std::to_string(n), of_all(static_cast<double>(n)));
  };
  line("examples", std::to_string(report.examples),
       "  after epoch " + std::to_string(report.epoch) + ", " + std::to_string(report.retired) +
           " retired");
  count("never visited", report.unseen);
  count("never selected", report.never_selected);
  count("always selected", report.always_selected);
  line("effective size", detail::fixed(report.effective, 0), of_all(report.effective));
  if (report.selective_epochs != 0) {
    line("keep rate", percent(report.first_keep),
         " at first, " + percent(report.last_keep) + " at last, in " +
             std::to_string(report.selective_epochs) + " selective epochs");
  }
  for (std::size_t bin = 0; bin < report.ages.size(); ++bin) {
    const std::uint32_t first = bin == 0 ? 0 : 1u << (bin - 1),
                        last = bin == 0 ? 0 : (1u << bin) - 1;
    std::string name = "age " + std::to_string(first);
    if (last != first) name += " to " + std::to_string(last);
    if (report.ages[bin] != 0) count(name, report.ages[bin]);
  }
  return text;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
