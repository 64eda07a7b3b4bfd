// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sieve: history, ledger, policy, schedules and queue behind one object.
#pragma once

#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/intake.hpp>
#include <gradsieve/sieve/options.hpp>
#include <gradsieve/sieve/picker.hpp>
#include <gradsieve/sieve/planner.hpp>
#include <gradsieve/sieve/selection.hpp>
#include <gradsieve/sieve/work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Learns from per-example losses which examples deserve a gradient. Three ways to use one:
//! `plan` an epoch from the ledger before any forward pass, `pick` from a batch after its forward
//! pass, or `weights` that drop nothing.
//!
//! Every call checks its arguments first and changes nothing when it throws (but a policy that
//! fails only at a percentile of a filling window, under `min_fill`, is found out after the batch
//! was taken). A NaN or infinite loss never enters a history. Results are views, valid until the
//! next non-const call. One thread at a time, or const calls from several. After construction
//! `pick`, `weights` and `observe` do not allocate for batches up to `max_batch`.
//!
//! @tparam History   where percentiles come from: see `history`
//! @tparam Selector  how a batch is drawn: see `selector`
//! @tparam Refresh   which examples need a fresh loss: `bool due(id, age, epoch) const`
template <history History = loss_window, selector Selector = poisson_selector,
          staleness_rule Refresh = staleness>
class basic_sieve {
 public:
  using options_type = basic_sieve_options<Refresh>;
  using selection = basic_selection<Selector>;

  //! @throws invalid_argument for options that do not fit together; policy_error.
  explicit basic_sieve(const options_type& options)
      : basic_sieve(options, History(options.history)) {}
  //! The same with a history of one's own, whose capacity replaces `options.history`.
  basic_sieve(const options_type& options, History history, Selector selector = Selector())
      : options_(options),
        picker_(options, std::move(history), std::move(selector)),
        intake_(options),
        planner_(picker_.full_rule().size()) {
    detail::check(options_);
    if (options_.queue.batch_size != 0) {
      queue_ = batch_queue(options_.queue);
      queue_.reserve(options_.queue.batch_size + options_.max_batch);
    }
  }

  //! Tells the epoch to the schedules and the ledger; a new one closes the queue's epoch before.
  //! Whoever picks calls it at the start of each epoch, or every epoch is the first; `plan` does so
  //! itself.
  void begin_epoch(std::uint32_t epoch) {
    if (queue_ && epoch != epoch_) queue_.end_epoch();
    epoch_ = epoch;
  }

  //! @name Pick after the forward pass
  //! @{

  //! Takes a batch's losses into the history and draws who is back-propagated. O(n + H).
  //! @param losses  n losses of any floating type, before any mixed-precision scaling.
  template <class Losses>
  selection pick(const Losses& losses, const pick_options& where = {}) {
    if (options_.keying == draw_by::id) {
      detail::fail<invalid_argument>("pick: draws are keyed by id, but no ids were given");
    }
    if (queue_) detail::fail<invalid_argument>("pick: the queue needs ids, but none were given");
    accept("pick", losses, where);
    return decide({}, where);
  }

  //! The same with the examples' ids: also updates the ledger and feeds the queue, if any.
  template <id_range Ids, detail::other_than<pick_options> Losses>
  selection pick(const Ids& ids, const Losses& losses, const pick_options& where = {}) {
    check_queue("pick");
    const auto known = accept("pick", ids, losses, where);
    picker_.state().has_ids = true;
    return decide(known, where);
  }

  //! Decides on the ledger's losses, without a forward pass (Stale-SB). Make those that are `due`
  //! fresh beforehand; an example without any loss is selected.
  template <id_range Ids>
  selection pick_cached(const Ids& ids, const pick_options& where = {}) {
    check_queue("pick_cached");
    const auto known = intake_.known_ids("pick_cached", ids);
    intake_.recall("pick_cached", known, where, epoch_, picker_.state());
    picker_.state().has_ids = true;
    return decide(known, where);
  }

