// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Policies made from policies: a floor, a cap, a mixture, a wanted mean.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/policy.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! P = max(least, inner): no percentile falls below `least`.
template <policy P>
struct with_floor {
  P inner;
  double least = 0.0;  //!< in [0, 1]

  double operator()(double percentile) const {
    const auto probability = static_cast<double>(inner(percentile));
    // A NaN stays one, on either side, and is refused where the policy is compiled.
    if (detail::is_nan(probability)) return probability;
    return detail::is_nan(least) || probability < least ? least : probability;
  }
};
template <class P>
with_floor(P, double) -> with_floor<P>;

//! P = min(most, inner): no percentile exceeds `most`.
template <policy P>
struct with_cap {
  P inner;
  double most = 1.0;  //!< in [0, 1]

  double operator()(double percentile) const {
    const auto probability = static_cast<double>(inner(percentile));
    if (detail::is_nan(probability)) return probability;
    return detail::is_nan(most) || probability > most ? most : probability;
  }
};
template <class P>
with_cap(P, double) -> with_cap<P>;

//! P = (1 - share) first + share second.
template <policy A, policy B>
struct mixture {
  A first;
  B second;
  double share = 0.5;  //!< of the second, in [0, 1]

  double operator()(double percentile) const {
    return (1 - share) * static_cast<double>(first(percentile)) +
           share * static_cast<double>(second(percentile));
  }
};
template <class A, class B>
mixture(A, B, double) -> mixture<A, B>;

//! P = min(1, c inner), with c such that a window of `history` losses selects the wanted mean: the
//! table's mean over the ranks 0 … history - 1 is exact to its rounding.
template <policy P>
class scaled_to {
 public:
  //! O(history log(1 / rounding)). @throws invalid_argument for a mean outside [0, 1], or one that
  //! cannot be reached because `inner` is 0 at too many percentiles; policy_error.
  scaled_to(const P& inner, double mean, std::size_t history = 1024) : inner_(inner) {
    if (!detail::in_unit_interval(mean)) {
      detail::fail<invalid_argument>("scaled_to: the mean is ", mean, ", not in [0, 1]");
    }
    if (history < 1 || history > (std::size_t{1} << 24)) {
      detail::fail<invalid_argument>("scaled_to: history is ", history, ", not in [1, 16777216]");
    }
    // As `inner` returns them: rounded to masses, a large factor would show.
    detail::buffer<double> probabilities;
    for (std::size_t rank = 0; rank <= history; ++rank) {
      const double percentile = static_cast<double>(rank) / static_cast<double>(history);
      probabilities.push_back(static_cast<double>(inner(percentile)));
      to_mass(probabilities.back(), percentile);  // throws
    }
    probabilities.pop_back();  // rank H is only reached by a loss above the whole window
    const auto mean_at = [&](double factor) {
      double sum = 0;
      for (const double probability : probabilities) sum += std::fmin(1.0, factor * probability);
      return sum / static_cast<double>(history);
    };
    double low = 0, high = 1;
    while (mean_at(high) < mean && high < 1e12) high *= 2;
    if (mean_at(high) < mean) {
      detail::fail<invalid_argument>("scaled_to: a mean of ", mean, " is out of reach, at most ",
                                     mean_at(high), " of the percentiles have any probability");
    }
    for (int halving = 0; halving < 100; ++halving) {
      const double middle = low + (high - low) / 2;
      (mean_at(middle) < mean ? low : high) = middle;
    }
    factor_ = high;
  }

  double factor() const { return factor_; }

  double operator()(double percentile) const {
    const auto probability = static_cast<double>(inner_(percentile));
    return detail::is_nan(probability) ? probability : std::fmin(1.0, factor_ * probability);
  }

 private:
  P inner_;
  double factor_ = 1;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
