// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Is selection worth it in this epoch? Else train on everything, and say why.
#pragma once

#include <gradsieve/audit/text.hpp>
#include <gradsieve/control/loss_change.hpp>
#include <gradsieve/control/loss_counts.hpp>
#include <gradsieve/control/work_costs.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

struct gate_options {
  double least_fitted = 0.2;    //!< share of examples that must be fitted, in [0, 1]
  double least_spread = 1;      //!< octaves from the median loss to the upper decile, at least 0
  double most_overhead = 0.02;  //!< of uniform training's cost, at least 0
  double most_rise = 0.1;       //!< of the mean loss in a selective epoch, at least 0
};

//! What a gate found.
enum class gate_reason : std::uint8_t {
  open,         //!< selection is worth it
  no_losses,    //!< nothing is known yet
  few_fitted,   //!< too few examples are fitted: there is little to skip
  no_spread,    //!< losses are too much alike
  too_dear,     //!< selection would cost more than it saves
  overspent,    //!< one more epoch like the dearest might exceed the overhead that is allowed
  losses_rose,  //!< a selective epoch did harm
};

//! A gate's decision on an epoch and what it was made of.
struct gate_verdict {
  std::uint32_t epoch = 0;
  gate_reason reason = gate_reason::no_losses;
  double fitted = 0;  //!< share of losses below an eighth of the upper decile
  double spread = 0;  //!< octaves from the median to the upper decile
  double saving = 0;  //!< foreseen, as a share of uniform training's cost; negative: a loss
  //! Of all epochs as a share of uniform ones' cost, were this one as dear as the dearest so far.
  double overhead = 0;
  //! Of the mean loss in the worst selective epoch so far, as a share of it; 0 where none was left
  //! with a higher loss than the last uniform epoch.
  double rise = 0;

  bool open() const { return reason == gate_reason::open; }
};

//! "epoch 3: uniform, 4.2 % of the examples are fitted and 20.0 % are needed".
inline std::string to_string(const gate_verdict& verdict, const gate_options& options = {}) {
  using detail::fixed, detail::percent;
  std::string text = "epoch " + std::to_string(verdict.epoch);
  text += verdict.open() ? ": selective, " : ": uniform, ";
  switch (verdict.reason) {
    case gate_reason::open:
      text += "saves " + percent(verdict.saving, 0) + " of an epoch's cost, " +
              percent(verdict.fitted, 0) + " of the examples are fitted";
      break;
    case gate_reason::no_losses: text += "no losses are known yet"; break;
    case gate_reason::few_fitted:
      text += percent(verdict.fitted) + " of the examples are fitted and " +
              percent(options.least_fitted) + " are needed";
      break;
    case gate_reason::no_spread:
      text += "losses spread over " + fixed(verdict.spread, 2) + " octaves and " +
              fixed(options.least_spread, 2) + " are needed";
      break;
    case gate_reason::too_dear:
      text += "selection would cost " + percent(-verdict.saving) + " more than it saves";
      break;
    case gate_reason::overspent:
      text += "selection might cost " + percent(verdict.overhead) + " more than it saves and " +
              percent(options.most_overhead) + " are allowed";
      break;
    case gate_reason::losses_rose:
      text += "losses rose by " + percent(verdict.rise, 0) + " in a selective epoch and " +
              percent(options.most_rise, 0) + " are allowed";
      break;
  }
  return text;
}

//! Decides before each epoch (or any other period) whether to select in it, by three questions.
//!
//! **Is there something to skip?** The ledger must show that enough examples are fitted, which
//! means a loss below an eighth of the upper decile's, and that losses are spread.
//! **Does it cost less than it saves?** Work foreseen times costs given, against training on all
//! that is offered. Forecasts may be wrong, so the books are kept: no epoch is selective if, were
//! it as much dearer than a uniform one as the dearest has been, all epochs together would cost
//! more than uniform ones by `most_overhead`.
//! **Did it do harm?** Where classes overlap, the highest losses are chance, and a small model that
//! trains on them unlearns what it knew. So no epoch is selective after one in which the mean loss,
//! as it is estimated for those that were drawn for, rose by `most_rise`, and that of all is above
//! where the last uniform epoch had it. (Harm in the first epoch after a warm-up of one may hide
//! behind that epoch's progress. A loss of NaN changes nothing, so an epoch of those goes
//! unnoticed.)
//!
//! So a run is never above `1 + most_overhead` of the same epochs trained uniformly, but for what
//! an epoch exceeds every one before it by. A decision is made once and kept: the clock may have
//! gone into the costs, and a resumed run decides as the first one did.
class break_even_gate {
 public:
  //! @throws invalid_argument for an option outside of its range.
  explicit break_even_gate(const gate_options& options = {}) : options_(options) {
    if (!detail::in_unit_interval(options.least_fitted)) {
      detail::fail<invalid_argument>("break_even_gate: least_fitted is ", options.least_fitted,
                                     ", not in [0, 1]");
    }
    if (!detail::is_at_least_zero(options.least_spread) ||
        !detail::is_at_least_zero(options.most_overhead) ||
        !detail::is_at_least_zero(options.most_rise)) {
      detail::fail<invalid_argument>("break_even_gate: least_spread is ", options.least_spread,
                                     ", most_overhead ", options.most_overhead, " and most_rise ",
                                     options.most_rise, ", they must be at least 0");
    }
  }

