// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sieve: history, ledger, policy, schedules and queue behind one object.
#pragma once

#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/epoch_planner.hpp>
#include <gradsieve/sieve/online_picker.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {
struct sieve_access;  // for engines that run a sieve elsewhere, such as gpu::sieve
}

//! Learns from per-example losses which examples deserve a gradient. Three ways to use one:
//! `plan` an epoch from the ledger before any forward pass, `pick` from a batch after its forward
//! pass, or `weights` that drop nothing.
//!
//! Every call checks its arguments first and changes nothing when it throws (but a policy that
//! fails only at a percentile of a filling window, under `min_fill`, is found out after the batch
//! was taken, and a score, refresh rule or executor that throws within `plan` leaves no plan). A
//! NaN or infinite loss never enters a history. Results are views, valid until the next non-const
//! call; a plan lives longer, see `plan_view`. One thread at a time, or const calls from several.
//! After construction `pick`, `weights` and `observe` do not allocate for batches up to
//! `max_batch`, nor, without a queue, for batches no larger than one before: with a history that
//! does not, and a selector that does not or has a `reserve`.
//!
//! @tparam History   where percentiles come from: see `history`
//! @tparam Selector  how a batch is drawn: see `selector`
//! @tparam Refresh   which examples need a fresh loss: `bool due(id, age, epoch) const`
template <class History = loss_window, class Selector = poisson_selector, class Refresh = staleness>
class basic_sieve {
  // Here and not in the head, so that the compiler says one sentence and not which overloads fail.
  static_assert(gradsieve::history<History>,
                "gradsieve: a history needs `push_keys(keys)`, `size() const`, `capacity() const` "
                "and `write_sorted_keys(out) const`");
  static_assert(
      selector<Selector>,
      "gradsieve: a selector needs `std::size_t select(rule, window, key, batch, out)` and "
      "`inclusion(rule, window, batch, positions, probabilities)`");
  static_assert(staleness_rule<Refresh>,
                "gradsieve: a refresh rule needs `bool due(std::int64_t id, std::uint32_t age, "
                "std::uint32_t epoch) const`");

 public:
  using options_type = basic_sieve_options<Refresh>;
  using selection = basic_selection<Selector>;

  //! @throws invalid_argument for options that do not fit together; policy_error.
  explicit basic_sieve(const options_type& options)
      : basic_sieve(options, History(options.history)) {}
  //! The same with a history of one's own, whose capacity replaces `options.history`.
  basic_sieve(const options_type& options, History history, Selector selector = Selector())
      : online_(detail::checked(options), std::move(history), std::move(selector)),
        plans_(compiled().size()) {}

  //! Tells the epoch to the schedules and the ledger; a new one closes the queue's epoch before.
  //! Whoever picks calls it at the start of each epoch, or every epoch is the first; `plan` does so
  //! itself.
  void begin_epoch(std::uint32_t epoch) { online_.begin_epoch(epoch); }

  //! @name Pick after the forward pass
  //! @{

  //! Takes a batch's losses into the history and draws who is back-propagated. O(n + H).
  //! @param losses  n losses of any floating type, before any mixed-precision scaling.
  template <class Losses>
  selection pick(const Losses& losses, const pick_options& where = {}) {
    if (options().keying == draw_by::id) {
      detail::fail<invalid_argument>("pick: draws are keyed by id, but no ids were given");
    }
    if (online_.queue()) {
      detail::fail<invalid_argument>("pick: the queue needs ids, but none were given");
    }
    online_.accept("pick", losses, where);
    return online_.decide({}, where);
  }

  //! The same with the examples' ids: also updates the ledger and feeds the queue, if any.
  template <class Ids, detail::other_than<pick_options> Losses>
  selection pick(const Ids& ids, const Losses& losses, const pick_options& where = {}) {
    online_.check_queue("pick");
    return online_.decide(online_.accept("pick", ids, losses, where), where);
  }

  //! Decides on the ledger's losses, without a forward pass (Stale-SB). Make those that are `due`
  //! fresh beforehand; an example without any loss is selected.
  template <class Ids>
  selection pick_cached(const Ids& ids, const pick_options& where = {}) {
    online_.check_queue("pick_cached");
    return online_.decide(online_.recall("pick_cached", ids, where), where);
  }