  //! Positions within `ids` whose loss is missing or stale: forward those and `refresh` them.
  template <id_range Ids>
  std::span<const std::uint32_t> due(const Ids& ids) {
    const auto known = intake_.known_ids("due", ids);
    picker_.state().begin(known.size());
    const auto out = picker_.state().positions.view();
    std::size_t count = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const ledger_entry& entry = ledger().at(known[i]);
      const std::uint32_t age = entry.age(epoch_);
      const bool stale = !entry.has_loss() || options_.refresh.due(known[i], age, epoch_);
      out[count] = static_cast<std::uint32_t>(i);
      count += std::size_t{stale && !entry.retired()};
    }
    return out.first(count);
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
  plan_view plan(std::uint32_t epoch) {
    intake_.need_ledger("plan");
    intake_.need_groups("plan");
    if (compiled().least_mass() == 0 && !detail::revisits(options_.refresh)) {
      detail::fail<invalid_argument>(
          "plan: the policy gives probability 0 to some percentile and `refresh` never revisits an "
          "example, so it would never be seen again; add a floor or, for example, max_age{8}");
    }
    if (options_.active.needs_total() && options_.total_epochs == 0) {
      detail::fail<invalid_argument>("plan: between{} needs total_epochs");
    }
    if (plan_.ready && plan_.epoch == epoch) {
      begin_epoch(epoch);
      return view_of_plan();
    }
    const draw_key key{options_.seed, epoch, purpose::plan, options_.replica};
    if (options_.active({epoch, epoch, epoch, options_.total_epochs})) {
      planner_.plan(intake_.book(), compiled(), options_.refresh, key, plan_);
    } else {
      planner_.plan_all(intake_.book(), key, plan_);
    }
    begin_epoch(epoch);
    tally_.chose(plan_.offered, plan_.train.size(), plan_.selective);
    if (watcher_) planner_.tell(watcher_, intake_.book(), plan_);
    return view_of_plan();
  }

