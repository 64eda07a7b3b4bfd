// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file k draws with replacement, proportional to a mass: importance sampling.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/random/uniform.hpp>
#include <gradsieve/random/vose.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Draws positions with replacement from integer masses, exactly in proportion. Building takes
//! O(n), a batch of k draws O(n + k). Draw j is a pure function of (seed, step, j). For importance
//! sampling by a policy or by scores, see `write_masses`. An alias table in integers: n columns,
//! each as high as the masses' sum.
class with_replacement {
 public:
  //! @param masses  each at most 2^32, fewer than 2^31. @throws invalid_argument when all are 0.
  explicit with_replacement(std::span<const std::uint64_t> masses) { assign(masses); }

  void assign(std::span<const std::uint64_t> masses) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < masses.size(); ++i) {
      if (masses[i] > std::uint64_t{1} << 32) {
        detail::fail<invalid_argument>("with_replacement: a mass is ", masses[i], ", above 2^32");
      }
      sum += masses[i];
    }
    if (sum == 0 || masses.size() >= std::size_t{1} << 31) {
      detail::fail<invalid_argument>("with_replacement: ", masses.size(), " masses of sum ", sum,
                                     "; needs fewer than 2^31, and some mass");
    }
    sum_ = sum;
    const std::size_t n = masses.size();
    masses_.assign(masses.data(), masses.size());
    columns_.assign(n, {});
    left_.resize(n);
    stack_.resize(n);
    for (std::size_t i = 0; i < n; ++i) left_[i] = masses[i] * n;  // below 2^63
    detail::level_columns(left_.room(), stack_.room(), sum,
                          [this](std::uint32_t own, std::uint64_t cut, std::uint32_t other) {
                            columns_[own] = {cut, other};
                          });
  }

  //! Room for n masses, so that `assign` and draws of as many allocate nothing.
  void reserve(std::size_t n) {
    masses_.reserve(n);
    left_.reserve(n);
    columns_.reserve(n);
    stack_.reserve(n);
  }

  std::size_t size() const { return masses_.size(); }

  //! The probability of position i in one draw. @pre i < size()
  double probability(std::size_t i) const {
    return static_cast<double>(masses_[i]) / static_cast<double>(sum_);
  }

  //! Of the outcome of as many draws, how often each position was expected: what `write_weights`
  //! takes in place of inclusion probabilities, each repeat having its own weight
  //! (Hansen-Hurwitz). @throws invalid_argument for too little room, out_of_range for a position
  //! beyond the last.
  void expected_counts(std::span<const std::uint32_t> positions, std::span<float> out) const {
    if (out.size() < positions.size()) {
      detail::fail<invalid_argument>("with_replacement: room for ", out.size(), " counts, but ",
                                     positions.size(), " positions");
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (positions[i] >= size()) {
        detail::fail<out_of_range>("with_replacement: position ", positions[i], " of ", size());
      }
    }
    const auto draws = static_cast<double>(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      out[i] = static_cast<float>(draws * probability(positions[i]));
    }
  }

  //! The position of draw `index`.
  std::uint32_t operator()(const draw_key& key, std::uint64_t index) const {
    const std::uint64_t place = uniform_below(key, 2 * index, columns_.size());
    const bool own = uniform_below(key, 2 * index + 1, sum_) < columns_[place].cut;
    return own ? static_cast<std::uint32_t>(place) : columns_[place].other;
  }

  //! out.size() draws, in ascending order of position; repeats stand side by side.
  void operator()(const draw_key& key, std::span<std::uint32_t> out) {
    stack_.assign(columns_.size(), 0);  // how often each was drawn
    for (std::size_t j = 0; j < out.size(); ++j) ++stack_[(*this)(key, j)];
    std::uint32_t* to = out.data();
    for (std::uint32_t i = 0; i < stack_.size(); ++i) to = std::fill_n(to, stack_[i], i);
  }

 private:
  struct column {
    std::uint64_t cut = 0;
    std::uint32_t other = 0;
  };

  detail::buffer<std::uint64_t> masses_, left_;
  detail::buffer<column> columns_;
  detail::buffer<std::uint32_t> stack_;
  std::uint64_t sum_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
