// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Statistics of a sieve's decisions: of the losses offered, selected and skipped.
#pragma once

#include <gradsieve/boost/running.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/state/frame.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::statistics {

//! Watches a sieve: `statistics::observer losses; sieve.watch(losses);`
//!
//! Examples without a loss (never seen, or NaN) are in none of the three and counted apart. In a
//! plan, losses are those that the ledger knew when it was made. Costs some 0.15 µs an example
//! with the default options and allocates nothing. Read it from the thread that calls the sieve, or
//! between its calls.
class observer {
 public:
  //! @throws invalid_argument as `running`
  explicit observer(const options& kept = {}) : all_(kept), selected_(kept), skipped_(kept) {}

  //! Called by the sieve. O(n).
  void decided(const decision& made) {
    auto next = made.selected.begin();
    for (std::size_t i = 0; i < made.keys.size(); ++i) {
      const bool chosen = next != made.selected.end() && *next == i;
      while (next != made.selected.end() && *next == i) ++next;
      all_.push_key(made.keys[i]);
      (chosen ? selected_ : skipped_).push_key(made.keys[i]);
    }
  }

  const running& all() const { return all_; }            //!< losses offered
  const running& selected() const { return selected_; }  //!< losses of examples that were selected
  const running& skipped() const { return skipped_; }    //!< losses of those that were not

  //! Forgets everything, as at an epoch's start.
  void reset() {
    all_.reset();
    selected_.reset();
    skipped_.reset();
  }

  //! @name State: a run that is resumed goes on with its statistics
  //! @{
  std::vector<std::byte> save() const {
    return save_state<std::vector<std::byte>>(state_kind::statistics, *this);
  }
  //! @throws state_error for bytes that are not those of an observer with these options; nothing is
  //! changed
  void load(std::span<const std::byte> bytes) { load_state(state_kind::statistics, *this, bytes); }

  void write(byte_writer& out) const {
    all_.write(out);
    selected_.write(out);
    skipped_.write(out);
  }
  void read(byte_reader& in) {
    all_.read(in);
    selected_.read(in);
    skipped_.read(in);
  }
  //! @}

 private:
  running all_, selected_, skipped_;
};

static_assert(decision_observer<observer>);

}  // namespace gradsieve::inline GRADSIEVE_ABI::statistics
