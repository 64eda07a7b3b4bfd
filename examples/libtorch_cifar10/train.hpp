// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Training runs whose data, losses and selection stay on the device.
#pragma once

#include "../training/own_trainer.hpp"
#include "model.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace libtorch_cifar10 {

//! What this trainer is told besides the shared flags.
struct configuration {
  at::Device device = at::kCPU;
  precision type = precision::fp32;
  std::int64_t width = 64;
};

//! A whole run; the host waits for the device once an epoch, for the plan, and nowhere in a step.
training::outcome train(const configuration& chosen, const training::own_run& asked);

//! What a step and a selection forward cost here.
training::prices calibrate(const configuration& chosen, const training::dataset& data,
                           const training::training_options& options);

}  // namespace libtorch_cifar10
