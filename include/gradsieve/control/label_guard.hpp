// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Estimates the share of wrong labels while a network trains, and caps a policy by it.
#pragma once

#include <gradsieve/audit/text.hpp>
#include <gradsieve/control/loss_mixture.hpp>

#include <limits>

namespace gradsieve::inline GRADSIEVE_ABI {

struct guard_options {
  //! Visits after which a loss is evidence: the first is often one of an untrained network, and so
  //! high that it looks like a wrong label's.
  std::uint32_t least_seen = 2;
  double most = 0.5;  //!< shares above are not believed, in (0, 1)
  //! The least loss from which on labels may be held for wrong. ln 2: a cross-entropy below it says
  //! that the network gives the label more than half. 0 for losses of another kind. At least 0
  float least_loss = 0.693147f;
};

//! A guard against wrong labels that need not be told how many there are. Between epochs it looks
//! at a ledger's losses (`loss_mixture`); where they show a second hill, the losses from its foot
//! on are capped, else nothing is. So a clean data set pays for a pass over the ledger and no more.
//!
//!     gradsieve::label_guard guard;
//!     guard.look(sieve.ledger());                             // before a plan
//!     control.policy().set_cap(guard.cap(control.policy().size()));
//!     for (id …) if (guard.suspicion(sieve.ledger().at(id)) > 0.9) inspect(id);
//!
//! What it cannot see: wrong labels that a network has come to fit, and shares near those where a
//! network cannot know better (two classes that swap nearly half of their labels).
class label_guard {
 public:
  //! @throws invalid_argument for an option outside of its range.
  explicit label_guard(const guard_options& options = {}) : options_(options) {
    if (options.least_seen > ledger_entry::most) {
      detail::fail<invalid_argument>("label_guard: least_seen is ", options.least_seen,
                                     ", but visits are counted up to ", ledger_entry::most);
    }
    if (!detail::in_unit_interval(options.most) || options.most >= 1 ||
        detail::bit_cast<std::uint64_t>(options.most) << 1 == 0) {
      detail::fail<invalid_argument>("label_guard: most is ", options.most, ", not in (0, 1)");
    }
    if (!is_finite(least_key()) || least_key() < to_key(0.0f)) {
      detail::fail<invalid_argument>("label_guard: least_loss is ", double{options.least_loss},
                                     ", not a finite loss of at least 0");
    }
  }

  //! Looks at the losses as they are: two passes, three where what was found is out of sight,
  //! and 128 KiB for as long. O(examples).
  //!
  //! What was found stays found for as long as half of the losses that were above the threshold
  //! are. A network comes to fit the labels that it is given, so the foot of the hill sinks below
  //! what a first finding needs; those left out drift apart, until their hill is none. Neither says
  //! anything of the labels.
  void look(const loss_ledger& ledger) {
    const loss_mixture known = mixture_;
    const std::uint64_t left_out = above_;
    loss_counts counts;
    counts.count(ledger.entries(), options_.least_seen);
    mixture_.fit(counts);
    if (mixture_.threshold_key() < least_key() && !known.found()) mixture_ = {};
    evidence_ = counts.total();
    if (believes(ledger)) return;
    mixture_ = known;
    if (known.found() && believes(ledger) && above_ >= left_out / 2) return;
    mixture_ = {};
    above_ = 0;
  }

  //! Whether there is evidence of wrong labels.
  bool found() const { return mixture_.found(); }
  //! The estimated share of wrong labels among the examples with a loss; 0 without evidence. Those
  //! that were not seen often enough are taken for right: a plan leaves out what has a low loss.
  double share() const {
    return known_ == 0
               ? 0
               : mixture_.share() * static_cast<double>(evidence_) / static_cast<double>(known_);
  }
  //! The least suspicious loss; infinite without evidence.
  float threshold() const {
    return found() ? to_loss(threshold_key()) : std::numeric_limits<float>::infinity();
  }
  //! The share of the losses that is below the threshold: a band's `cap`. 1 without evidence.
  double cap() const {
    return above_ == 0 ? 1.0 : static_cast<double>(known_ - above_) / static_cast<double>(known_);
  }
  //! The same as a rank among `size` losses, for `steered_policy::set_cap`.
  std::uint32_t cap(std::uint32_t size) const {
    if (above_ == 0) return size;
    const std::uint32_t shift = known_ >> 32 != 0 ? 16 : 0;  // a product within 64 bits
    return static_cast<std::uint32_t>(size * ((known_ - above_) >> shift) / (known_ >> shift));
  }

  //! How likely an example's label is wrong, by its last loss: in [0, 1], 0 without evidence and
  //! below `least_loss`.
  double suspicion(const ledger_entry& entry) const {
    return entry.has_loss() && entry.key >= least_key() ? mixture_.posterior(entry.loss()) : 0;
  }

  //! @name State
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::label_guard, *this);
  }
  //! @throws state_error for other bytes, or other options; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::label_guard, *this, bytes); }
  void write(byte_writer& out) const {
    out.put(options_.least_seen);
    out.put(detail::bit_cast<std::uint64_t>(options_.most));
    out.put(float_bits(options_.least_loss));
    out.put(above_);
    out.put(evidence_);
    out.put(known_);
    mixture_.write(out);
  }
  void read(byte_reader& in) {
    in.expect("least_seen", options_.least_seen);
    in.expect("most (as bits)", detail::bit_cast<std::uint64_t>(options_.most));
    in.expect("least_loss (as bits)", float_bits(options_.least_loss));
    const auto above = in.get<std::uint64_t>();
    const auto evidence = in.get<std::uint64_t>();
    const auto known = in.get<std::uint64_t>();
    if (above > known || evidence > known) {
      detail::fail<state_error>("state: ", above, " suspicious losses, ", evidence,
                                " as evidence, of ", known);
    }
    mixture_.read(in);
    above_ = above;
    evidence_ = evidence;
    known_ = known;
  }
  //! @}

 private:
  loss_key least_key() const { return to_key(options_.least_loss); }
  loss_key threshold_key() const { return (std::max)(mixture_.threshold_key(), least_key()); }
  //! Counts the losses from the threshold on; whether a hill was found and is not too large.
  bool believes(const loss_ledger& ledger) {
    above_ = known_ = 0;
    for (const ledger_entry& entry : ledger.entries()) {
      known_ += std::uint64_t{entry.has_loss()};
      above_ += std::uint64_t{entry.has_loss() && entry.key >= threshold_key()};
    }
    return found() && static_cast<double>(above_) <= options_.most * static_cast<double>(known_);
  }

  guard_options options_;
  loss_mixture mixture_;
  // Losses from the threshold on, those that were evidence, and all.
  std::uint64_t above_ = 0, evidence_ = 0, known_ = 0;
};

//! "about 18.2 % of the labels look wrong, losses from 1.75 on are left out (17.9 %)".
inline std::string to_string(const label_guard& guard) {
  if (!guard.found()) return "no evidence of wrong labels";
  return "about " + detail::percent(guard.share()) + " of the labels look wrong, losses from " +
         detail::fixed(static_cast<double>(guard.threshold()), 3) + " on are left out (" +
         detail::percent(1 - guard.cap()) + ")";
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
