// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/scoring_guard.hpp>

#include <stdexcept>

using namespace torch_support;
namespace nn = torch::nn;
using gradsieve::libtorch::scoring;
using gradsieve::libtorch::scoring_guard;

namespace {

nn::Sequential network() {
  torch::manual_seed(4);
  return nn::Sequential(
      nn::Linear(6, 8), nn::BatchNorm1d(8), nn::ReLU(), nn::Dropout(0.5), nn::Linear(8, 8),
      nn::BatchNorm1d(nn::BatchNorm1dOptions(8).momentum(std::nullopt)), nn::Linear(8, 3));
}

std::vector<at::Tensor> copies(const nn::Module& module) {
  std::vector<at::Tensor> all;
  for (const auto& buffer : module.buffers()) all.push_back(buffer.clone());
  return all;
}

std::vector<bool> flags(nn::Module& module) {
  std::vector<bool> all;
  module.apply([&](nn::Module& part) { all.push_back(part.is_training()); });
  return all;
}

at::Tensor random_state() { return at::globalContext().defaultGenerator(at::kCPU).get_state(); }

}  // namespace

TEST_CASE("scoring_guard: buffers, flags and the generator are as before, bit for bit") {
  const auto mode = GENERATE(scoring::evaluation, scoring::training, scoring::as_it_is);
  auto net = network();
  net->forward(torch::randn({16, 6}));  // statistics that are not those of a new network
  net->children()[1]->eval();           // a frozen BatchNorm
  const at::Tensor input = torch::randn({16, 6});
  const auto buffers = copies(*net);
  const auto before = flags(*net);
  const at::Tensor random = random_state();
  std::vector<const void*> memory;
  for (const auto& buffer : net->buffers()) memory.push_back(buffer.const_data_ptr());
  {
    const scoring_guard guard(*net, mode);
    CHECK_FALSE(at::GradMode::is_enabled());
    const at::Tensor scores = net->forward(input);
    CHECK_FALSE(scores.requires_grad());
    const auto during = flags(*net);
    if (mode == scoring::as_it_is) {
      CHECK(during == before);
    } else {
      CHECK(during == std::vector<bool>(before.size(), mode == scoring::training));
      // So that this test cannot pass because nothing happens in the first place.
      CHECK(same_bits(random_state(), random) == (mode == scoring::evaluation));
      CHECK(same_bits(net->buffers()[0], buffers[0]) == (mode == scoring::evaluation));
    }
  }
  CHECK(at::GradMode::is_enabled());
  CHECK(flags(*net) == before);
  CHECK(same_bits(random_state(), random));
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    INFO("buffer " << i);
    CHECK(same_bits(net->buffers()[i], buffers[i]));
    CHECK(net->buffers()[i].const_data_ptr() == memory[i]);
  }
}

TEST_CASE(
    "pitfall: a scoring forward that moves BatchNorm: a step with one equals the step without") {
  const auto mode = GENERATE(scoring::evaluation, scoring::training);
  const auto train = [&](bool score) {
    auto net = network();
    torch::optim::SGD optimizer(net->parameters(), 0.1);
    for (int step = 0; step < 3; ++step) {
      const at::Tensor input = torch::randn({16, 6});
      if (score) {
        const scoring_guard guard(*net, mode);
        net->forward(input * 3 + 1);
      }
      optimizer.zero_grad();
      const at::Tensor loss = net->forward(input).square().mean();
      if (score) {  // between a forward pass and its backward pass
        const scoring_guard guard(*net, mode);
        net->forward(input * 3 + 1);
      }
      loss.backward();
      optimizer.step();
    }
    return net;
  };
  const auto plain = train(false), scored = train(true);
  for (std::size_t i = 0; i < plain->parameters().size(); ++i) {
    CHECK(same_bits(plain->parameters()[i], scored->parameters()[i]));
  }
  for (std::size_t i = 0; i < plain->buffers().size(); ++i) {
    CHECK(same_bits(plain->buffers()[i], scored->buffers()[i]));
  }
}

TEST_CASE("scoring_guard: an exception in the forward pass leaves no trace either") {
  auto net = network();
  const auto buffers = copies(*net);
  const auto before = flags(*net);
  const auto score = [&] {
    const scoring_guard guard(*net, scoring::training);
    net->forward(torch::randn({16, 6}));
    throw std::runtime_error("stop");
  };
  REQUIRE_THROWS_AS(score(), std::runtime_error);
  CHECK(flags(*net) == before);
  CHECK(at::GradMode::is_enabled());
  for (std::size_t i = 0; i < buffers.size(); ++i) CHECK(same_bits(net->buffers()[i], buffers[i]));
}

TEST_CASE("scoring_guard: a submodule that two others share keeps its own flag") {
  struct pair : nn::Module {
    explicit pair(const std::shared_ptr<nn::Module>& shared) {
      register_module("first", nn::Sequential())
          ->push_back("shared", nn::AnyModule(nn::BatchNorm1d(2)));
      register_module("shared", shared);
    }
  };
  auto shared = std::make_shared<nn::BatchNorm1dImpl>(2);
  pair outer(shared);
  auto inner = outer.register_module("inner", std::make_shared<pair>(shared));
  inner->eval();
  shared->train();
  const auto before = flags(outer);
  { const scoring_guard guard(outer); }
  CHECK(flags(outer) == before);
}

TEST_CASE("scoring_guard: guards nest") {
  auto net = network();
  const auto buffers = copies(*net);
  const auto before = flags(*net);
  {
    const scoring_guard outer(*net, scoring::training);
    {
      const scoring_guard inner(*net, scoring::evaluation);
      net->forward(torch::randn({16, 6}));
    }
    CHECK(net->is_training());
    net->forward(torch::randn({16, 6}));
    CHECK_FALSE(at::GradMode::is_enabled());
  }
  CHECK(flags(*net) == before);
  for (std::size_t i = 0; i < buffers.size(); ++i) CHECK(same_bits(net->buffers()[i], buffers[i]));
}
