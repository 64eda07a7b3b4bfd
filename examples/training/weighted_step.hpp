// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A training step whose losses have weights.
#pragma once

#include "trainer.hpp"

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace training {

//! A step on a whole batch, with weights.
class weighted_step {
 public:
  explicit weighted_step(trainer& run) : run_(run) {}

  std::span<const float> operator()(std::span<const std::int64_t> ids,
                                    std::span<const float> weights) {
    const auto losses = run_.forward(ids);
    all_.resize(ids.size());
    std::iota(all_.begin(), all_.end(), 0u);
    run_.backward(all_, weights);
    return losses;
  }

 private:
  trainer& run_;
  std::vector<std::uint32_t> all_;
};

}  // namespace training
