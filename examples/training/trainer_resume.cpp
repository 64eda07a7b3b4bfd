// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How a trainer saves a run between two batches, and goes on from there.
#include "trainer.hpp"

#include <stdexcept>
#include <string>

namespace training {
void trainer::resume(snapshot saved) {
  network_->load(saved.network);
  work_.add_forwards(saved.run.forwards);
  work_.add_backwards(saved.run.backwards);
  run_ = std::move(saved.run);
  sums_ = saved.sums;
  resumed_ = std::move(saved);
  start();
  next_save_ += sums_.steps;
  excluded_ = -run_.seconds;
}

place trainer::begin(part_list parts) {
  if (!resumed_) return {};
  const stopwatch off_the_clock(excluded_);
  if (resumed_->sieves.size() != parts.size()) {
    throw std::runtime_error("saved with " + std::to_string(resumed_->sieves.size()) +
                             " parts, this method has " + std::to_string(parts.size()));
  }
  auto saved = resumed_->sieves.begin();
  for (const saved_part& each : parts) each.load(*saved++);
  const place at = resumed_->at;
  resumed_.reset();
  return at;
}

void trainer::between_batches(const place& at, part_list parts) {
  while (!probe_points.empty() && progress() >= probe_points.front()) {
    const stopwatch off_the_clock(excluded_);
    probe(*network_, probe_points.front());
    probe_points.erase(probe_points.begin());
  }
  if (save_every == 0 || sums_.steps < next_save_ || finished()) return;
  const stopwatch off_the_clock(excluded_);
  next_save_ = sums_.steps + save_every;
  snapshot now{
      .at = at, .sieves = {}, .network = network_->save(), .sums = sums_, .run = record_so_far()};
  for (const saved_part& each : parts) now.sieves.push_back(each.save());
  save(std::move(now));
}

}  // namespace training
