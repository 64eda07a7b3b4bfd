// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The online half of a sieve: a batch's way from its losses to a decision, and whoever
//! learns of it.
#pragma once

#include <gradsieve/sieve/clock.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/intake.hpp>
#include <gradsieve/sieve/optional_queue.hpp>
#include <gradsieve/sieve/picker.hpp>
#include <gradsieve/sieve/work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Takes batches in, decides them, and tells the ledger, the queue, the books and the observer.
//! `call` names the caller's call in every error.
template <class History, class Selector, class Refresh>
class online_picker {
 public:
  using options_type = basic_sieve_options<Refresh>;
  using ids_view = std::span<const std::int64_t>;

  online_picker(const options_type& options, History history, Selector selector)
      : options_(options),
        picker_(options, std::move(history), std::move(selector)),
        intake_(options),
        queue_(options.queue, options.max_batch) {}

  const options_type& options() const { return options_; }
  History& past() { return picker_.past(); }
  const History& past() const { return picker_.past(); }
  const rule& compiled() const { return picker_.full_rule(); }
  Selector& how() { return picker_.how(); }
  const Selector& how() const { return picker_.how(); }
  const intake& examples() const { return intake_; }
  example_book& book() { return intake_.book(); }
  const example_book& book() const { return intake_.book(); }
  training_clock& clock() { return clock_; }
  const training_clock& clock() const { return clock_; }
  tally& books() { return tally_; }
  const tally& books() const { return tally_; }
  optional_queue& queue() { return queue_; }
  const optional_queue& queue() const { return queue_; }
  observer_ref& watcher() { return watcher_; }

  bool active() const { return clock_.active(options_); }
  void set_policy(const curve& policy) { picker_.set_policy(policy); }

  void begin_epoch(std::uint32_t epoch) {
    if (epoch != clock_.epoch()) queue_.end_epoch();
    clock_.begin_epoch(epoch);
  }

  //! @throws invalid_argument when a decision now would come before the queue's last step.
  void check_queue(std::string_view call) const { queue_.check_step(call, clock_.step()); }

  //! Takes in a batch that is only to be remembered.
  template <class Ids, class Losses>
  ids_view remember(std::string_view call, const Ids& ids, const Losses& losses,
                    bool forwarded = true) {
    intake_.need_ledger(call);
    const auto known = intake_.convert(call, ids, loss_span(losses), state());
    count(forwarded);
    intake_.record(known, clock_.epoch(), state());
    return known;
  }

  //! Takes in a batch that is to be decided or weighed.
  template <class Ids, class Losses>
  ids_view accept(std::string_view call, const Ids& ids, const Losses& losses,
                  const pick_options& where) {
    const auto known = intake_.convert(call, ids, loss_span(losses), state());
    intake_.rank(call, known, where, clock_.epoch(), state());
    count();
    intake_.record(known, clock_.epoch(), state());
    state().take_ranks();
    state().has_ids = true;
    return known;
  }
  template <class Losses>
  void accept(std::string_view call, const Losses& losses, const pick_options& where) {
    intake_.convert(call, loss_span(losses), where, state());
    count();
  }
  //! The same from the losses on record.
  template <class Ids>
  ids_view recall(std::string_view call, const Ids& ids, const pick_options& where) {
    const auto known = intake_.known_ids(call, ids);
    intake_.recall(call, known, where, clock_.epoch(), state());
    state().has_ids = true;
    return known;
  }

  //! Decides the batch taken in. @param ids  its examples; none when it came without
  basic_selection<Selector> decide(ids_view ids, const pick_options& where) {
    const bool by_id = options_.keying == draw_by::id;
    const draw_key key{options_.seed, static_cast<std::uint32_t>(clock_.step()),
                       by_id ? purpose::pick_by_id : purpose::pick_by_position, options_.replica};
    picker_.pick(active(), key, by_id ? ids : ids_view{}, where.first_position);
    hand_over(ids);
    tally_.chose(state().batch.size(), state().selected, state().selective);
    if (!queue_ || ids.empty()) tally_.trained(state().selected);
    clock_.advance();
    if (watcher_) watcher_(picker_.told());
    return {state(), picker_.how()};
  }

  //! Weighs the batch taken in.
  std::span<const float> weigh(ids_view ids) {
    const auto weights = picker_.weigh(active());
    if (book().size() != 0) book().ledger().select(ids);
    tally_.trained(weights.size());
    clock_.advance();
    if (watcher_) {
      picker_.keep_all();
      watcher_(picker_.told());
    }
    return weights;
  }

  //! Positions within `ids` of those that need a fresh loss.
  template <class Ids>
  std::span<const std::uint32_t> due(const Ids& ids) {
    const auto known = intake_.known_ids("due", ids);
    state().begin(known.size());
    buffer<std::uint32_t>& out = state().positions;
    std::size_t count = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const ledger_entry& entry = book().ledger().at(known[i]);
      const std::uint32_t age = entry.age(clock_.epoch());
      const bool stale = !entry.has_loss() || options_.refresh.due(known[i], age, clock_.epoch());
      out[count] = static_cast<std::uint32_t>(i);
      count += std::size_t{stale && !entry.retired()};
    }
    return out.first(count);
  }

  void write(byte_writer& out) const {
    write_options(options_, out);
    clock_.write(out);
    tally_.write(out);
    picker_.write(out);
    book().write(out);
  }
  void read(byte_reader& in) {
    expect_options(options_, in);
    clock_.read(in);
    tally_.read(in);
    picker_.read(in);
    book().read(in, options_.per_group.size());
  }

 private:
  pick_state& state() { return picker_.state(); }

  //! Counts the converted batch.
  void count(bool forwarded = true) {
    const loss_batch& batch = state().batch;
    tally_.forwarded(forwarded ? batch.size() : 0, batch.rejected());
  }

  //! Gives the selected ids to the view, the ledger and the queue.
  void hand_over(ids_view ids) {
    if (ids.empty()) return;
    pick_state& s = state();
    for (std::size_t i = 0; i < s.selected; ++i) s.ids[i] = ids[s.positions[i]];
    const ids_view chosen = s.ids.first(s.selected);
    if (book().size() != 0) book().ledger().select(chosen);
    queue_.push(chosen, clock_.step());
  }

  options_type options_;
  picker<History, Selector, options_type> picker_;
  intake intake_;
  optional_queue queue_;
  tally tally_;
  training_clock clock_;
  observer_ref watcher_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
