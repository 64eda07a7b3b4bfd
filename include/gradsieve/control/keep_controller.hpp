// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Holds the share of examples that is selected at a wanted value.
#pragma once

#include <gradsieve/control/rank_counts.hpp>
#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/random/bijection.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What a `keep_controller` holds; give one of the two.
struct keep_options {
  double keep = 0;              //!< the share of the examples offered, in (0, 1]
  std::uint64_t per_epoch = 0;  //!< examples trained in an epoch over the whole ledger
};

//! Holds a sieve's keep rate under ties, drifting losses and stale windows, with any policy, by
//! giving it the policy's table at another level (`steered_policy`) after each pick, or before each
//! plan. The level is the least whose expected share, over the ranks that losses took lately, is
//! what was asked for; what the draws then miss by is made up for in the next step. So the number
//! selected differs from the number wanted by what a single step misses, however many there were.
//!
//! Steps that were no choice (`active`, a window that is not full) do not count. What is out of
//! reach, such as fewer than a plan must train because they are due, is not made up for later:
//! the debt is at most one step. In integers, so that it is the same with every flag.
//!
//!     gradsieve::keep_controller control(sieve, {.keep = 0.3});
//!     auto picked = sieve.pick(losses);       // … back-propagate …
//!     control.after(sieve, picked);           // or: auto plan = control.plan(sieve, epoch);
//!
//! It must live as long as its sieve is used: the sieve holds a view of its table.
class keep_controller {
 public:
  //! Sets the sieve's policy at once. O(history).
  //! @throws invalid_argument unless exactly one of the options is given and in its range; for
  //! `per_epoch` without a ledger; for a sieve with `per_group` policies.
  template <class Sieve>
  keep_controller(Sieve& held, const keep_options& options)
      : policy_(held.options().policy, held.compiled().size()),
        counts_(held.compiled().size()),
        window_(0),
        keep_(checked(options)),
        per_epoch_(options.per_epoch) {
    if (per_epoch_ != 0 && held.ledger().size() == 0) {
      detail::fail<invalid_argument>(
          "keep_controller: per_epoch needs the sieve to have a ledger; set .examples");
    }
    counts_.assume_even();
    policy_.set_level(level_for(rate_of(held)));
    held.set_policy(policy_.view());
  }
  keep_controller(const keep_controller&) = delete;  // a sieve holds a view of its table
  keep_controller& operator=(const keep_controller&) = delete;
  keep_controller(keep_controller&&) = default;  // which moves with it
  keep_controller& operator=(keep_controller&&) = default;

  //! Learns from a pick and sets the policy of the next one, which ends `picked`. O(n log H + H).
  template <class Sieve, class Selector>
  void after(Sieve& held, const basic_selection<Selector>& picked) {
    if (!picked.selective() || picked.offered() == 0) return;
    counts_.fade();
    // Of a large batch a part tells enough.
    const std::size_t step = (picked.offered() + most_counted - 1) / most_counted;
    for (std::size_t i = 0; i < picked.offered(); i += step) {
      counts_.add(picked.window(), picked.keys()[i], held.options().tied);
    }
    counts_.settle();
    const std::uint64_t rate = rate_of(held);
    settle(rate, picked.offered(), picked.size());
    steer(rate, picked.offered());
    held.set_policy(policy_.view());
  }

  //! `sieve.plan(epoch, run)`, after the policy was set from the ledger as it is: examples that the
  //! plan must train are known beforehand. The same plan for the same epoch. O(examples) for the
  //! quantiles, and O(log H) for each of up to 65536 examples that tell the ranks: all that are not
  //! retired, or a sample.
  //! @throws as `basic_sieve::plan`
  template <class Sieve, class Executor = serial>
  plan_view plan(Sieve& held, std::uint32_t epoch, Executor run = {}) {
    if (planned_ && epoch == epoch_) return held.plan(epoch, run);
    const auto& options = held.options();
    const auto offered = static_cast<std::uint64_t>(held.ledger().size() - held.ledger().retired());
    const bool active = options.active({epoch, epoch, epoch, options.total_epochs});
    const std::uint64_t rate = rate_of(held);
    if (active && offered != 0 && count(held, epoch, detail::executor_ref(run))) {
      steer(rate, offered);
      held.set_policy(policy_.view());
    }
    const plan_view plan = held.plan(epoch, run);
    if (plan.selective()) settle(rate, offered, plan.size());
    planned_ = true;
    epoch_ = epoch;
    return plan;
  }

