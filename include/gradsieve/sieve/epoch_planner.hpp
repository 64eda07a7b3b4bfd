// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The planning half of a sieve: one plan an epoch, and none that would lose an example.
#pragma once

#include <gradsieve/sieve/intake.hpp>
#include <gradsieve/sieve/options.hpp>
#include <gradsieve/sieve/planner.hpp>
#include <gradsieve/sieve/work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Keeps an epoch's plan until the next one is asked for.
class epoch_planner {
 public:
  explicit epoch_planner(std::size_t history) : planner_(history) {}

  //! Plans `epoch` by `compiled`. Returns false when that is the plan already here.
  //! @throws invalid_argument as `basic_sieve::plan`.
  template <class Refresh>
  bool plan(std::uint32_t epoch, const basic_sieve_options<Refresh>& options,
            const intake& examples, const rule& compiled, const executor_ref& run) {
    examples.need_ledger("plan");
    examples.need_groups("plan");
    if (compiled.least_mass() == 0 && !revisits(options.refresh)) {
      fail<invalid_argument>(
          "plan: the policy gives probability 0 to some percentile and `refresh` never revisits an "
          "example, so it would never be seen again; add a floor or, for example, max_age{8}");
    }
    if (options.active.needs_total() && options.total_epochs == 0) {
      fail<invalid_argument>("plan: between{} needs total_epochs");
    }
    if (plan_.ready && plan_.epoch == epoch) return false;
    const draw_key key{options.seed, epoch, purpose::plan, options.replica};
    if (options.active({epoch, epoch, epoch, options.total_epochs})) {
      planner_.plan(examples.book(), compiled, options.refresh, key, plan_, run);
    } else {
      planner_.plan_all(examples.book(), key, plan_);
    }
    return true;
  }

  plan_view view(const example_book& book, const rule& compiled) const {
    // Without policies of their own, groups need not be known for every example.
    const bool grouped = compiled.groups().count() != 0;
    return {plan_, planner_.window(), compiled.view(), grouped ? book.groups().data() : nullptr};
  }

  bool ready() const { return plan_.ready; }  //!< whether there is a plan

  //! Forgets the plan, whose ids mean other examples now.
  void forget() { plan_ = plan_state(); }

  //! Counts the plan's choice.
  void count(tally& work) const { work.chose(plan_.offered, plan_.train.size(), plan_.selective); }
  //! Tells `watcher`, if there is one.
  template <class Watcher>
  void tell(const Watcher& watcher, const example_book& book) {
    if (watcher) planner_.tell(watcher, book, plan_);
  }

  void write(byte_writer& out) const {
    plan_.write(out);
    planner_.write(out);
  }
  //! Reads a plan over `examples` examples, whose order is drawn from `order`.
  void read(byte_reader& in, std::int64_t examples, const draw_key& order) {
    plan_.read(in, examples, order);
    planner_.read(in);
    if (plan_.selective && planner_.window().size == 0) {
      fail<state_error>("state: a plan without the quantiles that it ranks against");
    }
  }

 private:
  planner planner_;
  plan_state plan_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
