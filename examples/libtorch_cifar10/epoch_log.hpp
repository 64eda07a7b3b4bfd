// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The record of a run whose losses stay on the device: read once an epoch.
#pragma once

#include "../training/dataset.hpp"
#include "../training/schedule.hpp"
#include "../training/snapshot.hpp"
#include "../training/training_options.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace libtorch_cifar10 {

class epoch_log {
 public:
  //! @param train  outlives this
  epoch_log(const training::dataset& train, const training::training_options& options,
            const at::Device& device);

  //! A step on these examples. Does not wait for the device.
  //! @param losses  [n], float32, without a graph
  void step(const at::Tensor& ids, const at::Tensor& losses, double learning_rate,
            double selection_seconds, double seconds, const training::work_meter& work);
  std::uint64_t steps() const { return sums_.steps; }

  //! Waits for the device.
  void read_device();
  //! Closes a line of epochs.csv.
  //! @pre read_device()
  void end_epoch(std::int64_t offered, double seconds);
  record::epoch& last_epoch() { return run_.epochs.back(); }

  //! The record so far, and what it goes on from.
  //! @pre read_device()
  training::snapshot snapshot(double seconds);
  void resume(const training::snapshot& saved);

 private:
  //! A line of steps.jsonl, but for what is on the device still.
  struct sample {
    record::step line;
    at::Tensor loss;          // mean, of no dimension
    std::size_t trained = 0;  // ids since the last time they were read
  };

  const training::dataset& train_;
  record::run run_;  // so far
  training::tally sums_;
  at::Tensor epoch_loss_;  // float64, of no dimension
  std::vector<at::Tensor> ids_;
  std::size_t trained_ = 0;  // how many those are
  std::vector<sample> samples_;
};

}  // namespace libtorch_cifar10
