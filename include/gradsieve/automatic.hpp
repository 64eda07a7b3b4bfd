// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What to take when one does not want to choose: planning with everything that keeps it
//! safe.
#pragma once

#include <gradsieve/audit/auditor.hpp>
#include <gradsieve/control/break_even_gate.hpp>
#include <gradsieve/control/keep_controller.hpp>
#include <gradsieve/control/label_guard.hpp>
#include <gradsieve/select/counted.hpp>

#include <array>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Options of `automatic`; only `examples` must be given. Members are only ever appended.
struct automatic_options {
  std::int64_t examples = 0;        //!< ids are 0 … examples - 1
  std::uint64_t seed = 0;           //!< same seed, same ids
  curve policy = power{.beta = 3};  //!< its shape; the level is the controller's
  double keep = 0.35;               //!< share of the examples that a selective epoch trains
  //! Epochs after which an example is trained whatever its loss; for some up to a quarter earlier,
  //! or all that nobody trained since the warm-up would come due in one epoch.
  std::uint32_t max_age = 8;
  //! Epochs over everything, to begin with. Two, since the guard goes by second visits and must
  //! begin before high losses are trained most: they would fall, wrong or not.
  std::uint32_t warm_up = 2;
  std::size_t history = 1024;  //!< quantiles that losses are ranked against
  std::uint32_t replica = 0;   //!< as in `sieve_options`
  bool use_gate = true, use_guard = true;
  gate_options gate = {};
  guard_options guard = {};
  work_costs costs = {};  //!< what the gate goes by until `meter()` has measured
  //! The policy's shape while the guard caps it. Weaker: just below the cap are the labels that are
  //! most doubtful of those left.
  curve guarded = power{.beta = 1};
};

//! Plans epochs from the ledger of training losses: the highest losses are trained nearly always,
//! the lowest every `max_age` epochs. Before each selective epoch the ledger is looked at once, and
//!
//! * the guard caps the policy where losses show wrong labels,
//! * the gate has the epoch trained on everything (below the cap) where selection is not worth it
//!   or did harm,
//! * the controller sets the policy's level such that the epoch's length is `keep` of the examples.
//!
//! Without a `meter()` nothing depends on a clock: the same seed and losses give the same ids.
//!
//!     gradsieve::automatic sieve({.examples = 60'000, .seed = 1});
//!     for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
//!       const auto plan = sieve.plan(epoch);
//!       if (!plan.refresh().empty())  // those left out: is their label still unlikely?
//!         sieve.refresh(plan.refresh(), model.losses(plan.refresh()));
//!       for (auto ids : plan.batches(128)) sieve.observe(ids, model.train_step(ids));
//!     }
//!     std::puts(sieve.report().c_str());
class automatic {
 public:
  //! @throws invalid_argument for an option outside of its range; policy_error.
  explicit automatic(const automatic_options& options)
      : options_(checked(options)),
        sieve_({.examples = options.examples,
                .policy = options.policy,
                .history = options.history,
                .seed = options.seed,
                .replica = options.replica,
                .active = after_epochs{options.warm_up},
                .refresh = gradsieve::max_age{options.max_age, spread(options)}}),
        control_(sieve_, {.keep = options.keep}),
        gate_(options.gate),
        guard_(options.guard),
        meter_(options.costs) {}

  //! Which examples to train in this epoch: see `basic_sieve::plan`. Epochs ascend; the same one
  //! gives the same plan, also after a call for it that threw. O(examples).
  template <class Executor = serial>
  plan_view plan(std::uint32_t epoch, Executor run = {}) {
    if (planned_ && epoch == sieve_.epoch()) return sieve_.plan(epoch, run);
    if (planned_ && epoch < sieve_.epoch()) {
      detail::fail<invalid_argument>("automatic: epoch ", epoch, " after epoch ", sieve_.epoch());
    }
    if (planned_) close_epoch();
    const opening begun{*this, epoch, offered()};
    if (epoch < options_.warm_up) return sieve_.plan(epoch, run);
    const bool selective = decide(epoch);
    if (!selective) control_.policy().set_level(steered_policy::most_level);
    sieve_.set_policy(control_.policy().view());  // also where the controller finds no loss
    return selective ? control_.plan(sieve_, epoch, run) : sieve_.plan(epoch, run);
  }