  //! The policy as it is steered, and what a guard may set its cap of.
  steered_policy& policy() { return policy_; }
  const steered_policy& policy() const { return policy_; }

  //! Whether the last step's wanted share was within the policy's reach.
  bool reached() const { return reached_; }
  //! Examples that were selected too few so far (negative: too many), at most one step's.
  double owed() const { return static_cast<double>(owed_) / one; }

  //! @name State
  //! A controller made from the same options with the same sieve's, loaded, goes on as the saved
  //! one. Load the sieve too.
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::keep_controller, *this);
  }
  //! @throws state_error, saying why, for bytes that are not this controller's; nothing is changed.
  template <class Sieve>
  void load(Sieve& held, std::span<const std::byte> bytes) {
    byte_reader in = open_state(state_kind::keep_controller, bytes);
    saved_state fresh = parsed(in);
    if (in.left() != 0) {
      detail::fail<state_error>("state: ", in.left(), " bytes of the payload were not read");
    }
    held.set_policy(fresh.policy.view());
    policy_ = std::move(fresh.policy);  // and its table with it
    take(fresh);
  }
  void write(byte_writer& out) const {
    out.put(keep_);
    out.put(per_epoch_);
    out.put(planned_);
    out.put(epoch_);
    out.put(reached_);
    out.put(owed_);
    policy_.write(out);
    counts_.write(out);
  }
  //! Nothing is changed when anything throws. Give the sieve `policy().view()` afterwards.
  void read(byte_reader& in) {
    saved_state fresh = parsed(in);
    policy_ = fresh.policy;  // not moved: the table stays where the sieve looks
    take(fresh);
  }
  //! @}

 private:
  static constexpr std::size_t most_counted =
      4096;                                     // examples of a batch whose ranks are looked up
  static constexpr std::int64_t one = 1 << 16;  // an example, in `owed_`
  static constexpr std::int64_t most_owed = one << 38;

  struct saved_state {
    bool planned, reached;
    std::uint32_t epoch;
    std::int64_t owed;
    steered_policy policy;
    rank_counts counts;
  };

  saved_state parsed(byte_reader& in) const {
    in.expect("a share to keep (of 2^32) of", keep_);
    in.expect("examples to train in an epoch", per_epoch_);
    saved_state fresh{false, false, 0, 0, policy_, counts_};
    fresh.planned = in.flag("a controlled plan's presence");
    fresh.epoch = in.get<std::uint32_t>();
    fresh.reached = in.flag("whether the share was reached");
    fresh.owed = in.get<std::int64_t>();
    if (fresh.owed < -most_owed || fresh.owed > most_owed) {
      detail::fail<state_error>("state: no step falls short by ", fresh.owed / one, " examples");
    }
    fresh.policy.read(in);
    fresh.counts.read(in);
    return fresh;
  }
  //! All but the policy.
  void take(saved_state& fresh) {
    planned_ = fresh.planned;
    epoch_ = fresh.epoch;
    reached_ = fresh.reached;
    owed_ = fresh.owed;
    counts_ = std::move(fresh.counts);
  }

  static std::uint64_t checked(const keep_options& options) {
    const bool keeps = detail::bit_cast<std::uint64_t>(options.keep) << 1 != 0;
    if (keeps == (options.per_epoch != 0)) {
      detail::fail<invalid_argument>("keep_controller: give one of keep and per_epoch, not ",
                                     keeps ? "both" : "none");
    }
    if (!detail::in_unit_interval(options.keep)) {
      detail::fail<invalid_argument>("keep_controller: keep is ", options.keep, ", not in (0, 1]");
    }
    return to_mass(options.keep, 0);
  }

  //! The wanted share, in units of 2^-32.
  template <class Sieve>
  std::uint64_t rate_of(const Sieve& held) const {
    if (per_epoch_ == 0) return keep_;
    auto n = static_cast<std::uint64_t>(held.ledger().size() - held.ledger().retired());
    if (per_epoch_ >= n) return full_mass;
    std::uint64_t train = per_epoch_;
    for (; n >> 32 != 0; n >>= 1) train >>= 1;
    return (train << 32) / n;
  }

  //! Counts the ranks that a plan of `epoch` finds; false without any loss.
  template <class Sieve>
  bool count(const Sieve& held, std::uint32_t epoch, const detail::executor_ref& run) {
    const auto n = static_cast<std::size_t>(held.ledger().size());
    const auto key_at = [&](std::uint64_t id) {
      return held.ranked_key(static_cast<std::int64_t>(id), epoch);
    };
    if (window_.capacity() == 0) window_ = sorted_window(policy_.size());
    const std::span<loss_key> quantiles = window_.resize(window_.capacity());
    if (quantiles_(detail::parts(n, run), key_at, quantiles) == 0) return false;
    counts_.clear();
    const loss_key guard = policy_.capped() ? window_.view().slots[policy_.cap() + 1] : key_above;
    // A sample of a ledger that is nearly all retired might hold none of the others.
    const auto retired = static_cast<std::size_t>(held.ledger().retired());
    const bool all = n - retired <= rank_counts::most_examples;
    const bijection place(n, {held.options().seed, epoch, purpose::order, held.options().replica});
    for (std::size_t i = 0; i < (all ? n : rank_counts::most_examples); ++i) {
      const std::size_t id = all ? i : place(i);
      const loss_key key = key_at(id);
      if (key == key_never) continue;  // retired: not offered
      const std::uint32_t age = held.ledger().entries()[id].age(epoch);
      const bool due = held.options().refresh.due(static_cast<std::int64_t>(id), age, epoch);
      if (due && !(key > guard && key != key_always)) {
        counts_.add_certain();
      } else {
        counts_.add(window_.view(), key, held.options().tied);
      }
    }
    counts_.settle();
    return counts_.total() != 0;
  }

  //! The least level that is expected to select this share.
  std::uint64_t level_for(std::uint64_t rate) {
    std::uint64_t low = 0, high = steered_policy::most_level;
    reached_ = counts_.expected(policy_, high) + (full_mass >> 20) >= rate &&
               counts_.expected(policy_, low) <= rate + (full_mass >> 20);
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (counts_.expected(policy_, middle) < rate) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return high;
  }

  //! n examples' share at this rate, in units of `owed_`.
  static std::int64_t wanted(std::uint64_t rate, std::uint64_t n) {
    return static_cast<std::int64_t>((rate >> 16) * n + (((rate & 0xffff) * n) >> 16));
  }

  void settle(std::uint64_t rate, std::uint64_t offered, std::uint64_t selected) {
    const std::int64_t step = wanted(rate, offered);
    owed_ += step - static_cast<std::int64_t>(selected) * one;
    owed_ = (std::min)((std::max)(owed_, -step), step);
  }

  void steer(std::uint64_t rate, std::uint64_t offered) {
    const std::int64_t want = (std::max)(wanted(rate, offered) + owed_, std::int64_t{0});
    const std::uint64_t share = ((static_cast<std::uint64_t>(want) << 8) / offered) << 8;
    policy_.set_level(level_for((std::min)(share, full_mass)));
  }

  steered_policy policy_;
  rank_counts counts_;
  sorted_window window_;
  key_quantiles quantiles_;
  std::uint64_t keep_, per_epoch_;
  std::int64_t owed_ = 0;
  std::uint32_t epoch_ = 0;
  bool planned_ = false, reached_ = true;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