  const gate_options& options() const { return options_; }

  //! The decision on `epoch`, the one kept if there is one. Epochs ascend. O(examples),
  //! and 128 KiB for as long.
  //! @param foreseen  the work of the epoch if it is selective; uniform, `offered` are trained
  //! @throws invalid_argument for an epoch before the last one decided
  const gate_verdict& decide(std::uint32_t epoch, const loss_ledger& ledger,
                             const epoch_work& foreseen, const work_costs& costs) {
    if (!verdicts_.empty() && epoch <= verdicts_.back().epoch) {
      for (const gate_verdict& kept : verdicts_) {
        if (kept.epoch == epoch) return kept;
      }
      detail::fail<invalid_argument>("break_even_gate: epoch ", epoch, " after epoch ",
                                     verdicts_.back().epoch);
    }
    gate_verdict verdict{.epoch = epoch};
    const double uniform = static_cast<double>(foreseen.offered) * costs.train();
    if (uniform > 0) verdict.saving = 1 - foreseen.cost(costs, true) / uniform;
    if (uniform_ + uniform > 0) {
      verdict.overhead = (std::max)(0.0, (executed_ - uniform_ + dearest_) / (uniform_ + uniform));
    }
    verdict.rise = rise_;
    verdict.reason = judge(ledger, verdict);
    verdicts_.push_back(verdict);
    return verdicts_.back();
  }

  //! What the epoch decided last came to.
  void executed(const epoch_work& work, const work_costs& costs) {
    const bool selective = !verdicts_.empty() && verdicts_.back().open();
    const double uniform = static_cast<double>(work.offered) * costs.train();
    const double cost = work.cost(costs, selective);
    uniform_ += uniform;
    executed_ += cost;
    if (selective) dearest_ = (std::max)(dearest_, cost - uniform);
  }

  //! What the epoch decided last did to the losses; also of epochs before the first decision.
  void trained(const loss_change& change) {
    if (change.examples == 0) return;
    if (verdicts_.empty() || !verdicts_.back().open()) {
      uniform_loss_ = change.overall;
      has_uniform_loss_ = true;
    } else if (!has_uniform_loss_ || change.overall > uniform_loss_) {
      rise_ = (std::max)(rise_, change.rise());
    }
  }

  //! Forgets a rise that would shut the gate, once: what did harm was found, such as wrong labels,
  //! and is left out from now on.
  void pardon() {
    if (pardoned_ || !(rise_ > options_.most_rise)) return;
    rise_ = 0;
    pardoned_ = true;
  }

  //! All decisions so far, by epoch.
  template <class T = gate_verdict>
  std::span<const T> verdicts() const {
    return verdicts_.view();
  }
  //! The last decision in a sentence; empty before the first.
  std::string reason() const {
    return verdicts_.empty() ? std::string() : to_string(verdicts_.back(), options_);
  }

