// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sum of losses in integers: no flag and no order of the terms changes a bit of it.
#pragma once

#include <gradsieve/key/float_bits.hpp>

#include <cstddef>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The largest and the least magnitude among the terms of a sum, given as float32 bits.
struct magnitude_range {
  std::int32_t largest = 0;
  std::int32_t least = 0x7fffffff;  // less one, so that zero, which bounds nothing, is the most

  constexpr void add(std::uint32_t bits) {
    const auto magnitude = static_cast<std::int32_t>(bits & 0x7fffffffu);
    const std::int32_t nonzero = (magnitude - 1) & 0x7fffffff;
    largest = magnitude > largest ? magnitude : largest;
    least = nonzero < least ? nonzero : least;
  }
  //! Whether all terms are finite.
  constexpr bool finite() const { return largest < 0x7f800000; }
  //! Whether all terms are normal or zero and multiples of 2^-27 of the largest's last place.
  constexpr bool narrow() const {
    const auto below = static_cast<std::uint32_t>(least) + 1;
    return below >> 23 != 0 && largest >> 23 <= static_cast<std::int32_t>(below >> 23) + 27;
  }
};

//! Sums finite float32 values, given as bits, in units of 2^-39 of the last place of the largest:
//! what a term has below that is cut off, so a sum of n misses n such units at most. Two words hold
//! what 2^31 terms can come to. A sum in double would depend on -ffast-math, and with it which
//! examples are selected.
class fixed_sum {
 public:
  //! @param largest  the bits of the largest magnitude to come.
  explicit constexpr fixed_sum(std::uint32_t largest) : top_(parts_of(largest).exponent) {}

  constexpr void add(std::uint32_t bits) {
    const float_parts parts = parts_of(bits);
    const std::uint32_t below = top_ - parts.exponent;
    const std::uint64_t term = below < 64 ? (parts.significand << spare) >> below : 0;
    const std::int64_t sign = bits >> 31 != 0 ? -1 : 1;
    high_ += sign * static_cast<std::int64_t>(term >> 32);
    low_ += sign * static_cast<std::int64_t>(term & 0xffffffffu);
  }

  //! Adds the terms `bits_at(0)` … `bits_at(n - 1)`, all of them of `range`, as `add` would.
  //! Where the range is narrow, as losses' is, a term scaled to an integer below 2^51 is the
  //! significand of its sum with 3 2^51: a conversion, a product and a sum that are exact in
  //! whatever order, and that compilers put into vectors.
  template <class BitsAt>
  constexpr void add_all(const magnitude_range& range, std::size_t n, BitsAt bits_at) {
    if (!range.narrow()) {
      for (std::size_t i = 0; i < n; ++i) add(bits_at(i));
      return;
    }
    constexpr double shift = 3.0 * (std::uint64_t{1} << 51);
    const auto scale = bit_cast<double>(std::uint64_t{1023 + 150 + narrow_spare - top_} << 52);
    constexpr std::size_t chunk = 4096;  // whose sum is below 2^63
    for (std::size_t done = 0; done < n; done += chunk) {
      const std::size_t size = n - done < chunk ? n - done : chunk;
      std::uint64_t total = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const auto term = static_cast<double>(bit_cast<float>(bits_at(done + i)));
        total += bit_cast<std::uint64_t>(term * scale + shift);
      }
      const auto sum = static_cast<std::int64_t>(total - size * bit_cast<std::uint64_t>(shift));
      constexpr std::uint32_t finer = spare - narrow_spare;
      high_ += sum >> (32 - finer);
      low_ += (sum & ((std::int64_t{1} << (32 - finer)) - 1)) << finer;
    }
  }

  //! The bits of the sum over `divisor`, in [1, 2^32), rounded to nearest (what is left of terms
  //! that cancel to less than 2^-13 of the largest's last place: to odd units); the largest finite
  //! value where it is beyond.
  constexpr std::uint32_t over(std::uint64_t divisor) const {
    const bool negative = high_ + (low_ >> 32) < 0;
    const std::int64_t sign = negative ? -1 : 1;
    const std::int64_t carry = (sign * low_) >> 32;
    const auto whole = static_cast<std::uint64_t>(sign * high_ + carry);
    const std::uint64_t rest = static_cast<std::uint64_t>(sign * low_) & 0xffffffffu;
    std::uint64_t high = whole / divisor;
    const std::uint64_t left = ((whole % divisor) << 32) | rest;
    std::uint64_t low = left / divisor;
    // Rounded to odd at 53 bits, so that the rounding to 24 is the only one.
    std::uint64_t lost = left % divisor;
    std::uint32_t scale = top_ + 1023 - 150 - spare;
    for (; high >> 21 != 0; ++scale) {
      lost |= low & 1;
      low = ((high & 1) << 31) | (low >> 1);
      high >>= 1;
    }
    const std::uint64_t odd = (high << 32) | low | std::uint64_t{lost != 0};
    // Both factors are normal and exact, so is their product.
    const double value = static_cast<double>(odd) * bit_cast<double>(std::uint64_t{scale} << 52);
    return float_bits(value) | (negative ? 0x80000000u : 0u);
  }

 private:
  static constexpr std::uint32_t spare = 39;         // 24 bits of significand and these are 63
  static constexpr std::uint32_t narrow_spare = 27;  // … and these are 51

  std::uint32_t top_;
  std::int64_t high_ = 0, low_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
