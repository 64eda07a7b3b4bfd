// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a LibTorch user builds first: some of ATen, some of torch, and a sieve in a network.
#include <gradsieve/libtorch/sieve_module.hpp>

#include <ATen/ops/rand.h>
#include <torch/nn/modules/linear.h>

namespace {

struct network : torch::nn::Module {
  torch::nn::Linear layer = register_module("layer", torch::nn::Linear(4, 1));
  std::shared_ptr<gradsieve::libtorch::sieve_module> sieve =
      register_module("sieve", std::make_shared<gradsieve::libtorch::sieve_module>(
                                   gradsieve::sieve_options{.history = 8, .seed = 1}));
};

}  // namespace

int main() {
  network net;
  const at::Tensor losses = net.layer->forward(at::rand({4, 4})).pow(2).squeeze(1);
  // Everything is selected until the history is full.
  const at::Tensor picked = (*net.sieve)->pick(losses);
  losses.index_select(0, picked).mean().backward();
  return picked.numel() == 4 && net.layer->weight.grad().defined() ? 0 : 1;
}
