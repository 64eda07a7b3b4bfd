// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of n one after another, each in proportion to its mass among those that are
//! left.
#pragma once

#include <gradsieve/random/uniform.hpp>
#include <gradsieve/select/mass_tree.hpp>
#include <gradsieve/select/systematic.hpp>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Draws min(k, n) examples without replacement: first one in proportion to the masses, then one of
//! the rest in proportion to theirs, and so on. This is what `numpy.random.choice(replace=False,
//! p=…)` and `torch.multinomial` do; inclusion is NOT proportional to the masses (large ones are
//! included less often than that), see `systematic` for a draw of which it is. Examples of
//! `certain_mass` come first. When fewer than k have mass, the rest is filled uniformly. Integers
//! only. O(n + k log n); keeps its buffers. Source: Yates and Grundy 1953; Rosén 1972.
class successive {
 public:
  //! @param masses  each at most 2^32, or `certain_mass`, at most k of those; n below 2^31.
  //! @param out  room for min(k, n) positions, which ascend.
  //! @throws invalid_argument for another mass above 2^32, more certain ones than k, too little
  //! room; nothing is written.
  systematic_result operator()(std::span<const std::uint64_t> masses, std::size_t k,
                               const draw_key& key, std::span<std::uint32_t> out) {
    const std::size_t n = masses.size();
    k = (std::min)(k, n);
    if (out.size() < k) {
      detail::fail<invalid_argument>("successive: room for ", out.size(), " positions, ", k,
                                     " are drawn");
    }
    const std::size_t certain = take_certain(masses, k);
    systematic_result result{.selected = k, .filled = 0};
    bool filling = false;
    for (std::size_t j = certain; j < k; ++j) {
      if (left_.total() == 0) {
        filling = true;
        for (std::size_t i = 0; i < n; ++i) left_.set(i, taken_[i] != 0 ? 0 : 1);
      }
      const std::size_t next = left_.find(uniform_below(key, j, left_.total()));
      left_.set(next, 0);
      taken_[next] = 1;
      result.filled += std::size_t{filling};
    }
    std::size_t written = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (taken_[i] != 0) out[written++] = i;
    }
    return result;
  }

  //! Room for n masses, so that draws of as many allocate nothing.
  void reserve(std::size_t n) {
    left_.reserve(n);
    open_.reserve(n);
    taken_.reserve(n);
  }

  //! The inclusion probability of each mass, by Rosén's approximation 1 - exp(-t m), with t such
  //! that they sum to k: off by O(1 / k), at most .02 in the tests from 16 examples on. Exact ones
  //! take the time of all orders of drawing. O(60 n). @param out  as long as `masses`.
  static void approximate_inclusion(std::span<const std::uint64_t> masses, std::size_t k,
                                    std::span<double> out) {
    const std::size_t n = masses.size();
    k = (std::min)(k, n);
    std::size_t certain = 0, positive = 0;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      certain += std::size_t{masses[i] == certain_mass};
      if (masses[i] == 0 || masses[i] == certain_mass) continue;
      ++positive;
      sum += static_cast<double>(masses[i]);
    }
    const std::size_t drawn = (std::min)(k - (std::min)(k, certain), positive);
    const double t = drawn == positive ? 0 : rate(masses, drawn, sum);
    const double filled = static_cast<double>(k - (std::min)(k, certain + drawn));
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t mass = masses[i];
      if (mass == 0) {
        out[i] = filled > 0 ? filled / static_cast<double>(n - certain - positive) : 0.0;
      } else {
        out[i] = mass == certain_mass || drawn == positive
                     ? 1.0
                     : -std::expm1(-t * static_cast<double>(mass) / sum);
      }
    }
  }

 private:
  //! Marks the certain ones and puts the others' masses into the tree; returns how many there are.
  std::size_t take_certain(std::span<const std::uint64_t> masses, std::size_t k) {
    std::size_t certain = 0;
    taken_.assign(masses.size(), 0);
    open_.assign(masses.data(), masses.size());
    for (std::size_t i = 0; i < masses.size(); ++i) {
      if (masses[i] != certain_mass) continue;
      taken_[i] = 1;
      open_[i] = 0;
      ++certain;
    }
    if (certain > k) {
      detail::fail<invalid_argument>("successive: ", certain, " masses are certain, but k is ", k);
    }
    left_.assign(open_.view());
    return certain;
  }

  //! t with sum (1 - exp(-t m / sum)) = drawn, below the number of masses.
  static double rate(std::span<const std::uint64_t> masses, std::size_t drawn, double sum) {
    const auto expected = [&](double t) {
      double total = 0;
      for (std::size_t i = 0; i < masses.size(); ++i) {
        if (masses[i] == certain_mass) continue;
        total -= std::expm1(-t * static_cast<double>(masses[i]) / sum);
      }
      return total;
    };
    double low = 0, high = 1;
    while (expected(high) < static_cast<double>(drawn) && high < 1e15) high *= 2;
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = low + (high - low) / 2;
      (expected(middle) < static_cast<double>(drawn) ? low : high) = middle;
    }
    return high;
  }

  mass_tree left_;
  detail::buffer<std::uint64_t> open_;
  detail::buffer<std::uint8_t> taken_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
