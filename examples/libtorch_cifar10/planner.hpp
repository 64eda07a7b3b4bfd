// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which examples an epoch trains, decided on the device.
#pragma once

#include "../training/methods.hpp"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string_view>

namespace libtorch_cifar10 {

//! Plans epochs from the losses observed. Ids and losses live on the device.
class planner {
 public:
  planner() = default;
  planner(const planner&) = delete;
  planner& operator=(const planner&) = delete;
  virtual ~planner() = default;

  //! Ids to train, [count], int64, shuffled. This is where the host waits, once an epoch.
  virtual at::Tensor plan(std::uint32_t epoch) = 0;
  //! Losses that were just trained on. Does not wait.
  virtual void observe(const at::Tensor& ids, const at::Tensor& losses) = 0;

  //! What is known of each example; empty where nothing is kept of them.
  virtual std::vector<training::remembered> memory() = 0;
  virtual std::vector<std::byte> save() = 0;
  virtual void load(std::span<const std::byte> saved) = 0;
};

//! The methods of this trainer, the baseline first.
std::span<const training::method> methods();

//! @param how  one of `methods()`
std::unique_ptr<planner> make_planner(std::string_view how, const training::method_options& options,
                                      std::int64_t examples, std::uint64_t seed,
                                      const at::Device& device);

}  // namespace libtorch_cifar10
