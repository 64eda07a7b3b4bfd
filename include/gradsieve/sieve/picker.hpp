// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Decides over batches of keys: history, rule and selector at work, knowing nothing of ids.
#pragma once

#include <gradsieve/history/history.hpp>
#include <gradsieve/select/top_up.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/options.hpp>
#include <gradsieve/sieve/selection.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The part of a sieve that turns a batch of losses into a selection or into weights.
template <class History, class Selector, class Options>
class picker {
 public:
  picker(const Options& options, History history, Selector selector)
      : policy_(options.policy),
        per_group_(options.per_group),
        min_batch_(options.min_batch),
        min_fill_(options.min_fill),
        order_(options.order),
        history_(std::move(history)),
        selector_(std::move(selector)),
        rule_(options.policy, history_.capacity(), options.tied, per_group_),
        window_(history_.capacity()) {
    if constexpr (requires { selector_.k; }) {
      if (selector_.k == 0) {
        fail<invalid_argument>(
            "sieve: the selector's k is 0; pass, for example, "
            "exactly_k_selector{128} as the third argument");
      }
    }
    if constexpr (requires { Selector::needs_batch; }) {
      if (Selector::needs_batch && options.keying == draw_by::id) {
        fail<invalid_argument>(
            "sieve: this selector looks at a whole batch, so its draws cannot be "
            "keyed by id");
      }
    }
    if (min_fill_ == 0) min_fill_ = history_.capacity();
    if (min_fill_ > history_.capacity()) {
      fail<invalid_argument>("sieve: min_fill is ", min_fill_, ", more than the history's ",
                             history_.capacity());
    }
    if (min_fill_ < history_.capacity()) {
      filling_rule_ = rule(policy_, history_.capacity(), options.tied, per_group_);
    }
    state_.begin(options.max_batch);
    reserve_for(selector_, options.max_batch);
  }

  const History& past() const { return history_; }
  History& past() { return history_; }
  Selector& how() { return selector_; }
  const Selector& how() const { return selector_; }
  const rule& full_rule() const { return rule_; }

  //! Goes by another policy from the next batch on.
  void set_policy(const curve& policy) {
    if (per_group_.size() != 0) {
      fail<invalid_argument>("set_policy: this sieve has policies for ", per_group_.size(),
                             " groups, and one was given");
    }
    // Each compiles or stays as it was: when the second throws, the first is made anew if needed.
    filling_stale_ = filling_rule_.size() != 0;
    if (filling_stale_) filling_rule_.compile(policy, filling_rule_.size());
    rule_.compile(policy, rule_.size());
    policy_ = policy;
    filling_stale_ = false;
  }

  pick_state& state() { return state_; }
  std::span<const loss_key> keys() const { return state_.batch.view(); }

  //! Draws the batch in `state()`. `ids` is empty when draws are keyed by position.
  void pick(bool active, const draw_key& key, std::span<const std::int64_t> ids,
            std::uint64_t first_position) {
    reserve_for(selector_, keys().size());  // even while all is selected: not in a later step
    if (prepare(active)) {
      const selector_batch batch = state_.view(ids, first_position);
      state_.selected =
          selector_.select(state_.rule, state_.window, key, batch, state_.positions.room());
      if (state_.selected < min_batch_) top_up_to_least(key, batch);
      return;
    }
    keep_all();
  }

  //! Selects all but the losses that are skipped.
  void keep_all() {
    state_.selective = false;
    state_.selected = 0;
    for (std::uint32_t i = 0; i < keys().size(); ++i) {
      state_.positions[state_.selected] = i;
      state_.selected += std::size_t{keys()[i] != key_never};
    }
  }

  //! What was decided of the batch in `state()`.
  decision told() const {
    return {keys(), state_.positions.first(state_.selected), state_.selective};
  }

  //! Weighs the batch in `state()` by the policy's probabilities over their mean; equally while
  //! selection is off, and when no example has any probability. Nothing is drawn, so a selector's
  //! inclusions have no part in it.
  std::span<const float> weigh(bool active) {
    const auto out = state_.weights.room(keys().size());
    const bool selective = prepare(active);
    double sum = 0;
    if (selective) {
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint64_t mass = state_.rule.mass_of(state_.window, keys()[i], state_.group(i));
        out[i] = static_cast<float>(to_probability(mass));
        sum += static_cast<double>(out[i]);
      }
    }
    const double scale = sum > 0 ? static_cast<double>(out.size()) / sum : 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double equal = keys()[i] != key_never ? 1.0 : 0.0;
      out[i] = static_cast<float>(sum > 0 ? static_cast<double>(out[i]) * scale : equal);
    }
    return out;
  }

  void write(byte_writer& out) const {
    if constexpr (requires { selector_.k; }) out.put(std::uint64_t{selector_.k});
    if constexpr (requires { selector_.write(out); }) selector_.write(out);
    rule_.write(out);
    history_.write(out);
  }
  void read(byte_reader& in) {
    if constexpr (requires { selector_.k; }) in.expect("k", std::uint64_t{selector_.k});
    if constexpr (requires { selector_.read(in); }) selector_.read(in);
    const std::size_t size = rule_.size();
    rule_.read(in);
    if (rule_.size() != size) {
      fail<state_error>("state: saved with a history of ", rule_.size(), ", this sieve has ", size);
    }
    if (rule_.groups().count() != per_group_.size()) {
      fail<state_error>("state: saved with policies for ", rule_.groups().count(),
                        " groups, this sieve has ", per_group_.size());
    }
    history_.read(in);
    state_.begin(0);
  }

 private:
  //! Takes the batch into the history before or after the window that decides it is written.
  //! Returns whether to select; otherwise everything is.
  bool prepare(bool active) {
    if (order_ == update_order::update_then_decide) history_.push_keys(keys());
    const std::size_t filled = history_.size();
    state_.selective = active && filled != 0 && filled >= min_fill_;
    if (state_.selective) {
      history_.write_sorted_keys(window_.resize(filled));
      const rule& current = rule_for(filled);
      state_.rule = current.view();
      state_.least_mass = current.least_mass();
      state_.window = window_.view();
    }
    if (order_ == update_order::decide_then_update) history_.push_keys(keys());
    return state_.selective;
  }

  //! The policy compiled for this many losses: once while the window is full.
  const rule& rule_for(std::size_t filled) {
    if (filled == rule_.size()) return rule_;
    if (filled != filling_rule_.size() || filling_stale_) {
      filling_rule_.compile(policy_, filled, per_group_);
      filling_stale_ = false;
    }
    return filling_rule_;
  }

  void top_up_to_least(const draw_key& key, const selector_batch& batch) {
    const std::size_t before = state_.selected, wanted = (std::min)(min_batch_, keys().size());
    state_.added.resize(wanted);
    state_.selected = top_up(state_.rule, state_.window, key, batch, wanted,
                             state_.positions.room(), before, state_.added.room());
    state_.added.resize(state_.selected - before);
  }

  curve policy_;
  policy_list per_group_;
  std::size_t min_batch_;
  std::size_t min_fill_;
  update_order order_;
  History history_;
  Selector selector_;
  rule rule_, filling_rule_;
  bool filling_stale_ = false;  // compiled from a policy that was not taken
  sorted_window window_;
  pick_state state_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
