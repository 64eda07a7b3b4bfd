// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cnn.hpp"

#include "../training/he_weights.hpp"

#include <ATen/ops/empty.h>

#include <optional>
#include <string>

namespace libtorch_cnn {
namespace {

constexpr double usual_momentum = 0.1;  // of the running statistics

void draw(at::Tensor& weights, std::int64_t inputs, std::uint64_t seed, std::uint32_t layer) {
  const at::NoGradGuard no_grad;
  training::draw_he_weights(
      {weights.mutable_data_ptr<float>(), static_cast<std::size_t>(weights.numel())}, inputs, seed,
      layer);
}

//! With the channels of a pixel side by side, on which oneDNN and BatchNorm are faster here; what
//! comes out of a convolution follows its weights. Said in full, since `contiguous` does not tell
//! the two layouts of a single channel apart.
void interleave_channels(at::Tensor& weights) {
  const at::NoGradGuard no_grad;
  const at::Tensor other =
      at::empty(weights.sizes(), weights.options(), at::MemoryFormat::ChannelsLast);
  weights.set_data(other.copy_(weights));
}

}  // namespace

cnn::cnn(std::int64_t channels, const std::vector<int>& widths, std::int64_t classes,
         std::uint64_t seed) {
  std::uint32_t layer = 0;
  for (const int width : widths) {
    const std::string name = std::to_string(layer);
    const auto options = torch::nn::Conv2dOptions(channels, width, 3)
                             .stride(layer < 2 ? 2 : 1)
                             .padding(1)
                             .bias(false);
    convolutions_.push_back(register_module("convolution" + name, torch::nn::Conv2d(options)));
    norms_.push_back(register_module(
        "norm" + name,
        torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(width).momentum(usual_momentum))));
    draw(convolutions_.back()->weight, channels * 3 * 3, seed, layer++);
    interleave_channels(convolutions_.back()->weight);
    channels = width;
  }
  classify_ = register_module("classify", torch::nn::Linear(channels, classes));
  draw(classify_->weight, channels, seed, layer);
  const at::NoGradGuard no_grad;
  classify_->bias.zero_();
}

at::Tensor cnn::forward(at::Tensor images) {
  for (std::size_t layer = 0; layer < convolutions_.size(); ++layer) {
    images = norms_[layer](convolutions_[layer](images)).relu_();
  }
  return classify_(images.mean({2, 3}));
}

cnn::estimate::estimate(cnn& of) : of_(of) {
  for (auto& norm : of_.norms_) {
    norm->reset_running_stats();
    norm->options.momentum(std::nullopt);  // of all batches alike
  }
}

cnn::estimate::~estimate() {
  for (auto& norm : of_.norms_) norm->options.momentum(usual_momentum);
}

}  // namespace libtorch_cnn
