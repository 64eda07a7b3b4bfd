// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A range of numbers cut into parts, each a task; errors of tasks reach the caller.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/parallel/executor.hpp>

#include <algorithm>
#include <atomic>
#include <exception>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The numbers 0 … size - 1 in a few parts of equal length, one after the other, and who works on
//! them. Without an executor there is one part (more only above 2^31 numbers, whose counters have
//! 32 bits). Trivially copyable.
class parts {
 public:
  static constexpr std::size_t most = 16;
  //! Smaller parts are not worth the tables that each needs.
  static constexpr std::uint64_t least = std::uint64_t{1} << 20;

  //! @pre size < 2^36
  explicit parts(std::uint64_t size, const executor_ref& run = {}, std::uint64_t least_part = least)
      : size_(size), run_(run) {
    const std::uint64_t wanted = run ? size / least_part : size >> 31;
    count_ = static_cast<std::size_t>(
        (std::min)((std::max)(wanted, std::uint64_t{1}), std::uint64_t{most}));
  }

  std::uint64_t size() const { return size_; }
  std::size_t count() const { return count_; }
  std::uint64_t begin(std::size_t part) const {
    return size_ / count_ * part + (std::min)(std::uint64_t{part}, size_ % count_);
  }
  std::uint64_t end(std::size_t part) const { return begin(part + 1); }

  //! Calls `work(part)` for each part. Of what they throw, the first part's reaches the caller.
  //! @throws invalid_argument for an executor that leaves a part out, or runs one again.
  template <class Work>
  void for_each(Work work) const {
    if (!run_ || count_ == 1) {
      for (std::size_t part = 0; part < count_; ++part) work(part);
      return;
    }
    outcome outcomes[most];
    auto guarded = [&](std::size_t part) {
      if (part >= count_ || outcomes[part].runs++ != 0) return;
#if GRADSIEVE_HAS_EXCEPTIONS
      try {
        work(part);
      } catch (...) {
        outcomes[part].thrown = std::current_exception();
      }
#else
      work(part);
#endif
    };
    run_(count_, task_body(guarded));
    for (std::size_t part = 0; part < count_; ++part) {
      if (outcomes[part].runs != 1) {
        fail<invalid_argument>("executor: task ", part, " of ", count_, " was run ",
                               outcomes[part].runs.load(), " times");
      }
    }
#if GRADSIEVE_HAS_EXCEPTIONS
    for (const outcome& one : outcomes) {
      if (one.thrown) std::rethrow_exception(one.thrown);
    }
#endif
  }

 private:
  struct alignas(64) outcome {  // no two threads in one cache line
    std::atomic<std::size_t> runs{0};
#if GRADSIEVE_HAS_EXCEPTIONS
    std::exception_ptr thrown;
#endif
  };

  std::uint64_t size_;
  std::size_t count_;
  executor_ref run_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
