// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which examples an epoch trains on, known before the epoch.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/random/bijection.hpp>

namespace gradsieve::inline v0 {

namespace detail {

//! The buffers of a sieve's last plan.
struct plan_state {
  std::vector<std::int64_t> train, refresh;
  draw_key order;
  std::uint64_t forced = 0;
  std::uint32_t epoch = 0;
  bool selective = false, ready = false;
};

}  // namespace detail

//! A plan's batches of ids in random order: `for (auto ids : plan.batches(128))`. The order is a
//! keyed bijection, so it costs one batch of memory. A batch is valid until the next is looked at;
//! all until the sieve plans another epoch.
class plan_batches {
 public:
  class iterator {
   public:
    using value_type = std::span<const std::int64_t>;
    using difference_type = std::ptrdiff_t;

    iterator(plan_batches* range, std::size_t index) : range_(range), index_(index) {}
    value_type operator*() const { return (*range_)[index_]; }
    iterator& operator++() {
      ++index_;
      return *this;
    }
    void operator++(int) { ++index_; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.index_ == b.index_; }

   private:
    plan_batches* range_;
    std::size_t index_;
  };

  plan_batches(std::span<const std::int64_t> train, const draw_key& order, std::size_t batch_size,
               std::size_t count, std::size_t first)
      : train_(train),
        place_(train.size(), order),
        first_(std::min(first, count)),
        count_(count),
        buffer_(batch_size) {}

  std::size_t size() const { return count_ - first_; }
  iterator begin() { return {this, first_}; }
  iterator end() { return {this, count_}; }

  //! The epoch's batch of this index, counted from 0 whatever `first_batch` was.
  //! @throws out_of_range beyond the last batch.
  std::span<const std::int64_t> operator[](std::size_t index) {
    if (index >= count_) {
      detail::fail<out_of_range>("plan: batch ", index, " of ", count_);
    }
    const std::size_t start = index * buffer_.size();
    const std::size_t n = (std::min)(buffer_.size(), train_.size() - start);
    for (std::size_t i = 0; i < n; ++i) buffer_[i] = train_[place_(start + i)];
    return std::span(buffer_).first(n);
  }

 private:
  std::span<const std::int64_t> train_;
  bijection place_;
  std::size_t first_, count_;
  std::vector<std::int64_t> buffer_;
};

//! A view of one epoch's plan, valid until the sieve plans another epoch.
class plan_view {
 public:
  explicit plan_view(const detail::plan_state& state) : state_(&state) {}

  std::uint32_t epoch() const { return state_->epoch; }
  //! False while selection is off or no loss is known: then all examples are trained.
  bool selective() const { return state_->selective; }
  std::size_t size() const { return state_->train.size(); }  //!< ids to train
  //! Ids to train, ascending.
  std::span<const std::int64_t> train() const { return state_->train; }
  //! Ids whose loss is stale but which a band spares, ascending: due a forward pass without
  //! gradient, then `refresh(ids, losses)`. A trainer may ignore them.
  std::span<const std::int64_t> refresh() const { return state_->refresh; }
  //! Of `train()`, how many have probability 1: never seen, or overdue.
  std::uint64_t forced() const { return state_->forced; }

  //! Batches in the epoch. `partial` counts the short last one, `drop` leaves it out.
  //! @throws invalid_argument for a batch size of 0, and for `carry`: a planned example that is
  //! left out keeps its age in the ledger and comes back by itself.
  std::size_t batch_count(std::size_t batch_size, last_batch last = last_batch::partial) const {
    if (batch_size == 0) detail::fail<invalid_argument>("plan: batch_size is 0");
    if (last == last_batch::carry) {
      detail::fail<invalid_argument>("plan: last_batch::carry is for queues; use partial or drop");
    }
    return (size() + (last == last_batch::partial ? batch_size - 1 : 0)) / batch_size;
  }

  //! The batches, shuffled, from the `first_batch`-th on (to go on in the middle of an epoch).
  plan_batches batches(std::size_t batch_size, last_batch last = last_batch::partial,
                       std::size_t first_batch = 0) const {
    return {state_->train, state_->order, batch_size, batch_count(batch_size, last), first_batch};
  }

 private:
  const detail::plan_state* state_;
};

}  // namespace gradsieve::inline v0
