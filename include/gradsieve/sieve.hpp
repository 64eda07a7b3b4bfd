// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sieve: history, ledger, policy, schedules and queue behind one object.
#pragma once

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/ids.hpp>
#include <gradsieve/sieve/options.hpp>
#include <gradsieve/sieve/picker.hpp>
#include <gradsieve/sieve/planner.hpp>
#include <gradsieve/sieve/selection.hpp>
#include <gradsieve/sieve/work.hpp>

#include <optional>

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
        ledger_(options.examples),
        planner_(picker_.full_rule().size()) {
    detail::check(options_);
    ids_.reserve(options_.max_batch);
    if (options_.queue.batch_size != 0) {
      queue_.emplace(options_.queue);
      queue_->reserve(options_.queue.batch_size + options_.max_batch);
    }
  }

  //! Tells the epoch to the schedules and the ledger; a new one closes the queue's epoch before.
  //! Whoever picks calls it at the start of each epoch, or every epoch is the first; `plan` does so
  //! itself.
  void begin_epoch(std::uint32_t epoch) {
    if (queue_ && epoch != epoch_) queue_->end_epoch();
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
    accept(detail::loss_span(losses));
    return decide({}, where);
  }

  //! The same with the examples' ids: also updates the ledger and feeds the queue, if any.
  template <id_range Ids, detail::other_than<pick_options> Losses>
  selection pick(const Ids& ids, const Losses& losses, const pick_options& where = {}) {
    check_queue("pick");
    const auto known = accept(ids, detail::loss_span(losses));
    picker_.state().has_ids = true;
    return decide(known, where);
  }

  //! Decides on the ledger's losses, without a forward pass (Stale-SB). Make those that are `due`
  //! fresh beforehand; an example without any loss is selected.
  template <id_range Ids>
  selection pick_cached(const Ids& ids, const pick_options& where = {}) {
    check_queue("pick_cached");
    const auto known = checked_ids("pick_cached", ids);
    picker_.state().begin(known.size());
    picker_.state().batch.assign_keys(known.size(), [&](std::size_t i) {
      const ledger_entry& entry = ledger_.at(known[i]);
      if (entry.has_loss()) return entry.key;
      return entry.seen() == 0 || options_.on_non_finite == non_finite::select ? key_always
                                                                               : key_never;
    });
    picker_.state().has_ids = true;
    return decide(known, where);
  }

  //! Positions within `ids` whose loss is missing or stale: forward those and `refresh` them.
  template <id_range Ids>
  std::span<const std::uint32_t> due(const Ids& ids) {
    const auto known = checked_ids("due", ids);
    picker_.state().begin(known.size());
    const auto out = std::span(picker_.state().positions);
    std::size_t count = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const ledger_entry& entry = ledger_.at(known[i]);
      const std::uint32_t age = entry.age(epoch_);
      out[count] = static_cast<std::uint32_t>(i);
      count += std::size_t{!entry.has_loss() || options_.refresh.due(known[i], age, epoch_)};
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
    need_ledger("plan");
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
      planner_.plan(ledger_, compiled(), options_.refresh, key, plan_);
    } else {
      planner_.plan_all(ledger_, key, plan_);
    }
    begin_epoch(epoch);
    tally_.chose(static_cast<std::uint64_t>(ledger_.size()), plan_.train.size(), plan_.selective);
    return view_of_plan();
  }

  //! Records the losses of examples that were just trained on, and counts the work. O(n).
  template <id_range Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    need_ledger("observe");
    const auto known = accept(ids, detail::loss_span(losses));
    ledger_.select(known);
    tally_.trained(known.size());
  }

  //! Records the losses of examples that were forwarded without gradient. O(n).
  template <id_range Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    need_ledger("refresh");
    tally_.refreshed(accept(ids, detail::loss_span(losses)).size());
  }

  //! Records losses and counts no work: for batches of the queue, which were counted when they were
  //! handed out. O(n).
  template <id_range Ids, class Losses>
  void record(const Ids& ids, const Losses& losses) {
    need_ledger("record");
    accept(ids, detail::loss_span(losses), false);
  }
  //! @}

  //! @name Weights only
  //! @{

  //! One weight for each example, its probability over the batch's mean probability: nothing is
  //! dropped, and the mean weight is 1. While selection is off all are 1, but 0 for a loss that is
  //! skipped as NaN. O(n log H).
  template <class Losses>
  std::span<const float> weights(const Losses& losses) {
    accept(detail::loss_span(losses));
    return weigh({});
  }
  template <id_range Ids, class Losses>
  std::span<const float> weights(const Ids& ids, const Losses& losses) {
    return weigh(accept(ids, detail::loss_span(losses)));
  }
  //! @}

  const options_type& options() const { return options_; }
  const History& history() const { return picker_.past(); }
  const rule& compiled() const { return picker_.full_rule(); }  //!< for a full history
  loss_ledger& ledger() { return ledger_; }
  const loss_ledger& ledger() const { return ledger_; }

  //! @throws invalid_argument when `options.queue.batch_size` is 0.
  batch_queue& queue() {
    if (!queue_) {
      detail::fail<invalid_argument>("queue: the sieve has none; set .queue = {.batch_size = 128}");
    }
    return *queue_;
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

  work_counters work() const { return tally_.work(queue_ ? queue_->handed_out() : 0); }

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
    ledger_.write(out);
    plan_.write(out);
    planner_.write(out);
    out.put(queue_.has_value());
    if (queue_) queue_->write(out);
  }
  void read(byte_reader& in) {
    detail::expect_options(options_, in);
    step_ = in.get<std::uint64_t>();
    epoch_ = in.get<std::uint32_t>();
    tally_.read(in);
    picker_.read(in);
    const bool has_ledger = ledger_.size() != 0;
    ledger_.read(in);
    if (has_ledger != (ledger_.size() != 0)) {
      detail::fail<state_error>("state: saved ", has_ledger ? "without" : "with",
                                " a ledger, this sieve has ", has_ledger ? "one" : "none");
    }
    if (ledger_.size() < options_.examples) {
      detail::fail<state_error>("state: saved with a ledger of ", ledger_.size(),
                                " examples, this sieve has ", options_.examples);
    }
    plan_.read(in, ledger_.size(), {options_.seed, 0, purpose::order, options_.replica});
    planner_.read(in);
    if (plan_.selective && planner_.window().size == 0) {
      detail::fail<state_error>("state: a plan without the quantiles that it ranks against");
    }
    const bool queued = in.flag("a queue's presence");
    if (queued != queue_.has_value()) {
      detail::fail<state_error>("state: saved ", queued ? "with" : "without",
                                " a queue, this sieve has ", queue_ ? "one" : "none");
    }
    if (queue_) queue_->read(in);
  }
  //! @}

 private:
  plan_view view_of_plan() const { return {plan_, planner_.window(), compiled().view()}; }

  void need_ledger(std::string_view call) const {
    if (ledger_.size() == 0) {
      detail::fail<invalid_argument>(call, ": the sieve has no ledger; set .examples");
    }
  }

  //! A queue takes no step before its last one, which may have come from elsewhere.
  void check_queue(std::string_view call) const {
    if (queue_ && queue_->last_step() > step_) {
      detail::fail<invalid_argument>(call, ": the queue is at step ", queue_->last_step(),
                                     ", the sieve at ", step_);
    }
  }

  template <class Ids>
  std::span<const std::int64_t> checked_ids(std::string_view call, const Ids& ids) {
    need_ledger(call);
    ledger_.check_all(ids);
    return ids_.widen(detail::id_span(ids));
  }

  //! Converts a batch's losses to keys; `forwarded` when the work is to be counted here.
  template <class T>
  void accept(std::span<const T> losses, bool forwarded = true) {
    detail::pick_state& state = picker_.state();
    state.begin(losses.size());
    state.batch.assign(losses, options_.on_non_finite);
    tally_.forwarded(forwarded ? losses.size() : 0, state.batch.rejected());
  }

  //! The same with ids, which are checked first and go into the ledger.
  template <class Ids, class T>
  std::span<const std::int64_t> accept(const Ids& ids, std::span<const T> losses,
                                       bool forwarded = true) {
    const auto given = detail::id_span(ids);
    if (given.size() != losses.size()) {
      detail::fail<invalid_argument>("sieve: ", given.size(), " ids and ", losses.size(),
                                     " losses");
    }
    if (ledger_.size() != 0) ledger_.check_all(given);
    accept(losses, forwarded);
    const auto known = ids_.widen(given);
    if (ledger_.size() != 0) ledger_.observe_keys(known, picker_.keys(), epoch_);
    return known;
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
    return selection(state, picker_.how());
  }

  //! Gives the selected ids to the view, the ledger and the queue.
  void hand_over(std::span<const std::int64_t> ids) {
    if (ids.empty()) return;
    detail::pick_state& state = picker_.state();
    const auto chosen = std::span(state.ids).first(state.selected);
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = ids[state.positions[i]];
    if (ledger_.size() != 0) ledger_.select(chosen);
    if (queue_) queue_->push(chosen, step_);
  }

  std::span<const float> weigh(std::span<const std::int64_t> ids) {
    const auto weights = picker_.weigh(active());
    if (ledger_.size() != 0) ledger_.select(ids);
    tally_.trained(weights.size());
    ++step_;
    return weights;
  }

  options_type options_;
  detail::picker<History, Selector, options_type> picker_;
  loss_ledger ledger_;
  detail::planner planner_;
  detail::plan_state plan_;
  std::optional<batch_queue> queue_;
  detail::id_buffer ids_;
  detail::tally tally_;
  std::uint64_t step_ = 0;
  std::uint32_t epoch_ = 0;
};

//! The sieve that most users meet: exact window, independent draws, the library's schedules.
using sieve = basic_sieve<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
