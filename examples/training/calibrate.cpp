// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "calibrate.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace training {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

prices calibrate(const network_factory& make, const dataset& train, training_options options) {
  constexpr double warm_up_seconds = 0.1, measured_seconds = 0.5;
  constexpr int batches_a_sample = 8;

  options.budget = std::numeric_limits<double>::max();
  trainer scratch(make, train, options);
  std::vector<std::int64_t> ids(scratch.batch_size());
  std::uint64_t next = 0;
  const auto scattered_batch = [&] {  // far apart, as in a shuffled epoch
    for (auto& id : ids) {
      next += 7919;
      id = static_cast<std::int64_t>(next % static_cast<std::uint64_t>(train.size()));
    }
  };
  const auto sample = [&](auto step) {
    const auto start = clock::now();
    for (int batch = 0; batch < batches_a_sample; ++batch) {
      scattered_batch();
      step();
    }
    return seconds_since(start) / batches_a_sample / static_cast<double>(ids.size());
  };

  std::vector<double> forward, step;
  scratch.start();
  const auto start = clock::now();
  while (seconds_since(start) < warm_up_seconds + measured_seconds || step.empty()) {
    const double one = sample([&] { scratch.forward(ids); });
    const double other = sample([&] { scratch.train_step(ids); });
    if (seconds_since(start) < warm_up_seconds) continue;
    forward.push_back(one);
    step.push_back(other);
  }
  const double train_seconds = median(step);
  return {.train_seconds = train_seconds,
          .forward_share = std::clamp(median(forward) / train_seconds, 0.05, 0.95)};
}

}  // namespace training
