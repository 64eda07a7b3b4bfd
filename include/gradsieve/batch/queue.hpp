// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A queue from selections of any length to training batches of one size.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/state/frame.hpp>

#include <algorithm>
#include <cstdint>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What becomes of the ids that do not fill a last batch when an epoch ends.
enum class last_batch : std::uint8_t {
  carry,    //!< they wait for the next epoch's
  drop,     //!< they are dropped and counted
  partial,  //!< they are handed out as one short batch
};

//! How many batches n examples make: `partial` counts the short last one, the others only full
//! ones.
//! @throws invalid_argument for a batch size of 0.
constexpr std::size_t batch_count(std::size_t n, std::size_t batch_size, last_batch last) {
  if (batch_size == 0) {
    detail::fail<invalid_argument>("batches: batch_size is 0, it must be at least 1");
  }
  return n / batch_size + std::size_t{last == last_batch::partial && n % batch_size != 0};
}

struct queue_options {
  std::size_t batch_size = 0;           //!< at least 1; in a sieve, 0 means no queue
  last_batch last = last_batch::carry;  //!< applied by `end_epoch`
  std::size_t backlog = 0;              //!< most ids held: the oldest go first. 0: no limit
  std::uint64_t max_age = 0;            //!< ids older than so many steps are dropped. 0: never
};

//! A batch handed out by a queue; false when there was none. Valid until the queue's next call.
class queued_batch {
 public:
  queued_batch() = default;
  queued_batch(std::span<const std::int64_t> ids, std::uint64_t oldest)
      : ids_(ids), oldest_(oldest) {}

  explicit operator bool() const { return !ids_.empty(); }
  std::size_t size() const { return ids_.size(); }
  std::span<const std::int64_t> ids() const { return ids_; }
  //! The step at which the batch's oldest id was selected.
  std::uint64_t oldest_step() const { return oldest_; }

 private:
  std::span<const std::int64_t> ids_;
  std::uint64_t oldest_ = 0;
};

//! First in, first out; `next` hands out full batches until none is left, so a loop over it drains
//! the queue. A ring that grows when it must and never shrinks: no allocation in the steady state.
class batch_queue {
 public:
  //! No queue at all, as `operator bool` tells: to be assigned to.
  batch_queue() = default;
  //! @throws invalid_argument for a batch size of 0 or above the backlog limit.
  explicit batch_queue(const queue_options& options) : options_(options) {
    if (options.batch_size == 0) {
      detail::fail<invalid_argument>("batch_queue: batch_size is 0, it must be at least 1");
    }
    if (options.backlog != 0 && options.backlog < options.batch_size) {
      detail::fail<invalid_argument>("batch_queue: a backlog of ", options.backlog,
                                     " never fills a batch of ", options.batch_size);
    }
    batch_.resize(options.batch_size);
  }

  explicit operator bool() const { return options_.batch_size != 0; }
  const queue_options& options() const { return options_; }
  std::size_t size() const { return size_; }
  std::uint64_t dropped() const { return dropped_; }        //!< by limit, by age, by `drop`
  std::uint64_t handed_out() const { return handed_out_; }  //!< ids in all batches so far
  std::uint64_t last_step() const { return now_; }          //!< of the last push; 0 before

  //! Room for `n` ids without allocation.
  void reserve(std::size_t n) {
    if (n > ring_.size()) grow(n);
  }

