// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A histogram of a ledger's losses that knows no scale: 64 bins to an octave.
#pragma once

#include <gradsieve/history/loss_ledger.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Counts losses by the upper bits of their float32 pattern: bins of 1/64 octave, from the least
//! normal number to the largest, whatever the losses' scale. Negative losses and zero are in bin 0.
//! One pass over the ledger, in integers: the same for any order and any flags. 128 KiB.
class loss_counts {
 public:
  static constexpr std::uint32_t per_octave = 64, bins = 0x7f800000u >> 17;

  loss_counts() : counts_(bins) {}

  //! The bin of a finite loss.
  static constexpr std::uint32_t bin_of(loss_key key) {
    return key < 0 ? 0 : static_cast<std::uint32_t>(key) >> 17;
  }
  //! The least loss of a bin.
  static constexpr float lower_edge(std::uint32_t bin) {
    return to_loss(static_cast<loss_key>(bin << 17));
  }

  //! Counts anew: the finite losses of examples seen at least so often. O(examples).
  void count(ledger_view entries, std::uint32_t least_seen = 0) {
    std::fill(counts_.begin(), counts_.end(), std::uint64_t{0});
    total_ = 0;
    for (const ledger_entry& entry : entries) {
      if (!entry.has_loss() || entry.seen() < least_seen) continue;
      ++counts_[bin_of(entry.key)];
      ++total_;
    }
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t operator[](std::uint32_t bin) const { return counts_[bin]; }

  //! How many lie in bins below `bin`. O(bins).
  std::uint64_t below(std::uint32_t bin) const {
    std::uint64_t sum = 0;
    for (std::uint32_t b = 0; b < (std::min)(bin, bins); ++b) sum += counts_[b];
    return sum;
  }
  //! The bin of the loss of rank floor(total numerator / denominator). @pre total() > 0, the
  //! fraction is in [0, 1)
  std::uint32_t quantile(std::uint64_t numerator, std::uint64_t denominator) const {
    const std::uint64_t rank =
        total_ / denominator * numerator + total_ % denominator * numerator / denominator;
    std::uint64_t sum = 0;
    std::uint32_t bin = 0;
    while (sum + counts_[bin] <= rank) sum += counts_[bin++];
    return bin;
  }

 private:
  detail::buffer<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
