// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file ResNet-18 in its form for small images, as a LibTorch module.
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <vector>

namespace libtorch_cifar10 {

//! A convolution of 3 by 3 (a shortcut has 1 by 1) without bias, then BatchNorm.
class normed_convolution final : public torch::nn::Module {
 public:
  normed_convolution(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t kernel);

  at::Tensor forward(const at::Tensor& images);
  torch::nn::BatchNorm2d& norm() { return norm_; }

 private:
  torch::nn::Conv2d convolution_;
  torch::nn::BatchNorm2d norm_;
};

//! He et al. 2015: two convolutions, and a shortcut around them.
class block final : public torch::nn::Module {
 public:
  block(std::int64_t in, std::int64_t out, std::int64_t stride);

  at::Tensor forward(const at::Tensor& images);

 private:
  std::shared_ptr<normed_convolution> first_, second_, shortcut_;  // the last may be null
};

//! A stem of 3 by 3, four stages of two blocks with `width`, 2, 4 and 8 times as many channels, the
//! mean over the image, and a linear layer. The published one has width 64. Weights are drawn from
//! the CPU's default generator.
class resnet18 final : public torch::nn::Module {
 public:
  resnet18(std::int64_t width, std::int64_t classes);

  //! @param images [n, 3, height, width] @return logits [n, classes]
  at::Tensor forward(const at::Tensor& images);

  //! While it lives, BatchNorm's running statistics become means over all that is forwarded in
  //! training mode, those of before forgotten.
  class estimate {
   public:
    explicit estimate(resnet18& of);
    ~estimate();
    estimate(const estimate&) = delete;
    estimate& operator=(const estimate&) = delete;

   private:
    std::vector<torch::nn::BatchNorm2dImpl*> norms_;
  };

 private:
  std::shared_ptr<normed_convolution> stem_;
  std::vector<std::shared_ptr<block>> blocks_;
  torch::nn::Linear classify_;
};

}  // namespace libtorch_cifar10
