// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "resnet.hpp"

#include <string>

namespace libtorch_cifar10 {

using torch::nn::Conv2dOptions;

normed_convolution::normed_convolution(std::int64_t in, std::int64_t out, std::int64_t stride,
                                       std::int64_t kernel)
    : convolution_(register_module(
          "convolution",
          torch::nn::Conv2d(
              Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)))),
      norm_(register_module("norm", torch::nn::BatchNorm2d(out))) {}

at::Tensor normed_convolution::forward(const at::Tensor& images) {
  return norm_->forward(convolution_->forward(images));
}

block::block(std::int64_t in, std::int64_t out, std::int64_t stride)
    : first_(register_module("first", std::make_shared<normed_convolution>(in, out, stride, 3))),
      second_(register_module("second", std::make_shared<normed_convolution>(out, out, 1, 3))) {
  if (in != out || stride != 1) {
    shortcut_ =
        register_module("shortcut", std::make_shared<normed_convolution>(in, out, stride, 1));
  }
}

at::Tensor block::forward(const at::Tensor& images) {
  const at::Tensor around = shortcut_ ? shortcut_->forward(images) : images;
  return second_->forward(first_->forward(images).relu()).add(around).relu();
}

resnet18::resnet18(std::int64_t width, std::int64_t classes)
    : stem_(register_module("stem", std::make_shared<normed_convolution>(3, width, 1, 3))),
      classify_(register_module("classify", torch::nn::Linear(8 * width, classes))) {
  std::int64_t in = width;
  for (std::int64_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < 2; ++i) {
      const std::int64_t out = width << stage, stride = stage > 0 && i == 0 ? 2 : 1;
      blocks_.push_back(register_module("block" + std::to_string(blocks_.size()),
                                        std::make_shared<block>(in, out, stride)));
      in = out;
    }
  }
}

at::Tensor resnet18::forward(const at::Tensor& images) {
  at::Tensor x = stem_->forward(images).relu();
  for (const auto& each : blocks_) x = each->forward(x);
  return classify_->forward(x.mean({2, 3}));
}

resnet18::estimate::estimate(resnet18& of) {
  of.apply([this](torch::nn::Module& part) {
    if (auto* const norm = part.as<torch::nn::BatchNorm2d>()) norms_.push_back(norm);
  });
  for (auto* const norm : norms_) {
    norm->reset_running_stats();
    norm->options.momentum(std::nullopt);  // the mean of all batches alike
  }
}

resnet18::estimate::~estimate() {
  for (auto* const norm : norms_) norm->options.momentum(0.1);
}

}  // namespace libtorch_cifar10
