// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A LibTorch trainer that plans its epochs: five lines, marked, differ from one that does
//! not.
#include <torch/torch.h>

#include <gradsieve/libtorch.hpp>  // 1

#include <cstdio>

// Two spirals: which of them a point of the plane belongs to.
struct spirals : torch::data::datasets::BatchDataset<spirals, torch::data::Example<>> {
  static constexpr std::int64_t points = 8192;
  torch::Tensor side = torch::arange(points).remainder(2);
  torch::Tensor turn = torch::rand({points}) * 6 + 1;
  torch::Tensor angle = turn + side * 3.14159265;
  torch::Tensor data = torch::stack({turn * angle.cos(), turn* angle.sin()}, 1) / 7;

  torch::data::Example<> get_batch(torch::ArrayRef<std::size_t> indices) override {
    const std::vector<std::int64_t> ids(indices.begin(), indices.end());
    const auto rows = torch::tensor(ids);
    return {data.index_select(0, rows), side.index_select(0, rows)};
  }
  std::optional<std::size_t> size() const override { return points; }
};

int main() {
  namespace nn = torch::nn;
  torch::manual_seed(1);
  const spirals dataset;
  nn::Sequential net(nn::Linear(2, 64), nn::Tanh(), nn::Linear(64, 64), nn::Tanh(),
                     nn::Linear(64, 2));
  torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(0.01));

  gradsieve::libtorch::sampler sampler({.examples = spirals::points,
                                        .policy = gradsieve::power{.beta = 2.0},
                                        .seed = 1,
                                        .refresh = gradsieve::max_age{6}});                     // 2
  auto loader = torch::data::make_data_loader(gradsieve::libtorch::with_ids(dataset), sampler,  // 3
                                              torch::data::DataLoaderOptions(128).workers(2));

  for (int epoch = 0; epoch < 10; ++epoch) {
    for (auto& batch : *loader) {
      auto losses = nn::functional::cross_entropy(
          net->forward(batch.data), batch.target,
          nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));  // 4
      optimizer.zero_grad();
      losses.mean().backward();
      optimizer.step();
      sampler.observe(batch.ids, losses);  // 5
    }
    torch::NoGradGuard no_grad;
    const auto wrong = net->forward(dataset.data).argmax(1).ne(dataset.side).sum();
    std::printf("epoch %2d: %5zu examples trained, %4lld of 8192 wrong\n", epoch, sampler.size(),
                static_cast<long long>(wrong.item<std::int64_t>()));
  }
}