  //! Positions within `ids` whose loss is missing or stale: forward those and `refresh` them.
  template <class Ids>
  std::span<const std::uint32_t> due(const Ids& ids) {
    return online_.due(ids);
  }
  //! @}

  //! @name Plan before the batch
  //! @{

  //! Which examples to train in this epoch, from the ledger's losses as they are at the first call
  //! for it: further calls return the same plan. Begins the epoch, so ask for it when it starts.
  //! O(examples); holds 12 bytes for each example planned.
  //! @throws invalid_argument without a ledger, and when an example could be left out for good: a
  //! policy that is 0 somewhere needs a `refresh` schedule. In a plan, the steps of `active` are
  //! epochs.
  //! @param run  an `executor` that may use several threads: the plan is the same, and 12 bytes
  //! more for each example planned are held. `refresh` and a score are then called from those
  //! threads.
  template <class Executor = serial>
  plan_view plan(std::uint32_t epoch, Executor run = {}) {
    const bool fresh =
        plans_.plan(epoch, options(), online_.examples(), compiled(), detail::executor_ref(run));
    begin_epoch(epoch);
    if (fresh) {
      plans_.count(online_.books());
      plans_.tell(online_.watcher(), online_.book());
    }
    return plans_.view(online_.book(), compiled());
  }

  //! The plan made last, if there is one: also by whom the sieve is only const. @throws
  //! invalid_argument where there is none, as after `compact`.
  plan_view last_plan() const {
    if (!has_plan()) detail::fail<invalid_argument>("last_plan: there is none");
    return plans_.view(online_.book(), compiled());
  }
  bool has_plan() const { return plans_.ready(); }

