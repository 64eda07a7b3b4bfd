// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A queue between threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

namespace support {

template <class T>
class channel {
 public:
  void push(T value) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(value));
    changed_.notify_one();
  }

  //! The oldest value, once there is one.
  T pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !waiting_.empty(); });
    T value = std::move(waiting_.front());
    waiting_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> waiting_;
};

}  // namespace support
