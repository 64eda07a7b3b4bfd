// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Where a sieve's training stands, and whether selection is on there.
#pragma once

#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/state/bytes.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Counts a sieve's decisions, and knows its epoch.
class training_clock {
 public:
  std::uint64_t step() const { return step_; }
  std::uint32_t epoch() const { return epoch_; }

  void begin_epoch(std::uint32_t epoch) { epoch_ = epoch; }
  void advance() { ++step_; }

  //! Whether `options.active` has selection on now. A length in steps wins over one in epochs.
  template <class Options>
  bool active(const Options& options) const {
    const bool by_steps = options.total_steps != 0;
    return options.active({epoch_, step_, by_steps ? step_ : epoch_,
                           by_steps ? options.total_steps : options.total_epochs});
  }

  void write(byte_writer& out) const {
    out.put(step_);
    out.put(epoch_);
  }
  void read(byte_reader& in) {
    step_ = in.get<std::uint64_t>();
    epoch_ = in.get<std::uint32_t>();
  }

 private:
  std::uint64_t step_ = 0;
  std::uint32_t epoch_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
