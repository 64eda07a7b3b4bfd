// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Loss-based reweighting: nothing is dropped, a batch's losses are weighted by their size.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/key/loss_key.hpp>
#include <gradsieve/methods/method_info.hpp>

#include <algorithm>
#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! What of a loss l, scaled to [-1, 1], makes its weight: softmax(f / r).
enum class reweighting : std::uint8_t {
  upper,      //!< min(l, 0): low losses count less (the paper's LinUpper; its offset d cancels out)
  quadratic,  //!< 1 - l^2: both tails count less
  extremes,   //!< |l|: the middle counts less
  none,       //!< 0: all alike
};

//! The least and the greatest loss of the global batch, where one part knows only its own.
struct loss_bounds {
  float least = 0, greatest = 0;
};

//! One weight for each loss, of mean 1 over those that are finite: the mean of weight times loss is
//! the paper's weighted sum. Losses that are not finite have weight 0 and no part in the bounds. Of
//! equal losses, and of none, all weights are 1. O(n), no state. Floating point: weights decide
//! nothing. Source: section 4 of the paper.
//! Differences: in the paper r falls during the training; give each step its own.
struct loss_reweighting {
  reweighting by = reweighting::upper;
  double r = 1.0;  //!< > 0; large: all alike

  static constexpr method_info info{.name = "loss_reweighting",
                                    .source = "Sow et al., ICLR 2025, arXiv 2502.06733",
                                    .rule = "every example",
                                    .weights = "softmax(f(loss) / r)",
                                    .cost = "O(n)",
                                    .hooks = hook::weights,
                                    .example_bytes = 0};

  //! @param out  as long as `losses` @throws invalid_argument when it is not, and unless r is above
  //! 0.
  template <class Losses>
  void write_weights(const Losses& losses, std::span<float> out) const {
    write_weights(losses, bounds_of(losses), out);
  }
  //! The same within given bounds; each part's weights have mean 1.
  template <class Losses>
  void write_weights(const Losses& losses, const loss_bounds& bounds, std::span<float> out) const {
    const auto values = detail::loss_span(losses);
    if (values.size() != out.size()) {
      detail::fail<invalid_argument>("loss_reweighting: room for ", out.size(), " weights, but ",
                                     values.size(), " losses");
    }
    if (!(r > 0) || !detail::is_at_least_zero(r)) {
      detail::fail<invalid_argument>("loss_reweighting: r is ", r, ", it must be above 0");
    }
    // Less the greatest, whose exponential is then 1: no r is so small that all of them vanish.
    double most = 0;
    std::size_t count = 0;
    for (const auto loss : values) {
      const loss_key key = to_key(loss);
      if (!is_finite(key)) continue;
      const double exponent = form(scaled(key, bounds));
      most = count == 0 ? exponent : (std::max)(most, exponent);
      ++count;
    }
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const loss_key key = to_key(values[i]);
      out[i] = 0;
      if (!is_finite(key)) continue;
      const double weight = std::exp((form(scaled(key, bounds)) - most) / r);
      out[i] = static_cast<float>(weight);
      sum += weight;
    }
    const double scale = count != 0 ? static_cast<double>(count) / sum : 0;
    for (float& weight : out) weight = static_cast<float>(static_cast<double>(weight) * scale);
  }

  //! The bounds of the finite losses; 0 and 0 where there is none.
  template <class Losses>
  static loss_bounds bounds_of(const Losses& losses) {
    loss_key least = key_above, greatest = key_below;
    for (const auto loss : detail::loss_span(losses)) {
      const loss_key key = to_key(loss);
      if (!is_finite(key)) continue;
      least = (std::min)(least, key);
      greatest = (std::max)(greatest, key);
    }
    if (least > greatest) return {};
    return {to_loss(least), to_loss(greatest)};
  }

 private:
  static double scaled(loss_key key, const loss_bounds& bounds) {
    const auto least = static_cast<double>(bounds.least);
    const double range = static_cast<double>(bounds.greatest) - least;
    return range > 0 ? 2 * (static_cast<double>(to_loss(key)) - least) / range - 1 : 0;
  }
  double form(double l) const {
    switch (by) {
      case reweighting::upper: return l < 0 ? l : 0;
      case reweighting::quadratic: return 1 - l * l;
      case reweighting::extremes: return std::fabs(l);
      case reweighting::none: break;
    }
    return 0;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