  //! Records the losses of examples that were just trained on, and counts the work. O(n).
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    const auto known = online_.remember("observe", ids, losses);
    ledger().select(known);
    online_.books().trained(known.size());
  }

  //! Records the losses of examples that were forwarded without gradient. O(n).
  template <class Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    online_.books().refreshed(online_.remember("refresh", ids, losses).size());
  }

  //! Records losses and counts no work: for batches of the queue, which were counted when they were
  //! handed out. O(n).
  template <class Ids, class Losses>
  void record(const Ids& ids, const Losses& losses) {
    online_.remember("record", ids, losses, false);
  }
  //! @}

  //! @name Weights only
  //! @{

  //! One weight for each example, its probability over the batch's mean probability: nothing is
  //! dropped, and the mean weight is 1. While selection is off all are 1, but 0 for a loss that is
  //! skipped as NaN. O(n log H).
  template <class Losses>
  std::span<const float> weights(const Losses& losses, const pick_options& where = {}) {
    online_.accept("weights", losses, where);
    return online_.weigh({});
  }
  template <class Ids, detail::other_than<pick_options> Losses>
  std::span<const float> weights(const Ids& ids, const Losses& losses,
                                 const pick_options& where = {}) {
    return online_.weigh(online_.accept("weights", ids, losses, where));
  }
  //! @}

  //! Goes by another policy from the next decision on: a new table, O(history). Ids that were
  //! planned stay; the probabilities of a plan or pick made before are told no more. A saved state
  //! holds the table, and `options().policy` stays what the sieve was made from.
  //! @throws invalid_argument for a sieve with `per_group` policies; policy_error. Nothing is
  //! changed then.
  void set_policy(const curve& policy) { online_.set_policy(policy); }

  //! What a plan of `epoch` ranks example `id` by: its last loss, or its score where there is one;
  //! `key_always` without any, `key_never` for a retired one. @pre 0 <= id < ledger().size()
  loss_key ranked_key(std::int64_t id, std::uint32_t epoch) const {
    return online_.book().rank_of_record(static_cast<std::size_t>(id), epoch, key_always);
  }

  const options_type& options() const { return online_.options(); }
  const History& history() const { return online_.past(); }
  const rule& compiled() const { return online_.compiled(); }  //!< for a full history
  //! Whose numbers may be changed between two picks, as far as it says so.
  Selector& selector() { return online_.how(); }
  const Selector& selector() const { return online_.how(); }
  //! To grow, to merge, to set losses; not to put another in its place: see `compact`.
  loss_ledger& ledger() { return online_.book().ledger(); }
  const loss_ledger& ledger() const { return online_.book().ledger(); }

  //! @name Examples
  //! @{

  //! Tells the group (class) of each example of the ledger, in the order of ids: what `per_group`
  //! policies and scores go by. O(examples), 2 bytes each; part of the saved state.
  //! @param groups  one integer for each example, in [0, 65536), below the number of `per_group`
  template <class Labels>
  void assign_groups(const Labels& groups) {
    online_.examples().need_ledger("assign_groups");
    online_.book().assign_groups(groups, options().per_group.size());
  }

  //! Those assigned, by id; empty before.
  std::span<const group_id> groups() const { return online_.book().groups().view(); }

  //! Takes examples out for good: from the next plan or pick on they are not selected, whatever
  //! their losses. What a queue holds already is still handed out.
  template <class Ids>
  void retire(const Ids& ids) {
    online_.examples().need_ledger("retire");
    ledger().retire(detail::id_span(ids));
  }

  //! Keeps these examples alone: `kept[i]` becomes id i, with its loss, its visits and its group.
  //! The epoch's plan is forgotten; counters of work stay. A sieve that is to load a state saved
  //! later is made with that many `.examples`. O(kept).
  //! @throws out_of_range for an id that the ledger does not hold; invalid_argument without a
  //! ledger, for no example at all, and while a queue holds ids. Nothing is changed then.
  template <class Ids>
  void compact(const Ids& kept) {
    online_.examples().need_ledger("compact");
    const auto given = detail::id_span(kept);
    if (given.empty()) detail::fail<invalid_argument>("compact: no example is kept");
    if (online_.queue().size() != 0) {
      detail::fail<invalid_argument>("compact: the queue holds ", online_.queue().size(),
                                     " ids, which would mean other examples");
    }
    online_.book().compact(given);
    plans_.forget();
  }
  //! @}

  //! @throws invalid_argument when `options.queue.batch_size` is 0.
  batch_queue& queue() { return online_.queue().value(); }

  std::uint64_t step() const { return online_.clock().step(); }  //!< picks and weights so far
  std::uint32_t epoch() const { return online_.clock().epoch(); }

  //! Whether the schedule has selection on at this epoch and step.
  bool active() const { return online_.active(); }

  //! Share of the examples offered that was selected, while selection was on; 1 before.
  double keep_rate() const { return online_.books().keep_rate(); }

  work_counters work() const { return online_.books().work(online_.queue().handed_out()); }

  //! Tells `observer` of every decision from now on, in the place of an earlier one: once for each
  //! pick and each weighing; for a plan when it is made, in parts of 4096 examples in the order of
  //! ids. What is told is done, so an observer that throws loses the caller nothing but the view
  //! that the call would have returned, and parts of a plan not told. It must not change this
  //! sieve, and is no part of a saved state.
  //! @param observer  a `decision_observer`, not copied: it must live until `unwatch`
  template <class Observer>
  void watch(Observer& observer) {
    online_.watcher() = detail::observer_ref(observer);
  }
  template <class Observer>
  void watch(const Observer&&) = delete;  // it would be gone before the first decision
  void unwatch() { online_.watcher() = {}; }

  //! @name State
  //! Everything that later decisions depend on: a run that is saved, loaded into a sieve made from
  //! the same options, and goes on equals the run that was never stopped, bit for bit. In the
  //! middle of a plan, remember how many batches were trained: `plan(epoch).batches(128, last,
  //! done)`. Selections and batches handed out before are not part of it. A history of one's own
  //! needs `write(byte_writer&) const` and `read(byte_reader&)`, as `loss_window` has them; a
  //! selector that has them takes part.
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::sieve, *this);
  }
  //! The saved table takes the place of this sieve's policy, so that a resumed run decides alike (a
  //! window that is still filling, under `min_fill`, goes by the policy); a ledger that had grown
  //! keeps its size.
  //! @throws state_error, saying why, for bytes that are not this sieve's; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::sieve, *this, bytes); }

  void write(byte_writer& out) const {
    online_.write(out);
    plans_.write(out);
    online_.queue().write(out);
  }
  void read(byte_reader& in) {
    online_.read(in);
    const draw_key order{options().seed, 0, purpose::order, options().replica};
    plans_.read(in, ledger().size(), order);
    online_.queue().read(in);
  }
  //! @}

 private:
  friend struct detail::sieve_access;

  detail::online_picker<History, Selector, Refresh> online_;
  detail::epoch_planner plans_;
};

//! The sieve that most users meet: exact window, independent draws, the library's schedules.
using sieve = basic_sieve<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
