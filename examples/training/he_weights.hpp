// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Initial weights by He et al. 2015, drawn by the library: the same in every framework.
#pragma once

#include <gradsieve/random/uniform.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace training {

//! A standard normal value as a pure function of key and index (Box and Muller).
inline float normal_draw(const gradsieve::draw_key& key, std::uint64_t index) {
  const double first = gradsieve::to_unit(gradsieve::draw(key, 2 * index));
  const double second = gradsieve::to_unit(gradsieve::draw(key, 2 * index + 1));
  const double radius = std::sqrt(-2.0 * std::log(1.0 - first));
  const double angle = 2.0 * std::numbers::pi * second;
  return static_cast<float>(radius * std::cos(angle));
}

//! Fills a layer's weights with normal values of variance 2 / inputs.
//! @param inputs  how many values each output is a sum over
//! @param layer   tells layers of one seed apart
inline void draw_he_weights(std::span<float> weights, std::int64_t inputs, std::uint64_t seed,
                            std::uint32_t layer) {
  const gradsieve::draw_key key{.seed = seed, .step = layer, .use = gradsieve::purpose::user};
  const float deviation = std::sqrt(2.0f / static_cast<float>(inputs));
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = deviation * normal_draw(key, i);
}

}  // namespace training
