// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How a trainer saves a run between two batches, and goes on from there.
#include "trainer.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigen_mlp {
namespace {

void copy(std::string_view what, const std::vector<float>& saved, std::span<float> to) {
  if (saved.size() != to.size()) {
    throw std::runtime_error("saved with " + std::to_string(saved.size()) + ' ' +
                             std::string(what) + ", this run has " + std::to_string(to.size()));
  }
  std::ranges::copy(saved, to.begin());
}

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

void trainer::resume(snapshot saved) {
  copy("weights", saved.weights, network_.parameters());
  copy("velocities", saved.velocity, optimiser_.velocity());
  work_.add_forwards(saved.run.forwards);
  work_.add_backwards(saved.run.backwards);
  run_ = std::move(saved.run);
  sums_ = saved.sums;
  resumed_ = std::move(saved);
  start();
  next_save_ += sums_.steps;
  excluded_ = -run_.seconds;
}

place trainer::begin(sieve_list sieves) {
  if (!resumed_) return {};
  const stopwatch off_the_clock(excluded_);
  if (resumed_->sieves.size() != sieves.size()) {
    throw std::runtime_error("saved with " + std::to_string(resumed_->sieves.size()) +
                             " sieves, this method has " + std::to_string(sieves.size()));
  }
  auto saved = resumed_->sieves.begin();
  for (gradsieve::sieve* const each : sieves) each->load(*saved++);
  const place at = resumed_->at;
  resumed_.reset();
  return at;
}

void trainer::between_batches(const place& at, sieve_list sieves) {
  if (save_every == 0 || sums_.steps < next_save_ || finished()) return;
  const stopwatch off_the_clock(excluded_);
  next_save_ = sums_.steps + save_every;
  snapshot now{.at = at,
               .sieves = {},
               .weights = copy(network_.parameters()),
               .velocity = copy(optimiser_.velocity()),
               .sums = sums_,
               .run = record_so_far()};
  for (const gradsieve::sieve* const each : sieves) now.sieves.push_back(each->save());
  save(std::move(now));
}

}  // namespace eigen_mlp
