// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A small convolutional network as a LibTorch module.
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <vector>

namespace libtorch_cnn {

//! Convolutions of 3 by 3 with BatchNorm and ReLU, the first two of stride 2, then the mean over
//! the image and a linear layer.
class cnn final : public torch::nn::Module {
 public:
  //! @param widths  channels of the convolutions, at least one
  //! @param seed    of the initial weights, which are the library's draws (He et al. 2015)
  cnn(std::int64_t channels, const std::vector<int>& widths, std::int64_t classes,
      std::uint64_t seed);

  //! @param images [n, channels, height, width] @return logits [n, classes]
  at::Tensor forward(at::Tensor images);

  //! Replaces BatchNorm's running statistics by means over all batches that are forwarded while it
  //! lives, in training mode.
  class estimate {
   public:
    explicit estimate(cnn& of);
    ~estimate();
    estimate(const estimate&) = delete;
    estimate& operator=(const estimate&) = delete;

   private:
    cnn& of_;
  };

 private:
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> norms_;
  torch::nn::Linear classify_ = nullptr;
};

}  // namespace libtorch_cnn
