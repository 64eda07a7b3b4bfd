// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Follows a sieve from epoch to epoch, for what its ledger alone does not tell.
#pragma once

#include <gradsieve/audit/report.hpp>
#include <gradsieve/sieve/work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Remembers each epoch's keep rate, 16 bytes an epoch, and writes an `audit_report`.
//!
//!     gradsieve::auditor auditor;
//!     … auditor.end_epoch(sieve);                           // after each epoch
//!     std::puts(to_string(auditor.report(sieve)).c_str());  // whenever
class auditor {
 public:
  //! Closes an epoch: what the sieve skipped and trained since the last call. O(1).
  template <class Sieve>
  void end_epoch(const Sieve& of) {
    const work_counters now = of.work();
    const std::uint64_t trained = since(trained_, now.backwards);
    const std::uint64_t skipped = since(skipped_, now.skipped);
    trained_ = now.backwards;
    skipped_ = now.skipped;
    if (skipped == 0) return;  // no choice was made
    kept_.push_back(trained);
    offered_.push_back(trained + skipped);
  }

  //! O(examples).
  template <class Sieve>
  audit_report report(const Sieve& of) const {
    audit_report result = audit(of.ledger(), of.epoch());
    result.selective_epochs = static_cast<std::uint32_t>(kept_.size());
    if (kept_.empty()) return result;
    const std::size_t quarter = (kept_.size() + 3) / 4;
    result.first_keep = keep(0, quarter);
    result.last_keep = keep(kept_.size() - quarter, quarter);
    return result;
  }

  //! @name State
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::auditor, *this);
  }
  //! @throws state_error for other bytes; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::auditor, *this, bytes); }
  void write(byte_writer& out) const {
    out.put(trained_);
    out.put(skipped_);
    out.put(kept_.view());
    out.put(offered_.view());
  }
  void read(byte_reader& in) {
    auditor fresh;
    fresh.trained_ = in.get<std::uint64_t>();
    fresh.skipped_ = in.get<std::uint64_t>();
    fresh.kept_ = in.list<std::uint64_t>("examples kept");
    fresh.offered_ = in.list<std::uint64_t>("examples offered");
    bool sound = fresh.kept_.size() == fresh.offered_.size();
    for (std::size_t i = 0; sound && i < fresh.kept_.size(); ++i) {
      sound = fresh.kept_[i] < fresh.offered_[i];
    }
    if (!sound) {
      detail::fail<state_error>("state: not the keep rates of epochs, ", fresh.kept_.size(),
                                " kept and ", fresh.offered_.size(), " offered");
    }
    *this = std::move(fresh);
  }
  //! @}

 private:
  //! Counters that fell are another sieve's, whose books begin at 0.
  static std::uint64_t since(std::uint64_t before, std::uint64_t now) {
    return now < before ? now : now - before;
  }

  double keep(std::size_t first, std::size_t count) const {
    std::uint64_t kept = 0, offered = 0;
    for (std::size_t i = first; i < first + count; ++i) {
      kept += kept_[i];
      offered += offered_[i];
    }
    return static_cast<double>(kept) / static_cast<double>(offered);
  }

  std::uint64_t trained_ = 0, skipped_ = 0;       // the sieve's counters at the last call
  detail::buffer<std::uint64_t> kept_, offered_;  // of each selective epoch
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