  //! @name State: the decisions and the books
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::break_even_gate, *this);
  }
  //! @throws state_error for other bytes, or other options; nothing is changed.
  void load(std::span<const std::byte> bytes) {
    load_state(state_kind::break_even_gate, *this, bytes);
  }
  void write(byte_writer& out) const {
    for (const double option :
         {options_.least_fitted, options_.least_spread, options_.most_overhead, options_.most_rise,
          uniform_, executed_, dearest_, rise_, uniform_loss_}) {
      out.put(detail::bit_cast<std::uint64_t>(option));
    }
    out.put(has_uniform_loss_);
    out.put(pardoned_);
    out.put(std::uint64_t{verdicts_.size()});
    for (const gate_verdict& verdict : verdicts_) {
      out.put(verdict.epoch);
      out.put(verdict.reason);
      for (const double value :
           {verdict.fitted, verdict.spread, verdict.saving, verdict.overhead, verdict.rise}) {
        out.put(detail::bit_cast<std::uint64_t>(value));
      }
    }
  }
  void read(byte_reader& in) {
    in.expect("least_fitted (as bits)", detail::bit_cast<std::uint64_t>(options_.least_fitted));
    in.expect("least_spread (as bits)", detail::bit_cast<std::uint64_t>(options_.least_spread));
    in.expect("most_overhead (as bits)", detail::bit_cast<std::uint64_t>(options_.most_overhead));
    in.expect("most_rise (as bits)", detail::bit_cast<std::uint64_t>(options_.most_rise));
    break_even_gate fresh(options_);
    for (double* sum : {&fresh.uniform_, &fresh.executed_, &fresh.dearest_, &fresh.rise_}) {
      *sum = detail::bit_cast<double>(in.get<std::uint64_t>());
      if (!detail::is_at_least_zero(*sum)) {
        detail::fail<state_error>("state: a cost or a rise of ", *sum, " so far");
      }
    }
    const auto loss = in.get<std::uint64_t>();
    if (((loss >> 52) & 0x7ff) == 0x7ff) {
      detail::fail<state_error>("state: the last uniform epoch's loss is not finite");
    }
    fresh.uniform_loss_ = detail::bit_cast<double>(loss);
    fresh.has_uniform_loss_ = in.flag("a uniform epoch's presence");
    fresh.pardoned_ = in.flag("a pardon");
    const auto count = in.get<std::uint64_t>();
    if (count > in.left() / 45) {
      detail::fail<state_error>("state: ", count, " decisions, but ", in.left(), " bytes are left");
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      gate_verdict verdict{.epoch = in.get<std::uint32_t>()};
      const auto reason = in.get<std::uint8_t>();
      const bool ascends = i == 0 || verdict.epoch > fresh.verdicts_.back().epoch;
      if (reason > static_cast<std::uint8_t>(gate_reason::losses_rose) || !ascends) {
        detail::fail<state_error>("state: not a decision, reason ", reason, " on epoch ",
                                  verdict.epoch);
      }
      verdict.reason = static_cast<gate_reason>(reason);
      for (double* value :
           {&verdict.fitted, &verdict.spread, &verdict.saving, &verdict.overhead, &verdict.rise}) {
        *value = detail::bit_cast<double>(in.get<std::uint64_t>());
      }
      fresh.verdicts_.push_back(verdict);
    }
    *this = std::move(fresh);
  }
  //! @}

 private:
  gate_reason judge(const loss_ledger& ledger, gate_verdict& verdict) const {
    loss_counts counts;
    counts.count(ledger.entries());
    if (counts.total() == 0) return gate_reason::no_losses;
    constexpr std::uint32_t octave = loss_counts::per_octave;
    const std::uint32_t decile = counts.quantile(9, 10), median = counts.quantile(1, 2);
    const std::uint64_t fitted = counts.below(decile > 3 * octave ? decile - 3 * octave : 0);
    verdict.fitted = static_cast<double>(fitted) / static_cast<double>(counts.total());
    verdict.spread = static_cast<double>(decile - median) / octave;
    if (verdict.rise > options_.most_rise) return gate_reason::losses_rose;
    if (verdict.fitted < options_.least_fitted) return gate_reason::few_fitted;
    if (verdict.spread < options_.least_spread) return gate_reason::no_spread;
    if (!(verdict.saving > 0)) return gate_reason::too_dear;
    if (verdict.overhead > options_.most_overhead) return gate_reason::overspent;
    return gate_reason::open;
  }

  gate_options options_;
  detail::buffer<gate_verdict> verdicts_;
  double uniform_ = 0,
         executed_ = 0;      // costs of all epochs so far: as if uniform, and as they were
  double dearest_ = 0;       // what a selective epoch cost at most above a uniform one
  double rise_ = 0;          // of the mean loss in the worst selective epoch
  double uniform_loss_ = 0;  // mean of the last uniform epoch
  bool has_uniform_loss_ = false, pardoned_ = false;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
