// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The network, its optimiser, and the scale of 16-bit losses.
#include "model.hpp"

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include <limits>

#include "catch.hpp"

namespace {

using namespace libtorch_cifar10;

constexpr training::optimiser_options nesterov{
    .momentum = 0.9f, .nesterov = true, .weight_decay = 5e-4f};

model small(precision type = precision::fp32) { return {4, 10, nesterov, type, at::kCPU, 1}; }

struct batch {
  at::Tensor images = at::randn({16, 3, 32, 32}), labels = at::randint(10, {16}, at::kLong);
};

TEST_CASE("the network is ResNet-18 in its form for small images") {
  resnet18 network(64, 10);
  std::int64_t weights = 0, convolutions = 0;
  for (const at::Tensor& each : network.parameters()) {
    weights += each.numel();
    convolutions += each.dim() == 4 ? 1 : 0;
  }
  CHECK(weights == 11'173'962);  // as published implementations of it have
  CHECK(convolutions == 20);     // 17, and 3 shortcuts
  const at::NoGradGuard no_grad;
  CHECK(network.forward(at::randn({2, 3, 32, 32})).sizes() == at::IntArrayRef({2, 10}));
}

TEST_CASE("equal seeds give equal weights, and others others") {
  CHECK(small().fingerprint() == small().fingerprint());
  CHECK(small().fingerprint() !=
        model(4, 10, nesterov, precision::fp32, at::kCPU, 2).fingerprint());
}

TEST_CASE("steps are those of torch's SGD") {
  torch::manual_seed(3);
  const batch data;
  model ours = small();
  torch::manual_seed(1);
  resnet18 theirs(4, 10);
  torch::optim::SGD optimiser(
      theirs.parameters(),
      torch::optim::SGDOptions(0.05).momentum(0.9).nesterov(true).weight_decay(5e-4f));
  for (int i = 0; i < 3; ++i) {
    const at::Tensor losses = ours.losses(data.images, data.labels);
    CHECK(losses.sizes() == at::IntArrayRef({16}));
    const at::Tensor expected =
        at::cross_entropy_loss(theirs.forward(data.images), data.labels, {}, at::Reduction::None);
    CHECK(losses.allclose(expected, 1e-3, 1e-3));
    ours.step(losses.mean(), 0.05);
    optimiser.zero_grad();
    expected.mean().backward();
    optimiser.step();
  }
}

TEST_CASE("a selection forward leaves no trace") {
  torch::manual_seed(4);
  const batch data;
  model one = small(), other = small();
  const at::Tensor scores = one.scoring_losses(data.images, data.labels);
  CHECK_FALSE(scores.requires_grad());
  CHECK(scores.allclose(other.losses(data.images, data.labels)));
  for (model* const each : {&one, &other}) {
    each->step(each->losses(data.images, data.labels).mean(), 0.1);
  }
  CHECK(one.fingerprint() == other.fingerprint());
}

TEST_CASE(
    "the scale of losses halves where gradients overflow, and says that the step is skipped") {
  loss_scale scale(at::kCPU);
  const at::Tensor factor = scale.state().front();
  const float before = factor.item<float>();
  std::vector<at::Tensor> gradients{at::full({3}, before), at::ones({2})};
  CHECK(scale.unscale(gradients).item<float>() == 0);
  CHECK(gradients[0].equal(at::ones({3})));
  CHECK(factor.item<float>() == before);
  gradients[1][0] = std::numeric_limits<float>::infinity();
  CHECK(scale.unscale(gradients).item<float>() == 1);
  CHECK(factor.item<float>() == before / 2);
  CHECK(scale.scaled(at::ones({})).item<float>() == before / 2);
}

TEST_CASE("a step whose gradients overflow changes nothing but the scale") {
  torch::manual_seed(5);
  const batch data;
  model net = small(precision::fp16);
  const std::uint64_t before = net.fingerprint();
  const auto saved = net.save();
  net.step(net.losses(data.images, data.labels).mean() * std::numeric_limits<float>::infinity(),
           0.1);
  CHECK(net.fingerprint() == before);
  CHECK((net.save() != saved));  // the scale
  net.step(net.losses(data.images, data.labels).mean(), 0.1);
  CHECK(net.fingerprint() != before);
}

TEST_CASE("a loaded network goes on as the saved one, and one of another width is refused") {
  torch::manual_seed(6);
  const batch data;
  model one = small(), other = small();
  one.step(one.losses(data.images, data.labels).mean(), 0.1);
  other.load(one.save());
  for (model* const each : {&one, &other}) {
    each->step(each->losses(data.images, data.labels).mean(), 0.1);
  }
  CHECK(one.fingerprint() == other.fingerprint());
  model wider(8, 10, nesterov, precision::fp32, at::kCPU, 1);
  CHECK_THROWS_AS(wider.load(one.save()), std::runtime_error);
}

}  // namespace
