// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Weights that undo a selection's bias, each with a named normalisation.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/key/float_bits.hpp>

#include <cstddef>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! How the weights of selected examples with inclusion probabilities pi are scaled.
enum class normalisation : std::uint8_t {
  none,             //!< 1: the paper's choice, biased towards high losses
  unbiased,         //!< 1 / pi: (1/n) sum w l over the n offered is unbiased (Horvitz-Thompson)
  self_normalised,  //!< (1 / pi) / sum(1 / pi): sum w l is a weighted mean (Hajek)
  mean_one,         //!< (1 / pi) / mean(1 / pi): mean(w l) over the selected keeps the loss's scale
};

struct weight_options {
  double cap = 0;  //!< largest 1 / pi before scaling; 0: no cap. A cap trades bias for variance.
};

namespace detail {

//! Whether something selected can have had this probability: positive and finite.
GRADSIEVE_HOST_DEVICE constexpr bool is_inclusion(float probability) {
  return float_bits(probability) - 1 < 0x7f7fffffu;
}

//! A weight before it is scaled. @pre is_inclusion(probability), unless all weights are 1
GRADSIEVE_HOST_DEVICE constexpr double raw_weight(float probability, normalisation scale,
                                                  double cap) {
  const double inverse =
      scale == normalisation::none ? 1.0 : 1.0 / static_cast<double>(probability);
  return cap > 0 && inverse > cap ? cap : inverse;
}

//! Whether weights are scaled by their sum.
GRADSIEVE_HOST_DEVICE constexpr bool is_scaled(normalisation scale) {
  return scale == normalisation::self_normalised || scale == normalisation::mean_one;
}

//! What all raw weights are multiplied by.
GRADSIEVE_HOST_DEVICE constexpr double weight_scale(normalisation scale, std::uint64_t count,
                                                    double sum) {
  return (scale == normalisation::mean_one ? static_cast<double>(count) : 1.0) / sum;
}

GRADSIEVE_HOST_DEVICE constexpr float scaled_weight(float weight, double scale) {
  return static_cast<float>(static_cast<double>(weight) * scale);
}

}  // namespace detail

//! Writes one weight per inclusion probability; `out` is as long as `probabilities`. O(n).
//! @throws invalid_argument for sizes that differ, a cap that is negative or NaN, and, unless the
//! weights are 1 anyway, for a probability that is 0, negative or not finite, naming its position:
//! nothing that was selected can have had it. Nothing is written then.
inline void write_weights(std::span<const float> probabilities, normalisation scale,
                          const weight_options& options, std::span<float> out) {
  if (out.size() != probabilities.size()) {
    detail::fail<invalid_argument>("weights: ", probabilities.size(),
                                   " probabilities, but room for ", out.size());
  }
  if (!detail::is_at_least_zero(options.cap)) {
    detail::fail<invalid_argument>("weights: the cap is ", options.cap,
                                   ", it must not be negative");
  }
  for (std::size_t i = 0; scale != normalisation::none && i < out.size(); ++i) {
    if (!detail::is_inclusion(probabilities[i])) {
      detail::fail<invalid_argument>("weights: the probability at position ", i, " is ",
                                     static_cast<double>(probabilities[i]),
                                     ", which nothing selected can have had");
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double weight = detail::raw_weight(probabilities[i], scale, options.cap);
    out[i] = static_cast<float>(weight);
    sum += weight;
  }
  if (!detail::is_scaled(scale)) return;
  const double factor = detail::weight_scale(scale, out.size(), sum);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = detail::scaled_weight(out[i], factor);
}

//! (sum w)^2 / sum w^2: how many equally weighted examples would estimate as well (Kish). 0 for
//! none.
inline double effective_sample_size(std::span<const float> weights) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = static_cast<double>(weights[i]);
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
