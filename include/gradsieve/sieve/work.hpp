// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve was told of the work done.
#pragma once

#include <gradsieve/state/bytes.hpp>

#include <cstddef>
#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Executed work, in examples: what was observed and what the queue handed out. A sieve cannot see
//! a backward pass, so a selection counts as one where nothing hands it out again.
struct work_counters {
  std::uint64_t forwards = 0;   //!< losses passed in, and ids handed out by the queue
  std::uint64_t backwards = 0;  //!< observed after training, or selected (handed out, with a queue)
  std::uint64_t skipped = 0;    //!< offered and not selected, or left out of a plan
  std::uint64_t refreshed = 0;  //!< of `forwards`: only to renew a loss
  std::uint64_t non_finite = 0;  //!< losses that were NaN or infinite

  friend constexpr bool operator==(const work_counters&, const work_counters&) = default;
};

namespace detail {

//! A sieve's books: what was done, and which share of the examples offered was selected.
class tally {
 public:
  //! All of it, with the batches that a queue handed out.
  work_counters work(std::uint64_t handed_out) const {
    work_counters total = work_;
    total.forwards += handed_out;
    total.backwards += handed_out;
    return total;
  }
  double keep_rate() const {
    return offered_ == 0 ? 1.0 : static_cast<double>(selected_) / static_cast<double>(offered_);
  }

  void forwarded(std::size_t n, std::size_t non_finite) {
    work_.forwards += n;
    work_.non_finite += non_finite;
  }
  void trained(std::size_t n) { work_.backwards += n; }
  void refreshed(std::size_t n) { work_.refreshed += n; }
  //! `selected` of n examples go on; `selective` when it was a choice.
  void chose(std::uint64_t n, std::uint64_t selected, bool selective) {
    work_.skipped += n - selected;
    if (!selective) return;
    offered_ += n;
    selected_ += selected;
  }

  void write(byte_writer& out) const {
    for (const std::uint64_t count : {work_.forwards, work_.backwards, work_.skipped,
                                      work_.refreshed, work_.non_finite, offered_, selected_}) {
      out.put(count);
    }
  }
  void read(byte_reader& in) {
    for (std::uint64_t* count : {&work_.forwards, &work_.backwards, &work_.skipped,
                                 &work_.refreshed, &work_.non_finite, &offered_, &selected_}) {
      *count = in.get<std::uint64_t>();
      // So that sums of two do not start over.
      if (*count >> 62 != 0) detail::fail<state_error>("state: ", *count, " examples of work");
    }
  }

 private:
  work_counters work_;
  std::uint64_t offered_ = 0, selected_ = 0;
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
