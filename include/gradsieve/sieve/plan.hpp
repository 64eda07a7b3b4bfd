// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which examples an epoch trains on, known before the epoch.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/buffer.hpp>
#include <gradsieve/prefetch.hpp>
#include <gradsieve/random/bijection.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/wide/path.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! What was decided on consecutive examples; ids ascend.
struct planned_ids {
  detail::buffer<std::int64_t> train, refresh;
  detail::buffer<loss_key> keys;  // by which each of `train` was decided
  std::uint64_t forced = 0;

  void clear() {
    train.clear();
    refresh.clear();
    keys.clear();
    forced = 0;
  }
};

//! The buffers of a sieve's last plan.
struct plan_state : planned_ids {
  draw_key order;
  std::uint64_t offered = 0;  // all but the retired, when it was made
  std::uint32_t epoch = 0;
  bool selective = false, ready = false;

  void write(byte_writer& out) const {
    out.put(ready);
    out.put(selective);
    out.put(epoch);
    out.put(forced);
    out.put(train.view());
    out.put(refresh.view());
    out.put(keys.view());
  }
  //! Reads a plan over `examples` examples; its order is drawn from `key`.
  void read(byte_reader& in, std::int64_t examples, const draw_key& key) {
    plan_state fresh;
    fresh.ready = in.flag("a plan's presence");
    fresh.selective = in.flag("a plan's choice");
    fresh.epoch = in.get<std::uint32_t>();
    fresh.forced = in.get<std::uint64_t>();
    fresh.train = in.list<std::int64_t>("plan");
    fresh.refresh = in.list<std::int64_t>("refresh list");
    fresh.keys = in.list<loss_key>("plan's keys");
    if (fresh.keys.size() != fresh.train.size()) {
      fail<state_error>("state: a plan of ", fresh.train.size(), " ids with ", fresh.keys.size(),
                        " keys");
    }
    if (fresh.forced > fresh.train.size()) {
      fail<state_error>("state: a plan of ", fresh.train.size(), " ids, ", fresh.forced,
                        " of them forced");
    }
    for (const loss_key loss : fresh.keys) {
      if (!is_finite(loss) && loss != key_always) {
        fail<state_error>("state: the plan holds a loss that is not finite");
      }
    }
    for (const auto* ids : {&fresh.train, &fresh.refresh}) {
      std::int64_t previous = -1;
      for (const std::int64_t id : *ids) {
        if (id <= previous || id >= examples) {
          fail<state_error>("state: the plan's id ", id, " is not between ", previous, " and ",
                            examples);
        }
        previous = id;
      }
    }
    fresh.order = key;
    fresh.order.step = fresh.epoch;
    fresh.order.use = purpose::order;
    *this = std::move(fresh);
  }
};

}  // namespace detail

//! A plan's batches of ids in random order: `for (auto ids : plan.batches(128))`. The order is a
//! keyed bijection, so it costs one batch of memory, which all batches share: copy a batch to keep
//! it beside the next. Valid until the sieve plans another epoch.
class plan_batches {
 public:
  class iterator {
   public:
    using value_type = std::span<const std::int64_t>;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    iterator(const plan_batches* range, std::size_t index) : range_(range), index_(index) {}
    value_type operator*() const { return (*range_)[index_]; }
    iterator& operator++() {
      ++index_;
      return *this;
    }
    iterator operator++(int) { return {range_, index_++}; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.index_ == b.index_; }

   private:
    const plan_batches* range_ = nullptr;
    std::size_t index_ = 0;
  };

  plan_batches(std::span<const std::int64_t> train, const draw_key& order, std::size_t batch_size,
               std::size_t count, std::size_t first)
      : train_(train),
        place_(train.size(), order),
        first_((std::min)(first, count)),
        count_(count),
        batch_size_(batch_size),
        buffer_((std::min)(batch_size, train.size())) {}

  std::size_t size() const { return count_ - first_; }
  iterator begin() const { return {this, first_}; }
  iterator end() const { return {this, count_}; }

