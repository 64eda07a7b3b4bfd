// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A small data set and a small network for it.
#pragma once

#include "mlp_network.hpp"
#include "trainer.hpp"

#include <cmath>
#include <cstdint>

namespace training {

//! Four clouds of points in the plane, some of them mixed up.
inline dataset clouds(std::int64_t count = 2000) {
  constexpr float mean = 128, deviation = 50;
  dataset data;
  data.name = "clouds";
  data.class_names = {"a", "b", "c", "d"};
  data.height = 1;
  data.width = 2;
  data.scale = {{mean, deviation}};
  const auto add = [&](float value) {
    data.pixels.push_back(static_cast<std::uint8_t>(mean + deviation * value));
  };
  for (std::int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % 4);
    const auto t = static_cast<float>(i);
    add((label < 2 ? -1.0f : 1.0f) + 1.2f * std::sin(1.7f * t));
    add((label % 2 == 0 ? -1.0f : 1.0f) + 1.2f * std::cos(2.9f * t));
    data.labels.push_back(label);
  }
  data.true_labels = data.labels;
  return data;
}

inline network_factory small_network(int hidden = 16) {
  return [hidden](const dataset& train, const training_options& options) {
    return std::make_unique<eigen_mlp::mlp_network>(std::vector{hidden}, train, options);
  };
}

inline std::vector<float> weights_of(trainer& run) {
  const auto all = dynamic_cast<eigen_mlp::mlp_network&>(run.trained()).weights().parameters();
  return {all.begin(), all.end()};
}

inline training_options small_training(double epochs, const dataset& data, std::uint64_t seed = 1) {
  training_options options;
  options.batch_size = 32;
  options.budget = epochs * static_cast<double>(data.size());
  options.seed = seed;
  return options;
}

}  // namespace training
