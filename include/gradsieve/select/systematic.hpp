// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of n by integer systematic sampling: one random offset, no draw per example.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/random/uniform.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A mass that is selected for certain, whatever the others: for examples that must be.
inline constexpr std::uint64_t certain_mass = (std::uint64_t{1} << 32) + 1;

//! What `systematic` did to reach its count.
struct systematic_result {
  std::size_t selected = 0;  //!< min(k, n)
  std::size_t filled = 0;    //!< of them without any mass, taken uniformly to make up the count
};

//! Draws exactly min(k, n) of n examples with inclusion probabilities pi_i = min(1, c m_i) that sum
//! to k. Positions ascend. Examples whose share would exceed 1 are certain and taken out first.
//! When fewer than k have mass, the rest is filled uniformly from those without. Neighbours in the
//! order given have dependent inclusions. Integers only: the same everywhere.
//!
//! O(n), in a few passes; keeps its buffers. Source: Madow 1949; tickets at
//! floor((j S + a) / k), a = floor(u S / 2^32), so no product exceeds 64 bits but one.
class systematic {
 public:
  //! @param masses  each at most 2^32, or `certain_mass`, at most k of those; n below 2^32.
  //! @param out  room for min(k, n) positions.
  //! @throws invalid_argument for another mass above 2^32, more certain ones than k, too little
  //! room.
  systematic_result operator()(std::span<const std::uint64_t> masses, std::size_t k,
                               const draw_key& key, std::span<std::uint32_t> out) {
    const std::size_t n = masses.size();
    k = (std::min)(k, n);
    if (out.size() < k) {
      detail::fail<invalid_argument>("systematic: room for ", out.size(), " positions, ", k,
                                     " are drawn");
    }
    prepare(masses, k);
    // Shares that are neither certain nor empty get tickets; the others are all in or all out.
    tickets with_mass(k_left_, sum_, draw(key, 0));
    tickets without(filled_, zeros_, draw(key, 1));
    systematic_result result;
    for (std::size_t i = 0; i < n; ++i) {
      const bool empty = masses[i] == 0;
      const bool taken =
          empty ? without.pass(1) : is_certain(masses[i]) || with_mass.pass(masses[i]);
      if (!taken) continue;
      out[result.selected++] = static_cast<std::uint32_t>(i);
      result.filled += std::size_t{empty};
    }
    return result;
  }

  //! The inclusion probability of a mass under the k and masses of the last `prepare` or draw.
  double inclusion(std::uint64_t mass) const {
    if (mass == 0)
      return zeros_ == 0 ? 0.0 : static_cast<double>(filled_) / static_cast<double>(zeros_);
    if (is_certain(mass)) return 1.0;
    return static_cast<double>(mass) * static_cast<double>(k_left_) / static_cast<double>(sum_);
  }

  //! Finds which masses are certain, and what is left for the others. O(n) a pass; a pass finds at
  //! least one more certainty, in practice there are two or three.
  void prepare(std::span<const std::uint64_t> masses, std::size_t k) {
    k = (std::min)(k, masses.size());
    certain_from_ = certain_mass;
    zeros_ = static_cast<std::size_t>(std::count(masses.data(), masses.data() + masses.size(), std::uint64_t{0}));
    filled_ = k > masses.size() - zeros_ ? k - (masses.size() - zeros_) : 0;
    for (;;) {
      sum_ = 0;
      std::size_t certain = 0;
      for (const std::uint64_t mass : masses) {
        if (mass > certain_mass) {
          detail::fail<invalid_argument>("systematic: a mass is ", mass, ", above 2^32");
        }
        certain += std::size_t{is_certain(mass)};
        sum_ += is_certain(mass) ? 0 : mass;
      }
      if (certain > k) {
        detail::fail<invalid_argument>("systematic: ", certain, " masses are certain, but k is ",
                                       k);
      }
      k_left_ = k - filled_ - certain;
      if (k_left_ == 0) return;
      // Certain: mass * k_left >= sum, that is mass >= ceil(sum / k_left).
      const std::uint64_t threshold = (sum_ - 1) / k_left_ + 1;
      const auto above = [&](std::uint64_t mass) { return mass >= threshold && !is_certain(mass); };
      if (std::none_of(masses.data(), masses.data() + masses.size(), above)) return;
      certain_from_ = threshold;
    }
  }

 private:
  //! Tickets spaced evenly over a total, of which each example passes its mass.
  class tickets {
   public:
    tickets(std::uint64_t count, std::uint64_t total, std::uint32_t offset) : left_(count) {
      if (count == 0) return;
      const auto [high, low] = detail::multiply(offset, total);
      const std::uint64_t start = (high << 32) | (low >> 32);
      count_ = count;
      next_ = start / count;
      remainder_ = start % count;
      step_ = total / count;
      step_remainder_ = total % count;
    }

    //! Moves past the next `mass` of the total; whether a ticket lay there.
    bool pass(std::uint64_t mass) {
      passed_ += mass;
      if (left_ == 0 || next_ >= passed_) return false;
      --left_;
      next_ += step_;
      remainder_ += step_remainder_;
      if (remainder_ >= count_) {
        remainder_ -= count_;
        ++next_;
      }
      return true;
    }

   private:
    std::uint64_t left_, count_ = 0, next_ = 0, remainder_ = 0, step_ = 0, step_remainder_ = 0;
    std::uint64_t passed_ = 0;
  };

  bool is_certain(std::uint64_t mass) const { return mass >= certain_from_; }

  std::uint64_t certain_from_ = certain_mass, sum_ = 0, k_left_ = 0;
  std::size_t zeros_ = 0, filled_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