  //! Records the losses of examples that were just trained on, and counts the work. O(n).
  template <id_range Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    const auto known = enter("observe", ids, losses);
    ledger().select(known);
    tally_.trained(known.size());
  }

  //! Records the losses of examples that were forwarded without gradient. O(n).
  template <id_range Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    tally_.refreshed(enter("refresh", ids, losses).size());
  }

  //! Records losses and counts no work: for batches of the queue, which were counted when they were
  //! handed out. O(n).
  template <id_range Ids, class Losses>
  void record(const Ids& ids, const Losses& losses) {
    enter("record", ids, losses, false);
  }
  //! @}

  //! @name Weights only
  //! @{

  //! One weight for each example, its probability over the batch's mean probability: nothing is
  //! dropped, and the mean weight is 1. While selection is off all are 1, but 0 for a loss that is
  //! skipped as NaN. O(n log H).
  template <class Losses>
  std::span<const float> weights(const Losses& losses, const pick_options& where = {}) {
    accept("weights", losses, where);
    return weigh({});
  }
  template <id_range Ids, detail::other_than<pick_options> Losses>
  std::span<const float> weights(const Ids& ids, const Losses& losses,
                                 const pick_options& where = {}) {
    return weigh(accept("weights", ids, losses, where));
  }
  //! @}

  const options_type& options() const { return options_; }
  const History& history() const { return picker_.past(); }
  const rule& compiled() const { return picker_.full_rule(); }  //!< for a full history
  loss_ledger& ledger() { return intake_.book().ledger(); }
  const loss_ledger& ledger() const { return intake_.book().ledger(); }

  //! @name Examples
  //! @{

  //! Tells the group (class) of each example of the ledger, in the order of ids: what `per_group`
  //! policies and scores go by. O(examples), 2 bytes each; part of the saved state.
  //! @param groups  one integer for each example, in [0, 65536), below the number of `per_group`
  template <id_range Labels>
  void assign_groups(const Labels& groups) {
    intake_.need_ledger("assign_groups");
    intake_.book().assign_groups(groups, options_.per_group.size());
  }

  //! Those assigned, by id; empty before.
  std::span<const group_id> groups() const { return intake_.book().groups().view(); }

  //! Takes examples out for good: from the next plan or pick on they are not selected, whatever
  //! their losses. What a queue holds already is still handed out.
  template <id_range Ids>
  void retire(const Ids& ids) {
    intake_.need_ledger("retire");
    ledger().retire(ids);
  }
  //! @}

  //! @throws invalid_argument when `options.queue.batch_size` is 0.
  batch_queue& queue() {
    if (!queue_) {
      detail::fail<invalid_argument>("queue: the sieve has none; set .queue = {.batch_size = 128}");
    }
    return queue_;
  }

  std::uint64_t step() const { return step_; }  //!< picks and weights so far
  std::uint32_t epoch() const { return epoch_; }

  //! Whether the schedule has selection on at this epoch and step.
  bool active() const {
    const bool by_steps = options_.total_steps != 0;
    return options_.active({epoch_, step_, by_steps ? step_ : epoch_,
                            by_steps ? options_.total_steps : options_.total_epochs});
  }

  //! Share of the examples offered that was selected, while selection was on; 1 before.
  double keep_rate() const { return tally_.keep_rate(); }

  work_counters work() const { return tally_.work(queue_.handed_out()); }

  //! Tells `observer` of every decision from now on, in the place of an earlier one: once for each
  //! pick and each weighing; for a plan when it is made, in parts of 4096 examples in the order of
  //! ids. What is told is done, so an observer that throws loses the caller nothing but the view
  //! that the call would have returned, and parts of a plan not told. It must not change this
  //! sieve, and is no part of a saved state.
  //! @param observer  a `decision_observer`, not copied: it must live until `unwatch`
  template <class Observer>
  void watch(Observer& observer) {
    watcher_ = detail::observer_ref(observer);
  }
  template <class Observer>
  void watch(const Observer&&) = delete;  // it would be gone before the first decision
  void unwatch() { watcher_ = {}; }

  //! @name State
  //! Everything that later decisions depend on: a run that is saved, loaded into a sieve made from
  //! the same options, and goes on equals the run that was never stopped, bit for bit. In the
  //! middle of a plan, remember how many batches were trained: `plan(epoch).batches(128, last,
  //! done)`. Selections and batches handed out before are not part of it. A history of one's own
  //! takes part when it has `write(byte_writer&) const` and `read(byte_reader&)`, as `loss_window`
  //! does.
  //! @{
  std::vector<std::byte> save() const { return save_state(state_kind::sieve, *this); }
  //! The saved table takes the place of this sieve's policy, so that a resumed run decides alike (a
  //! window that is still filling, under `min_fill`, goes by the policy); a ledger that had grown
  //! keeps its size.
  //! @throws state_error, saying why, for bytes that are not this sieve's; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::sieve, *this, bytes); }

  void write(byte_writer& out) const {
    detail::write_options(options_, out);
    out.put(step_);
    out.put(epoch_);
    tally_.write(out);
    picker_.write(out);
    intake_.book().write(out);
    plan_.write(out);
    planner_.write(out);
    out.put(bool{queue_});
    if (queue_) queue_.write(out);
  }
  void read(byte_reader& in) {
    detail::expect_options(options_, in);
    step_ = in.get<std::uint64_t>();
    epoch_ = in.get<std::uint32_t>();
    tally_.read(in);
    picker_.read(in);
    intake_.book().read(in);
    plan_.read(in, ledger().size(), {options_.seed, 0, purpose::order, options_.replica});
    planner_.read(in);
    if (plan_.selective && planner_.window().size == 0) {
      detail::fail<state_error>("state: a plan without the quantiles that it ranks against");
    }
    const bool queued = in.flag("a queue's presence");
    if (queued != bool{queue_}) {
      detail::fail<state_error>("state: saved ", queued ? "with" : "without",
                                " a queue, this sieve has ", queue_ ? "one" : "none");
    }
    if (queue_) queue_.read(in);
  }
  //! @}

 private:
  plan_view view_of_plan() const {
    const auto& groups = intake_.book().groups();
    return {plan_, planner_.window(), compiled().view(), groups.empty() ? nullptr : groups.data()};
  }

  //! A queue takes no step before its last one, which may have come from elsewhere.
  void check_queue(std::string_view call) const {
    if (queue_ && queue_.last_step() > step_) {
      detail::fail<invalid_argument>(call, ": the queue is at step ", queue_.last_step(),
                                     ", the sieve at ", step_);
    }
  }

  //! Counts the converted batch.
  void count(bool forwarded = true) {
    const loss_batch& batch = picker_.state().batch;
    tally_.forwarded(forwarded ? batch.size() : 0, batch.rejected());
  }

  //! Takes in a batch that is only to be remembered.
  template <class Ids, class Losses>
  std::span<const std::int64_t> enter(std::string_view call, const Ids& ids, const Losses& losses,
                                      bool forwarded = true) {
    intake_.need_ledger(call);
    const auto known = intake_.convert(call, ids, detail::loss_span(losses), picker_.state());
    count(forwarded);
    intake_.record(known, epoch_, picker_.state());
    return known;
  }

  //! Takes in a batch that is to be decided or weighed.
  template <class Ids, class Losses>
  std::span<const std::int64_t> accept(std::string_view call, const Ids& ids, const Losses& losses,
                                       const pick_options& where) {
    detail::pick_state& state = picker_.state();
    const auto known = intake_.convert(call, ids, detail::loss_span(losses), state);
    intake_.rank(call, known, where, epoch_, state);
    count();
    intake_.record(known, epoch_, state);
    state.take_ranks();
    return known;
  }
  template <class Losses>
  void accept(std::string_view call, const Losses& losses, const pick_options& where) {
    intake_.convert(call, detail::loss_span(losses), where, picker_.state());
    count();
  }

  selection decide(std::span<const std::int64_t> ids, const pick_options& where) {
    detail::pick_state& state = picker_.state();
    const bool by_id = options_.keying == draw_by::id;
    const draw_key key{options_.seed, static_cast<std::uint32_t>(step_),
                       by_id ? purpose::pick_by_id : purpose::pick_by_position, options_.replica};
    picker_.pick(active(), key, by_id ? ids : std::span<const std::int64_t>{},
                 where.first_position);
    hand_over(ids);
    tally_.chose(state.batch.size(), state.selected, state.selective);
    if (!queue_ || ids.empty()) tally_.trained(state.selected);
    ++step_;
    if (watcher_) watcher_(picker_.told());
    return selection(state, picker_.how());
  }

  //! Gives the selected ids to the view, the ledger and the queue.
  void hand_over(std::span<const std::int64_t> ids) {
    if (ids.empty()) return;
    detail::pick_state& state = picker_.state();
    for (std::size_t i = 0; i < state.selected; ++i) state.ids[i] = ids[state.positions[i]];
    const auto chosen = std::as_const(state.ids).first(state.selected);
    if (ledger().size() != 0) ledger().select(chosen);
    if (queue_) queue_.push(chosen, step_);
  }

  std::span<const float> weigh(std::span<const std::int64_t> ids) {
    const auto weights = picker_.weigh(active());
    if (ledger().size() != 0) ledger().select(ids);
    tally_.trained(weights.size());
    ++step_;
    if (watcher_) {
      picker_.keep_all();
      watcher_(picker_.told());
    }
    return weights;
  }

  options_type options_;
  detail::picker<History, Selector, options_type> picker_;
  detail::intake intake_;
  detail::planner planner_;
  detail::plan_state plan_;
  batch_queue queue_;
  detail::tally tally_;
  detail::observer_ref watcher_;
  std::uint64_t step_ = 0;
  std::uint32_t epoch_ = 0;
};

//! The sieve that most users meet: exact window, independent draws, the library's schedules.
using sieve = basic_sieve<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
