// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve's queue, which it may do without.
#pragma once

#include <gradsieve/batch/queue.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! What a sieve feeds its selections to: a queue, or nothing.
class optional_queue {
 public:
  //! No queue when its batch size is 0. Selections of up to `max_batch` ids do not allocate.
  optional_queue(const queue_options& options, std::size_t max_batch) {
    if (options.batch_size == 0) return;
    queue_ = batch_queue(options);
    queue_.reserve(options.batch_size + max_batch);
  }

  explicit operator bool() const { return bool{queue_}; }

  //! @throws invalid_argument when there is none.
  batch_queue& value() {
    if (!queue_) {
      fail<invalid_argument>("queue: the sieve has none; set .queue = {.batch_size = 128}");
    }
    return queue_;
  }
  std::uint64_t handed_out() const { return queue_.handed_out(); }
  std::size_t size() const { return queue_.size(); }

  //! A queue takes no step before its last one, which may have come from elsewhere.
  void check_step(std::string_view call, std::uint64_t step) const {
    if (queue_ && queue_.last_step() > step) {
      fail<invalid_argument>(call, ": the queue is at step ", queue_.last_step(), ", the sieve at ",
                             step);
    }
  }

  void push(std::span<const std::int64_t> ids, std::uint64_t step) {
    if (queue_) queue_.push(ids, step);
  }
  void end_epoch() {
    if (queue_) queue_.end_epoch();
  }

  void write(byte_writer& out) const {
    out.put(bool{queue_});
    if (queue_) queue_.write(out);
  }
  void read(byte_reader& in) {
    const bool queued = in.flag("a queue's presence");
    if (queued != bool{queue_}) {
      fail<state_error>("state: saved ", queued ? "with" : "without", " a queue, this sieve has ",
                        queue_ ? "one" : "none");
    }
    if (queue_) queue_.read(in);
  }

 private:
  batch_queue queue_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
