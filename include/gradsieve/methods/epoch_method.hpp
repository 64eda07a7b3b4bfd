// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The host of rules that plan whole epochs from the ledger: losses in, batches and weights
//! out.
#pragma once

#include <gradsieve/methods/epoch_choice.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/sieve/clock.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/plan.hpp>
#include <gradsieve/sieve/work.hpp>

#include <algorithm>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! An epoch's examples, a view that is valid until the next epoch is planned.
class epoch_plan {
 public:
  epoch_plan(const epoch_choice& choice, const draw_key& order, bool selective)
      : choice_(&choice), order_(order), selective_(selective) {}

  std::uint32_t epoch() const { return order_.step; }
  bool selective() const { return selective_; }  //!< false while all are trained
  std::size_t size() const { return choice_->train.size(); }
  std::span<const std::int64_t> train() const { return choice_->train.view(); }  //!< ascending
  //! Ids that are due a forward pass without gradient, then `refresh(ids, losses)`.
  std::span<const std::int64_t> refresh() const { return choice_->refresh.view(); }

  //! What the loss of a trained example is multiplied by. O(log size). @throws out_of_range for an
  //! id not in `train()`.
  float weight(std::int64_t id) const {
    const auto& train = choice_->train;
    const auto* const at = std::lower_bound(train.begin(), train.end(), id);
    if (at == train.end() || *at != id) {
      detail::fail<out_of_range>("plan: id ", id, " is not trained in epoch ", epoch());
    }
    const auto place = static_cast<std::size_t>(at - train.begin());
    return choice_->weights.empty() ? 1.0f : choice_->weights[place];
  }
  //! The same for a batch. @param out  as long as `ids` @throws invalid_argument when it is not.
  void write_weights(std::span<const std::int64_t> ids, std::span<float> out) const {
    if (ids.size() != out.size()) {
      detail::fail<invalid_argument>("plan: room for ", out.size(), " weights, but ", ids.size(),
                                     " ids");
    }
    for (std::size_t i = 0; i < ids.size(); ++i) out[i] = weight(ids[i]);
  }

  //! The batches, shuffled, from the `first_batch`-th on. @throws as `plan_view::batches`.
  plan_batches batches(std::size_t batch_size, last_batch last = last_batch::partial,
                       std::size_t first_batch = 0) const {
    if (last == last_batch::carry) {
      detail::fail<invalid_argument>("plan: last_batch::carry is for queues; use partial or drop");
    }
    const std::size_t count = batch_count(size(), batch_size, last);
    if (first_batch > count) {
      detail::fail<out_of_range>("plan: the first batch is ", first_batch, " of ", count);
    }
    return {train(), order_, batch_size, count, first_batch};
  }

 private:
  const epoch_choice* choice_;
  draw_key order_;
  bool selective_;
};

//! Plans each epoch by `Rule` from a ledger of last losses, with the calls, books, errors and state
//! of a sieve: `plan(epoch)` is idempotent, `observe` what was trained, `refresh` what was
//! forwarded. Until a loss is known, and while `active` is off, all examples are trained with
//! weight 1. A NaN or infinite loss counts as a visit and leaves the last loss alone. 8 bytes an
//! example, and 12 for each one planned.
template <epoch_rule Rule>
class epoch_method {
 public:
  //! @throws invalid_argument without examples, and for `between` without `epochs`.
  epoch_method(const run_shape& run, const activity& active, Rule rule)
      : run_(run), active_(active), rule_(std::move(rule)), ledger_(run.examples) {
    detail::check_replica(run.replica);
    if (run.examples == 0) {
      detail::fail<invalid_argument>("epoch_method: examples is 0, but plans need a ledger");
    }
    run.need_epochs(active, "epoch_method");
  }

  //! The examples of an epoch, from the losses as they are at the first call for it.
  epoch_plan plan(std::uint32_t epoch) {
    clock_.begin_epoch(epoch);
    if (!ready_ || planned_ != epoch) make(epoch);
    return {choice_, key(purpose::order), selective_};
  }

