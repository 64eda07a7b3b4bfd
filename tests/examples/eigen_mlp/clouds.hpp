// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A small data set and a small network for it.
#pragma once

#include "trainer.hpp"

#include <cmath>
#include <cstdint>

namespace eigen_mlp {

//! Four clouds of points in the plane, some of them mixed up.
inline dataset clouds(std::int64_t count = 2000) {
  dataset data;
  data.images.resize(2, count);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % 4);
    const auto t = static_cast<float>(i);
    data.images(0, i) = (label < 2 ? -1.0f : 1.0f) + 1.2f * std::sin(1.7f * t);
    data.images(1, i) = (label % 2 == 0 ? -1.0f : 1.0f) + 1.2f * std::cos(2.9f * t);
    data.labels.push_back(label);
  }
  data.true_labels = data.labels;
  return data;
}

inline training_options small_training(double epochs, const dataset& data, std::uint64_t seed = 1) {
  training_options options;
  options.layers = {2, 16, 4};
  options.batch_size = 32;
  options.budget = epochs * static_cast<double>(data.size());
  options.seed = seed;
  return options;
}

}  // namespace eigen_mlp