  //! Records the losses of examples that were just trained on. O(n).
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    sieve_.observe(ids, losses);
  }
  //! Records the losses of examples that were only forwarded, such as those of `plan.refresh()`:
  //! capped ones may come back by it. O(n).
  template <class Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    sieve_.refresh(ids, losses);
  }

  //! @name Its parts
  //! @{
  const automatic_options& options() const { return options_; }
  //! Its policy is the controller's: set no other.
  const gradsieve::sieve& sieve() const { return sieve_; }
  gradsieve::sieve& sieve() { return sieve_; }
  const label_guard& guard() const { return guard_; }
  const break_even_gate& gate() const { return gate_; }
  const keep_controller& controller() const { return control_; }
  //! Tell it measured times and the gate goes by them, epoch by epoch; what it decided is saved.
  cost_meter& meter() { return meter_; }
  //! @}

  //! What was decided and what came of it, in a few lines.
  std::string report() const {
    std::string text = options_.use_gate ? gate_.reason() + "\n" : std::string();
    if (options_.use_guard) text += to_string(guard_) + "\n";
    return text + to_string(auditor_.report(sieve_));
  }

  //! @name State
  //! All of it but the meter's times: what followed from them is kept.
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::automatic, *this);
  }
  //! The policies may be others, as for a sieve: its table and level are loaded, and a new shape
  //! counts from the next selective epoch on.
  //! @throws state_error, saying why, for bytes that are not this object's; nothing is changed.
  void load(std::span<const std::byte> bytes) {
    byte_reader in = open_state(state_kind::automatic, bytes);
    automatic fresh(options_);
    fresh.sieve_ = sieve_;  // with whoever watches it
    fresh.read(in);
    if (in.left() != 0) {
      detail::fail<state_error>("state: ", in.left(), " bytes of the payload were not read");
    }
    fresh.meter_ = meter_;
    *this = std::move(fresh);
  }
  void write(byte_writer& out) const {
    out.put(planned_);
    out.put(offered_);
    out.put(trained_);
    out.put(refreshed_);
    sieve_.write(out);
    guard_.write(out);
    control_.write(out);
    gate_.write(out);
    auditor_.write(out);
    out.put(options_.use_gate);
    out.put(options_.use_guard);
    for (const double cost : prior()) detail::write_number(cost, out);
  }
  //! @}

 private:
  //! By how many epochs an example may come due before `max_age`.
  static std::uint32_t spread(const automatic_options& options) { return options.max_age / 4; }

  static const automatic_options& checked(const automatic_options& options) {
    if (options.examples < 1) {
      detail::fail<invalid_argument>("automatic: examples is ", options.examples,
                                     ", it must be at least 1");
    }
    double due = 0;  // share of the examples in an epoch, by their age alone
    for (std::uint32_t early = 0; early <= spread(options) && early < options.max_age; ++early) {
      due += 1.0 / (options.max_age - early) / (spread(options) + 1);
    }
    if (options.keep < due) {
      detail::fail<invalid_argument>("automatic: keep is ", options.keep, ", but a max_age of ",
                                     options.max_age, " alone trains ", due, " of the examples");
    }
    return options;
  }

  void read(byte_reader& in) {
    planned_ = in.flag("a plan's presence");
    offered_ = in.get<std::uint64_t>();
    trained_ = in.get<std::uint64_t>();
    refreshed_ = in.get<std::uint64_t>();
    sieve_.read(in);
    guard_.read(in);
    control_.policy().set_policy(shape());
    control_.read(in);
    const curve table = control_.policy().view();
    check_table(table);
    sieve_.set_policy(table);
    gate_.read(in);
    auditor_.read(in);
    in.expect("use_gate", std::uint8_t{options_.use_gate});
    in.expect("use_guard", std::uint8_t{options_.use_guard});
    for (const double cost : prior()) detail::expect_number("a cost of", cost, in);
    const work_counters done = sieve_.work();
    if (trained_ > done.backwards || refreshed_ > done.refreshed) {
      detail::fail<state_error>(
          "state: more was trained or refreshed before this epoch than in all");
    }
    if (!gate_.verdicts().empty() && gate_.verdicts().back().epoch > sieve_.epoch()) {
      detail::fail<state_error>("state: epoch ", gate_.verdicts().back().epoch,
                                " is decided, but the sieve is in epoch ", sieve_.epoch());
    }
  }

  //! A sieve's table that its controller did not make would be lost.
  void check_table(const curve& made) const {
    const std::span<const std::uint64_t> saved = sieve_.compiled().masses();
    for (std::uint32_t rank = 0; rank < saved.size(); ++rank) {
      if (saved[rank] != made.mass(rank, control_.policy().size())) {
        detail::fail<state_error>("state: at rank ", rank, " the sieve's table has a mass of ",
                                  saved[rank], " and not its controller's");
      }
    }
  }

  //! The costs that it goes by until some are measured.
  std::array<double, 3> prior() const {
    return {options_.costs.forward, options_.costs.backward, options_.costs.selection};
  }

  //! The policy's shape, by what the guard found.
  const curve& shape() const { return guard_.found() ? options_.guarded : options_.policy; }

  std::uint64_t offered() const {
    return static_cast<std::uint64_t>(sieve_.ledger().size() - sieve_.ledger().retired());
  }

  //! Opens the books of an epoch when its plan has been asked for, but not where that threw before
  //! the epoch began: the next call closes the one before again, which then adds nothing.
  struct opening {
    automatic& of;
    std::uint32_t epoch;
    std::uint64_t offered;

    ~opening() {
      if (of.sieve_.epoch() != epoch) return;
      of.planned_ = true;
      of.offered_ = offered;
    }
  };

  //! Accounts for the epoch planned before.
  void close_epoch() {
    const work_counters now = sieve_.work();
    if (options_.use_gate) {
      gate_.executed({.offered = offered_,
                      .trained = now.backwards - trained_,
                      .scored = now.refreshed - refreshed_},
                     meter_.costs());
      const bool closed = offered_ == 0;  // by a call for the next epoch that threw
      if (!closed && sieve_.has_plan()) gate_.trained(change_of_losses(sieve_));
    }
    trained_ = now.backwards;
    refreshed_ = now.refreshed;
    offered_ = 0;
    auditor_.end_epoch(sieve_);
  }

  //! Decides on a selective epoch: false where everything is to be trained.
  bool decide(std::uint32_t epoch) {
    if (options_.use_guard) {
      const bool knew = guard_.found();
      guard_.look(sieve_.ledger());
      // What selection did to the losses may have been the wrong labels' doing.
      if (guard_.found() && !knew) gate_.pardon();
      control_.policy().set_policy(shape());
      control_.policy().set_cap(guard_.cap(control_.policy().size()));
    }
    if (!options_.use_gate) return true;
    const std::uint64_t offers = offered();
    const double wanted = options_.keep * static_cast<double>(offers);
    const epoch_work foreseen{.offered = offers, .trained = static_cast<std::uint64_t>(wanted)};
    return gate_.decide(epoch, sieve_.ledger(), foreseen, meter_.costs()).open();
  }

  automatic_options options_;
  gradsieve::sieve sieve_;
  keep_controller control_;
  break_even_gate gate_;
  label_guard guard_;
  auditor auditor_;
  cost_meter meter_;
  bool planned_ = false;
  std::uint64_t offered_ = 0;                  // examples of the epoch, when it was planned
  std::uint64_t trained_ = 0, refreshed_ = 0;  // the sieve's counters when the epoch began
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