  //! Records the losses of examples that were just trained on, and counts the work. O(n).
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    remember(ids, losses);
    ledger_.select(ids);
    tally_.trained(std::size(ids));
  }
  //! Records the losses of examples that were forwarded without gradient. O(n).
  template <class Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    remember(ids, losses);
    tally_.refreshed(std::size(ids));
  }
  //! Takes examples out for good, from the next plan on.
  template <class Ids>
  void retire(const Ids& ids) {
    ledger_.retire(ids);
  }

  const Rule& rule() const { return rule_; }
  loss_ledger& ledger() { return ledger_; }
  const loss_ledger& ledger() const { return ledger_; }
  std::uint32_t epoch() const { return clock_.epoch(); }
  double keep_rate() const { return tally_.keep_rate(); }  //!< as of a sieve
  work_counters work() const { return tally_.work(0); }

  //! Tells `observer` of every plan when it is made, in parts of 4096 examples: see
  //! `basic_sieve::watch`.
  template <class Observer>
  void watch(Observer& observer) {
    watcher_ = detail::observer_ref(observer);
  }
  void unwatch() { watcher_ = {}; }

  //! @name State: a resumed run equals the unbroken one, in the middle of a plan too
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::epoch_method, *this);
  }
  //! @throws state_error for bytes that are not of such a method; nothing is changed.
  void load(std::span<const std::byte> bytes) {
    load_state(state_kind::epoch_method, *this, bytes);
  }

  void write(byte_writer& out) const {
    out.put(run_.examples);
    out.put(run_.seed);
    out.put(run_.replica);
    out.put(run_.epochs);
    out.put(active_.fingerprint());
    if constexpr (requires { rule_.write(out); }) rule_.write(out);
    clock_.write(out);
    tally_.write(out);
    ledger_.write(out);
    out.put(ready_);
    out.put(selective_);
    out.put(planned_);
    choice_.write(out);
  }
  void read(byte_reader& in) {
    in.expect("an example count of", run_.examples);
    in.expect("seed", run_.seed);
    in.expect("replica", run_.replica);
    in.expect("a run of epochs of", run_.epochs);
    in.expect("an `active` schedule of fingerprint", active_.fingerprint());
    if constexpr (requires { rule_.read(in); }) rule_.read(in);
    clock_.read(in);
    tally_.read(in);
    ledger_.read(in);
    if (ledger_.size() != run_.examples) {
      detail::fail<state_error>("state: saved with a ledger of ", ledger_.size(),
                                " examples, this method has ", run_.examples);
    }
    ready_ = in.flag("a plan's presence");
    selective_ = in.flag("a plan's choice");
    planned_ = in.get<std::uint32_t>();
    choice_.read(in, run_.examples);
  }
  //! @}

 private:
  static constexpr bool needs_losses() {
    if constexpr (requires { Rule::needs_losses; }) return Rule::needs_losses;
    return true;
  }
  draw_key key(purpose use) const { return {run_.seed, clock_.epoch(), use, run_.replica}; }

  template <class Ids, class Losses>
  void remember(const Ids& ids, const Losses& losses) {
    const auto values = detail::loss_span(losses);
    ledger_.observe(ids, losses, clock_.epoch());
    std::size_t faulty = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      faulty += std::size_t{!is_finite(to_key(values[i]))};
    }
    tally_.forwarded(values.size(), faulty);
  }

  void make(std::uint32_t epoch) {
    const ledger_view entries = ledger_.entries();
    bool known = !needs_losses();
    for (std::size_t id = 0; id < entries.size() && !known; ++id) known = entries[id].has_loss();
    ready_ = false;  // until all of it is there, should anything throw
    choice_.clear();
    selective_ = known && active_({epoch, epoch, epoch, run_.epochs});
    if (selective_) {
      rule_.choose({entries, epoch, run_.epochs, key(purpose::plan)}, choice_);
    } else {
      choice_.take_all(entries);
    }
    ready_ = true;
    planned_ = epoch;
    const auto offered = static_cast<std::uint64_t>(ledger_.size() - ledger_.retired());
    tally_.chose(offered, (std::min)(offered, std::uint64_t{choice_.train.size()}), selective_);
    if (watcher_) tell(entries);
  }

  void tell(const ledger_view& entries) {
    constexpr std::size_t chunk = 4096;
    std::size_t next = 0;
    for (std::size_t base = 0; base < entries.size(); base += chunk) {
      const std::size_t end = (std::min)(base + chunk, entries.size());
      keys_.clear();
      positions_.clear();
      for (std::size_t id = base; id < end; ++id) {
        const ledger_entry& entry = entries[id];
        keys_.push_back(entry.has_loss() ? entry.key : entry.retired() ? key_never : key_always);
      }
      for (; next < choice_.train.size() && std::cmp_less(choice_.train[next], end); ++next) {
        const auto id = static_cast<std::size_t>(choice_.train[next]);
        positions_.push_back(static_cast<std::uint32_t>(id - base));
      }
      watcher_({keys_.view(), positions_.view(), selective_});
    }
  }

  run_shape run_;
  activity active_;
  Rule rule_;
  loss_ledger ledger_;
  detail::training_clock clock_;
  detail::tally tally_;
  detail::observer_ref watcher_;
  epoch_choice choice_;
  detail::buffer<loss_key> keys_;
  detail::buffer<std::uint32_t> positions_;
  std::uint32_t planned_ = 0;
  bool ready_ = false, selective_ = false;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
