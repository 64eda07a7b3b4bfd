// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The network with its optimiser, in 32 or 16 bits. Nothing in a step waits for the device.
#pragma once

#include "../training/network.hpp"
#include "data.hpp"
#include "resnet.hpp"

#include <memory>
#include <vector>

namespace libtorch_cifar10 {

//! What convolutions compute in; weights and losses are float32 always.
enum class precision { fp32, bf16, fp16 };

//! Losses times a factor, so that 16-bit gradients do not vanish. A step whose gradients overflow
//! is skipped and halves the factor; 2000 steps without double it. As PyTorch's GradScaler, but
//! whether a step is skipped stays on the device: the host never asks.
class loss_scale {
 public:
  loss_scale() = default;  //!< none
  explicit loss_scale(const at::Device& device);

  bool is_on() const { return factor_.defined(); }
  at::Tensor scaled(const at::Tensor& loss) const { return loss.mul(factor_); }
  //! Divides the gradients by the factor and renews it. @return [1], 1 where the step is to be
  //! skipped
  at::Tensor unscale(const std::vector<at::Tensor>& gradients);

  //! What a saved run needs: the factor, the steps since it changed.
  std::vector<at::Tensor> state() const;

 private:
  at::Tensor factor_, steady_;
};

class model {
 public:
  //! @param seed  of the initial weights
  model(std::int64_t width, std::int64_t classes, const training::optimiser_options& options,
        precision type, const at::Device& device, std::uint64_t seed);

  //! One loss for each image, [n], float32, by the batch's statistics.
  at::Tensor losses(const at::Tensor& images, const at::Tensor& labels);
  //! The same without a trace.
  at::Tensor scoring_losses(const at::Tensor& images, const at::Tensor& labels);
  //! Back-propagates a loss of no dimension and updates.
  void step(const at::Tensor& loss, double learning_rate);

  //! Estimates BatchNorm's statistics on these training images, as they are, then tests.
  training::score evaluate(const device_data& train, const at::Tensor& sample,
                           const device_data& test);

  std::vector<std::byte> save() const;
  //! @throws std::runtime_error if saved by a network of another width
  void load(std::span<const std::byte> saved);
  std::uint64_t fingerprint() const;

 private:
  at::Tensor logits(const at::Tensor& images);
  //! Tensor cores want channels last.
  at::MemoryFormat layout() const {
    return device_.is_cuda() ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  }
  //! What training depends on; BatchNorm's running statistics are none of it.
  std::vector<at::Tensor> state() const;

  std::shared_ptr<resnet18> network_;
  std::vector<at::Tensor> weights_, velocities_;
  training::optimiser_options options_;
  precision type_;
  at::Device device_;
  loss_scale scale_;
};

}  // namespace libtorch_cifar10
