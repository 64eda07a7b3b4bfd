// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Prioritised replay: each batch is drawn in proportion to a power of the last loss.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/random/uniform.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/mass_tree.hpp>
#include <gradsieve/sieve/work.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

enum class priority : std::uint8_t {
  proportional,  //!< p = |loss| + 1e-6
  ranked,        //!< p = 1 / rank, the largest |loss| first, as of the epoch's start
};

//! A batch of a `replay`, valid until its next call.
struct replay_batch {
  std::span<const std::int64_t> ids;  //!< in the order drawn; they may repeat
  std::span<const float> weights;     //!< (1 / (n P))^beta over the batch's largest
};

//! Draws batches of examples with replacement, P in proportion to p^alpha: plan by plan of one
//! batch, no forward pass. Masses are integers in units of 2^-20 (of the largest rank's, 2^-32), at
//! most 2^32, so their sum never drifts. One that has had no finite loss has the priority 1, or
//! the first rank. A loss of 0 keeps a priority; a retired example has none. A draw
//! O(log n), an observation O(log n); ranks O(n log n) an epoch. 8 bytes of ledger an example,
//! saved, and 16 to 32 of tree.
class replay {
 public:
  replay(const run_shape& run, priority by, double alpha, double beta)
      : run_(run), by_(by), alpha_(alpha), beta_(beta), ledger_(run.examples) {
    rebuild();
  }

  //! Tells the epoch: it ages the ledger, ranks anew, and takes beta towards 1 at the run's end.
  void begin_epoch(std::uint32_t epoch) {
    epoch_ = epoch;
    if (by_ == priority::ranked) rebuild();
  }

  //! k examples for the next batch; none when all are retired.
  replay_batch draw(std::size_t k) {
    const std::uint64_t total = tree_.total();
    ids_.clear();
    weights_.clear();
    if (total == 0) return {};
    const draw_key key{run_.seed, static_cast<std::uint32_t>(step_++), purpose::pick_by_id,
                       run_.replica};
    double most = 0;
    for (std::size_t j = 0; j < k; ++j) {
      const std::size_t id = tree_.find(uniform_below(key, j, total));
      ids_.push_back(static_cast<std::int64_t>(id));
      const double weight = importance(static_cast<std::int64_t>(id));
      weights_.push_back(static_cast<float>(weight));
      most = (std::max)(most, weight);
    }
    for (float& weight : weights_) weight = static_cast<float>(static_cast<double>(weight) / most);
    tally_.chose(k, k, true);
    return {ids_.view(), weights_.view()};
  }

  //! The probability of one draw. @throws out_of_range for an id outside the ledger.
  double probability(std::int64_t id) const {
    ledger_.at(id);
    const auto total = static_cast<double>(tree_.total());
    return static_cast<double>(tree_[static_cast<std::size_t>(id)]) / total;
  }
  //! (1 / (n P))^beta, beta as of this epoch; before it is divided by the batch's largest.
  double importance(std::int64_t id) const {
    const auto n = static_cast<double>(ledger_.size() - ledger_.retired());
    return std::pow(1 / (n * probability(id)), beta());
  }
  double beta() const {
    if (run_.epochs == 0) return beta_;
    const double done = static_cast<double>(epoch_) / static_cast<double>(run_.epochs);
    return beta_ + (1 - beta_) * (std::min)(done, 1.0);
  }