  //! Appends ids selected at `step`. @throws invalid_argument for a step before the last one, and
  //! where there is no queue at all.
  void push(std::span<const std::int64_t> ids, std::uint64_t step = 0) {
    if (!*this) detail::fail<invalid_argument>("batch_queue: made without a batch size");
    if (step < now_) {
      detail::fail<invalid_argument>("batch_queue: step ", step, " comes after step ", now_);
    }
    now_ = step;
    reserve(size_ + ids.size());
    // What the loops move is kept out of memory, which the ids they write might be.
    entry* const ring = ring_.data();
    const std::size_t room = ring_.size();
    std::size_t tail = head_ + size_ < room ? head_ + size_ : head_ + size_ - room;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ring[tail] = {ids[i], step};
      tail = tail + 1 == room ? 0 : tail + 1;
    }
    size_ += ids.size();
    if (options_.backlog != 0 && size_ > options_.backlog) drop(size_ - options_.backlog);
  }

  //! The oldest full batch; after `flush`, also a short batch of what was left then. None where
  //! there is no queue at all.
  queued_batch next() {
    if (!*this) return {};
    while (options_.max_age != 0 && size_ != 0 && now_ - ring_[head_].step > options_.max_age) {
      drop(1);
    }
    const std::size_t n =
        flushed_ != 0 ? (std::min)(flushed_, options_.batch_size) : options_.batch_size;
    if (size_ < n) return {};
    const std::uint64_t oldest = ring_[head_].step;
    const std::size_t before_end = (std::min)(n, ring_.size() - head_);
    std::int64_t* const batch = batch_.data();
    const entry* oldest_left = ring_.data() + head_;
    for (std::size_t i = 0; i < before_end; ++i) batch[i] = oldest_left[i].id;
    oldest_left = ring_.data();
    for (std::size_t i = before_end; i < n; ++i) batch[i] = oldest_left[i - before_end].id;
    advance(n);
    handed_out_ += n;
    return {batch_.first(n), oldest};
  }

  //! Lets `next` hand out all that is here now, the last of it as a short batch.
  void flush() { flushed_ = size_; }

  //! Applies `options().last`: call it when an epoch's last selection was pushed.
  void end_epoch() {
    if (options_.last == last_batch::partial) flush();
    if (options_.last == last_batch::drop && size_ != 0)
      drop(size_ % options_.batch_size, from::newest);
  }

  //! @name State: the waiting ids from the oldest to the newest, with their steps
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::queue, *this);
  }
  //! @throws state_error for bytes that are not a queue's of this batch size; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::queue, *this, bytes); }

  void write(byte_writer& out) const {
    out.put(std::uint64_t{options_.batch_size});
    out.put(options_.last);
    out.put(std::uint64_t{options_.backlog});
    out.put(options_.max_age);
    out.put(std::uint64_t{flushed_});
    out.put(now_);
    out.put(dropped_);
    out.put(handed_out_);
    out.put(std::uint64_t{size_});
    for (std::size_t i = 0; i < size_; ++i) {
      const entry& waiting = ring_[(head_ + i) % ring_.size()];
      out.put(waiting.id);
      out.put(waiting.step);
    }
  }
  void read(byte_reader& in) {
    in.expect("batches of", std::uint64_t{options_.batch_size});
    in.expect("a last-batch rule of", static_cast<std::uint8_t>(options_.last));
    in.expect("a backlog limit of", std::uint64_t{options_.backlog});
    in.expect("a queue's max_age of", options_.max_age);
    batch_queue fresh;
    if (*this) fresh = batch_queue(options_);
    const auto flushed = in.get<std::uint64_t>();
    fresh.now_ = in.get<std::uint64_t>();
    fresh.dropped_ = in.get<std::uint64_t>();
    fresh.handed_out_ = in.get<std::uint64_t>();
    const auto count = in.get<std::uint64_t>();
    if (count > in.left() / sizeof(entry) || flushed > count) {
      detail::fail<state_error>("state: a queue of ", count, " ids, ", flushed,
                                " of them flushed, but ", in.left(), " bytes are left");
    }
    if (options_.backlog != 0 && count > options_.backlog) {
      detail::fail<state_error>("state: a queue of ", count, " ids, above its backlog limit of ",
                                options_.backlog);
    }
    fresh.flushed_ = static_cast<std::size_t>(flushed);
    fresh.ring_.resize((std::max)(ring_.size(), static_cast<std::size_t>(count)));
    fresh.size_ = static_cast<std::size_t>(count);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < fresh.size_; ++i) {
      fresh.ring_[i].id = in.get<std::int64_t>();
      const std::uint64_t step = fresh.ring_[i].step = in.get<std::uint64_t>();
      if (step < before || step > fresh.now_) {
        detail::fail<state_error>("state: the queue holds an id of step ", step, ", not in [",
                                  before, ", ", fresh.now_, "]");
      }
      before = step;
    }
    *this = std::move(fresh);
  }
  //! @}

 private:
  struct entry {
    std::int64_t id = 0;
    std::uint64_t step = 0;
  };
  enum class from : std::uint8_t { oldest, newest };

  void advance(std::size_t n) {
    head_ = head_ + n >= ring_.size() ? head_ + n - ring_.size() : head_ + n;
    size_ -= n;
    flushed_ -= (std::min)(flushed_, n);
  }

  void drop(std::size_t n, from end = from::oldest) {
    dropped_ += n;
    if (end == from::oldest) {
      advance(n);
    } else {
      size_ -= n;
      flushed_ = (std::min)(flushed_, size_);
    }
  }

  void grow(std::size_t n) {
    detail::buffer<entry> larger((std::max)(n, 2 * ring_.size()));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(head_ + i) % ring_.size()];
    ring_.swap(larger);
    head_ = 0;
  }

  queue_options options_;
  detail::buffer<entry> ring_;
  detail::buffer<std::int64_t> batch_;
  std::size_t head_ = 0, size_ = 0;
  std::uint64_t now_ = 0, dropped_ = 0, handed_out_ = 0;
  std::size_t flushed_ = 0;  // ids at the head that do not wait for a full batch
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
