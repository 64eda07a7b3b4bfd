// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What systematic sampling settles before it looks at any place: certainties, and tickets.
#pragma once

#include <gradsieve/random/uniform.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A mass that is selected for certain, whatever the others: for examples that must be.
inline constexpr std::uint64_t certain_mass = (std::uint64_t{1} << 32) + 1;

namespace detail {

//! What one pass over the masses finds, in any order and in parts that add up.
struct mass_tally {
  std::uint64_t examples = 0;
  std::uint64_t zeros = 0;    // without any mass
  std::uint64_t certain = 0;  // with at least what the pass was told is certain
  std::uint64_t sum = 0;      // of the others
  std::uint64_t most = 0;     // the largest of the others

  //! `count` examples of this mass; those from `certain_from` on are certain.
  GRADSIEVE_HOST_DEVICE constexpr void add(std::uint64_t certain_from, std::uint64_t mass,
                                           std::uint64_t count = 1) {
    const bool open = mass < certain_from;
    examples += count;
    zeros += mass == 0 ? count : 0;
    certain += open ? 0 : count;
    sum += open ? mass * count : 0;
    if (open && count != 0 && mass > most) most = mass;
  }
};

//! How min(k, n) places are shared out among masses: inclusion min(1, c m) with that sum. Start
//! from a default one; after each pass over the masses `settle` tells whether another is needed.
struct systematic_shares {
  std::uint64_t certain_from = certain_mass;  // masses from here on are selected
  std::uint64_t sum = 0;                      // of the masses below
  std::uint64_t drawn = 0;                    // how many of those are selected
  std::uint64_t zeros = 0;                    // examples without any mass
  std::uint64_t filled = 0;                   // of those, how many are selected: else k is missed

  GRADSIEVE_HOST_DEVICE constexpr bool is_certain(std::uint64_t mass) const {
    return mass >= certain_from;
  }

  //! Takes in a pass with this `certain_from`. A pass finds at least one more certainty, in
  //! practice there are two or three. @pre pass.certain <= min(k, pass.examples)
  GRADSIEVE_HOST_DEVICE constexpr bool settle(const mass_tally& pass, std::uint64_t k) {
    if (k > pass.examples) k = pass.examples;
    const std::uint64_t with_mass = pass.examples - pass.zeros;
    zeros = pass.zeros;
    filled = k > with_mass ? k - with_mass : 0;
    sum = pass.sum;
    drawn = k - filled - pass.certain;
    if (drawn == 0) return false;
    // Certain: mass * drawn >= sum, that is mass >= ceil(sum / drawn).
    const std::uint64_t threshold = (sum - 1) / drawn + 1;
    if (pass.most < threshold) return false;
    certain_from = threshold;
    return true;
  }

  //! Whether a word selects a mass by itself: word / 2^32 < mass drawn / sum.
  GRADSIEVE_HOST_DEVICE constexpr bool draws(std::uint64_t mass, std::uint32_t word) const {
    if (mass == 0 || is_certain(mass)) return mass != 0;
    const product128 left = multiply(word, sum);
    const std::uint64_t right = mass * drawn;  // below sum: it is not certain
    return left.high != right >> 32 ? left.high < right >> 32 : left.low < right << 32;
  }

  //! The probability with which a mass is selected.
  GRADSIEVE_HOST_DEVICE constexpr double inclusion(std::uint64_t mass) const {
    if (mass == 0)
      return zeros == 0 ? 0.0 : static_cast<double>(filled) / static_cast<double>(zeros);
    if (is_certain(mass)) return 1.0;
    return static_cast<double>(mass) * static_cast<double>(drawn) / static_cast<double>(sum);
  }
};

//! Tickets spaced evenly over a total, of which each example passes its mass: ticket j lies at
//! floor((j total + start) / count), start = floor(word total / 2^32). Integers decide.
class tickets {
 public:
  tickets() = default;
  //! @pre count <= total, below 2^32
  GRADSIEVE_HOST_DEVICE constexpr tickets(std::uint64_t count, std::uint64_t total,
                                          std::uint32_t word)
      : total_(total), count_(static_cast<std::uint32_t>(count)) {
    if (count == 0) return;
    const product128 start = multiply(word, total);
    start_ = (start.high << 32) | (start.low >> 32);
    ahead_ = start_;
    per_place_ = static_cast<double>(count) / static_cast<double>(total);
  }

  //! Moves past the next `mass` of the total; whether a ticket lay there. @pre count * mass <=
  //! total, so that there is one at most
  GRADSIEVE_HOST_DEVICE constexpr bool pass(std::uint64_t mass) {
    const std::uint64_t passed = mass * count_;
    const bool here = ahead_ < passed;
    ahead_ += (here ? total_ : 0) - passed;
    return here;
  }

  //! Moves to a place of the total, as if all masses before had been passed; returns how many
  //! tickets lie before it. O(1). @pre place <= total
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t move_to(std::uint64_t place) {
    if (count_ == 0) return 0;
    // The next ticket's number is ceil((place count - start) / total): a guess, then made exact.
    auto before = static_cast<std::uint64_t>(static_cast<double>(place) * per_place_);
    const product128 reached = multiply(before, total_), wanted = multiply(place, count_);
    std::uint64_t low = reached.low + start_;
    std::uint64_t high = reached.high + (low < start_ ? 1 : 0);
    high -= wanted.high + (low < wanted.low ? 1 : 0);
    low -= wanted.low;
    for (; high >> 63 != 0; ++before) {
      low += total_;
      high += low < total_ ? 1 : 0;
    }
    for (; high != 0 || low >= total_; --before) {
      high -= low < total_ ? 1 : 0;
      low -= total_;
    }
    ahead_ = low;
    return before;
  }

 private:
  std::uint64_t total_ = 0, start_ = 0;
  std::uint64_t ahead_ = 0;  // count times the way to the next ticket, plus a remainder; < total
  double per_place_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