  //! Records the losses of a batch that was trained, and renews its priorities. NaN and infinities
  //! leave a priority alone. @throws as `loss_ledger::observe`; nothing is changed then.
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    const auto values = detail::loss_span(losses);
    const auto given = detail::id_span(ids);
    ledger_.observe(given, values, epoch_);
    ledger_.select(given);
    std::size_t faulty = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      faulty += std::size_t{!is_finite(to_key(values[i]))};
      const auto id = static_cast<std::size_t>(given[i]);
      if (by_ == priority::proportional && ledger_.entries()[id].has_loss()) set(id);
    }
    tally_.forwarded(values.size(), faulty);
    tally_.trained(values.size());
  }
  //! Takes examples out for good.
  template <class Ids>
  void retire(const Ids& ids) {
    const auto given = detail::id_span(ids);
    ledger_.retire(given);
    for (const auto id : given) tree_.set(static_cast<std::size_t>(id), 0);
  }

  const loss_ledger& ledger() const { return ledger_; }
  work_counters work() const { return tally_.work(0); }

  //! @name State: the ledger; the tree is made of it anew
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::prioritised_replay, *this);
  }
  //! @throws state_error for bytes that are not of such a replay; nothing is changed.
  void load(std::span<const std::byte> bytes) {
    load_state(state_kind::prioritised_replay, *this, bytes);
  }

  void write(byte_writer& out) const {
    out.put(run_.seed);
    out.put(run_.replica);
    out.put(run_.epochs);
    out.put(by_);
    detail::write_number(alpha_, out);
    detail::write_number(beta_, out);
    out.put(epoch_);
    out.put(step_);
    tally_.write(out);
    ledger_.write(out);
    if (by_ == priority::ranked) out.put(order_.view());
  }
  void read(byte_reader& in) {
    in.expect("seed", run_.seed);
    in.expect("replica", run_.replica);
    in.expect("a run of epochs of", run_.epochs);
    in.expect("a priority of kind", static_cast<std::uint8_t>(by_));
    detail::expect_number("alpha", alpha_, in);
    detail::expect_number("beta", beta_, in);
    epoch_ = in.get<std::uint32_t>();
    step_ = in.get<std::uint64_t>();
    tally_.read(in);
    ledger_.read(in);
    if (ledger_.size() != run_.examples) {
      detail::fail<state_error>("state: a replay of ", ledger_.size(), " examples, this one has ",
                                run_.examples);
    }
    if (by_ == priority::ranked) read_order(in);
    set_all();
  }
  //! @}

 private:
  static constexpr std::uint64_t full = std::uint64_t{1} << 32;
  static constexpr double unit = 1048576;  // the mass of a priority of 1

  static std::uint64_t mass_of(double priority, double scale) {
    const double mass = priority * scale;
    if (!(mass < static_cast<double>(full))) return full;
    return (std::max)(static_cast<std::uint64_t>(std::llround(mass)), std::uint64_t{1});
  }
  //! The bits of |loss|, which are ordered as it is. @pre entry.has_loss()
  static std::uint32_t size_of(const ledger_entry& entry) {
    return float_bits(entry.loss()) & 0x7fffffffu;
  }
  void set(std::size_t id) {
    const std::uint32_t size = size_of(ledger_.entries()[id]);
    const auto loss = static_cast<double>(detail::bit_cast<float>(size));
    tree_.set(id, mass_of(std::pow(loss + 1e-6, alpha_), unit));
  }

  //! Ranks, where ranks decide, and makes the tree.
  void rebuild() {
    if (by_ == priority::ranked) {
      order_.clear();
      for (std::uint32_t id = 0; std::cmp_less(id, ledger_.size()); ++id) order_.push_back(id);
      const auto rank_of = [&](std::uint32_t id) {
        const ledger_entry& entry = ledger_.entries()[id];
        return entry.has_loss() ? size_of(entry) : 0x80000000u;
      };
      std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
        return rank_of(a) != rank_of(b) ? rank_of(a) > rank_of(b) : a < b;
      });
    }
    set_all();
  }
  void set_all() {
    masses_.assign(static_cast<std::size_t>(ledger_.size()), static_cast<std::uint64_t>(unit));
    tree_.assign(masses_.view());
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      const double p = std::pow(static_cast<double>(rank + 1), -alpha_);
      tree_.set(order_[rank], mass_of(p, static_cast<double>(full)));
    }
    for (std::size_t id = 0; id < masses_.size(); ++id) {
      const ledger_entry& entry = ledger_.entries()[id];
      if (entry.retired()) tree_.set(id, 0);
      if (by_ == priority::proportional && entry.has_loss()) set(id);
    }
  }
  void read_order(byte_reader& in) {
    order_ = in.list<std::uint32_t>("ranks");
    detail::buffer<std::uint8_t> seen(static_cast<std::size_t>(ledger_.size()));
    bool sound = order_.size() == seen.size();
    for (std::size_t i = 0; i < order_.size() && sound; ++i) {
      sound = order_[i] < seen.size() && seen[order_[i]]++ == 0;
    }
    if (!sound) detail::fail<state_error>("state: not the ranks of ", seen.size(), " examples");
  }

  run_shape run_;
  priority by_;
  double alpha_, beta_;
  loss_ledger ledger_;
  mass_tree tree_;
  detail::tally tally_;
  std::uint32_t epoch_ = 0;
  std::uint64_t step_ = 0;
  detail::buffer<std::uint32_t> order_;
  detail::buffer<std::uint64_t> masses_;
  detail::buffer<std::int64_t> ids_;
  detail::buffer<float> weights_;
};

//! Source: equation 1, section 3.4 and table 3 of the paper: alpha .6 and beta .4 proportional, .7
//! and .5 ranked; beta rises to 1 linearly over `epochs`. All equal losses: uniform. For data sets
//! the loss takes the place of the temporal-difference error. Difference from the paper: what was
//! never seen has the priority 1, there the largest so far, so here it does not hang on the order.
//! Differences from public code: sums of integers do not drift; weights are over the largest of the
//! batch (some take the buffer's); draws are independent, not one for each stratum.
struct prioritised_replay {
  priority by = priority::proportional;
  double alpha = 0.6;  //!< >= 0
  double beta = 0.4;   //!< in [0, 1]

  static constexpr prioritised_replay ranked() { return {priority::ranked, 0.7, 0.5}; }

  static constexpr method_info info{.name = "prioritised_replay",
                                    .source = "Schaul et al., ICLR 2016, arXiv 1511.05952",
                                    .rule = "p = abs(loss)^alpha or rank^-alpha, with replacement",
                                    .weights = "(1 / (n p))^beta / largest",
                                    .cost = "O(log n) an example",
                                    .hooks = hook::draw,
                                    .example_bytes = 8};

  //! @throws invalid_argument for numbers outside their ranges, and without `examples`.
  replay make(const run_shape& run) const {
    if (!detail::is_at_least_zero(alpha) || alpha > 16 || !detail::in_unit_interval(beta)) {
      detail::fail<invalid_argument>("prioritised_replay: alpha is ", alpha,
                                     ", not in [0, 16], or beta ", beta, ", not in [0, 1]");
    }
    if (run.examples <= 0 || run.examples >= std::int64_t{1} << 31) {
      detail::fail<invalid_argument>("prioritised_replay: examples is ", run.examples,
                                     ", not in [1, 2^31)");
    }
    return {run, by, alpha, beta};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