  //! The epoch's batch of this index, counted from 0 whatever `first_batch` was.
  //! @throws out_of_range beyond the last batch.
  std::span<const std::int64_t> operator[](std::size_t index) const {
    if (index >= count_) {
      detail::fail<out_of_range>("plan: batch ", index, " of ", count_);
    }
    const std::size_t start = index * batch_size_;
    const std::size_t n = (std::min)(batch_size_, train_.size() - start);
    // All places first, so that memory answers for many ids at a time, and while more are found.
    std::int64_t* const ids = buffer_.data();
    const std::int64_t* const train = train_.data();
    const detail::wide_kernels* const wide = detail::wide_path();
    constexpr std::size_t some = 32;
    for (std::size_t done = 0; done < n; done += some) {
      const std::size_t end = (std::min)(done + some, n);
      detail::places(wide, place_, start + done, end - done, ids + done);
      for (std::size_t i = done; i < end; ++i) detail::prefetch(train + ids[i]);
    }
    for (std::size_t i = 0; i < n; ++i) ids[i] = train[ids[i]];
    return buffer_.first(n);
  }

 private:
  std::span<const std::int64_t> train_;
  bijection place_;
  std::size_t first_, count_, batch_size_;
  mutable detail::buffer<std::int64_t> buffer_;
};

//! A view of one epoch's plan, valid until the sieve plans another epoch, loads a state or is
//! compacted. Its probabilities go by the sieve's table and groups: ask for them before
//! `set_policy` or `assign_groups` gives it others.
class plan_view {
  friend class shared_plan;  // which copies what is viewed

 public:
  plan_view(const detail::plan_state& state, const window_view& window, const rule_view& rule,
            const group_id* groups)
      : state_(&state), window_(window), rule_(rule), groups_(groups) {}

  std::uint32_t epoch() const { return state_->epoch; }
  //! False while selection is off or no loss is known: then all examples are trained.
  bool selective() const { return state_->selective; }
  std::size_t size() const { return state_->train.size(); }  //!< ids to train
  //! Ids to train, ascending.
  template <class T = std::int64_t>
  std::span<const T> train() const {
    return state_->train.view();
  }
  //! What each of `train()` was decided by: its last loss, or its score where the sieve has one;
  //! `key_always` for those forced, and for all while the plan is not selective.
  template <class T = loss_key>
  std::span<const T> keys() const {
    return state_->keys.view();
  }
  //! Ids whose loss is stale but which a band spares, ascending: due a forward pass without
  //! gradient, then `refresh(ids, losses)`. A trainer may ignore them; where the policy's
  //! probability above its cap is 0, they then stay out for good.
  template <class T = std::int64_t>
  std::span<const T> refresh() const {
    return state_->refresh.view();
  }
  //! Of `train()`, how many have probability 1: never seen, or overdue.
  std::uint64_t forced() const { return state_->forced; }

  //! The probability with which an example was to be trained: 1 for those forced, and for all while
  //! the plan is not selective. O(log size + log H). @throws out_of_range for an id not in
  //! `train()`.
  double probability(std::int64_t id) const {
    const auto& train = state_->train;
    const auto at = std::lower_bound(train.begin(), train.end(), id);
    if (at == train.end() || *at != id) {
      detail::fail<out_of_range>("plan: id ", id, " is not trained in epoch ", epoch());
    }
    return to_probability(mass(static_cast<std::size_t>(at - train.begin())));
  }
  //! The same for `train()[place]`, in units of 2^-32. O(log H). @pre place < size()
  std::uint64_t mass(std::size_t place) const {
    if (!selective()) return full_mass;
    const auto id = static_cast<std::size_t>(state_->train[place]);
    return rule_.mass_of(window_, state_->keys[place], detail::group_at(groups_, id));
  }

  //! Batches in the epoch. `partial` counts the short last one, `drop` leaves it out.
  //! @throws invalid_argument for a batch size of 0, and for `carry`: a planned example that is
  //! left out keeps its age in the ledger and comes back by itself.
  std::size_t batch_count(std::size_t batch_size, last_batch last = last_batch::partial) const {
    if (last == last_batch::carry) {
      detail::fail<invalid_argument>("plan: last_batch::carry is for queues; use partial or drop");
    }
    return gradsieve::batch_count(size(), batch_size, last);
  }

  //! The batches, shuffled, from the `first_batch`-th on (to go on in the middle of an epoch).
  plan_batches batches(std::size_t batch_size, last_batch last = last_batch::partial,
                       std::size_t first_batch = 0) const {
    if (first_batch > batch_count(batch_size, last)) {
      detail::fail<out_of_range>("plan: the first batch is ", first_batch, " of ",
                                 batch_count(batch_size, last));
    }
    return {train(), state_->order, batch_size, batch_count(batch_size, last), first_batch};
  }

 private:
  const detail::plan_state* state_;
  window_view window_;
  rule_view rule_;
  const group_id* groups_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
