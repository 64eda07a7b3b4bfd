// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/learning_rate.hpp>
#include <gradsieve/libtorch/sieve.hpp>

#include <ATen/autocast_mode.h>

using namespace torch_support;
namespace gs = gradsieve;
using gs::libtorch::paced;
using gs::libtorch::work_rate;

namespace {

//! Two parameter groups with rates of 0.5 and 0.1.
torch::optim::SGD two_groups() {
  using torch::optim::OptimizerParamGroup;
  using torch::optim::SGDOptions;
  return torch::optim::SGD(
      std::vector<OptimizerParamGroup>{
          {{torch::ones({2}, torch::requires_grad())}, std::make_unique<SGDOptions>(0.5)},
          {{torch::ones({2}, torch::requires_grad())}, std::make_unique<SGDOptions>(0.1)}},
      SGDOptions(0.5));
}

double rate_of(torch::optim::SGD& optimizer, std::size_t group) {
  return optimizer.param_groups()[group].options().get_lr();
}

}  // namespace

TEST_CASE("work_rate: each group's rate is its own times the schedule's factor") {
  auto optimizer = two_groups();
  const gs::work_schedule decay = gs::cosine_decay{.warm_up = 0.2, .end = 0.01};
  work_rate rate(optimizer, decay, 1000);
  CHECK(rate_of(optimizer, 0) == 0.5);
  for (const double done : {0.0, 100.0, 200.0, 700.0, 1000.0, 2000.0, 300.0}) {
    rate.step(done);
    CHECK(rate.factor() == decay(done, 1000.0));
    CHECK(rate_of(optimizer, 0) == Approx(0.5 * decay(done, 1000.0)));
    CHECK(rate_of(optimizer, 1) == Approx(0.1 * decay(done, 1000.0)));
  }
}

TEST_CASE("paced: a scheduler is stepped as the work demands, whatever the number of batches") {
  const auto sizes = GENERATE(values({7.0, 100.0, 450.0}));
  auto optimizer = two_groups();
  torch::optim::StepLR decay(optimizer, 3, 0.1);
  paced rate(decay, 9, 1000);
  double done = 0;
  while (done < 1000) rate.step(done += sizes);
  CHECK(rate.taken() == 9);
  auto by_steps = two_groups();
  torch::optim::StepLR expected(by_steps, 3, 0.1);
  for (int step = 0; step < 9; ++step) expected.step();
  CHECK(rate_of(optimizer, 1) == rate_of(by_steps, 1));
  CHECK(rate_of(optimizer, 1) < 0.05);
  rate.step(5000);
  CHECK(rate.taken() == 9);

  auto resumed_optimizer = two_groups();
  torch::optim::StepLR again(resumed_optimizer, 3, 0.1);
  paced resumed(again, 9, 1000);
  resumed.step(400);
  CHECK(resumed.taken() == 3);
  resumed.step(200);
  CHECK(resumed.taken() == 3);
}

TEST_CASE("work_rate and paced: work that cannot be is refused by torch's own errors") {
  auto optimizer = two_groups();
  torch::optim::StepLR decay(optimizer, 3, 0.1);
  REQUIRE_THROWS_AS(work_rate(optimizer, gs::linear_decay{}, 0), c10::ValueError);
  REQUIRE_THROWS_AS(work_rate(optimizer, gs::linear_decay{}, std::nan("")), c10::ValueError);
  REQUIRE_THROWS_WITH(paced(decay, 0, 10.0), contains("0 steps"));
  REQUIRE_THROWS_WITH(paced(decay, 3, 0.0), contains("total is 0"));
  REQUIRE_THROWS_AS(paced(decay, 3, std::numeric_limits<double>::infinity()), c10::ValueError);
  work_rate rate(optimizer, gs::linear_decay{}, 10);
  REQUIRE_THROWS_AS(rate.step(-1), c10::ValueError);
  paced steps(decay, 3, 10.0);
  REQUIRE_THROWS_WITH(steps.step(-1), contains("done is -1"));
  REQUIRE_THROWS_AS(steps.step(std::nan("")), c10::ValueError);
  CHECK(rate_of(optimizer, 0) == 0.5);
}

// As a trainer in mixed precision does it: losses are picked before they are scaled, and a step
// that overflows is skipped, its losses recorded and its work not counted.
TEST_CASE("mixed precision: selection sees unscaled losses, and a skipped step counts no work") {
  const gs::sieve_options options{
      .examples = 64, .policy = gs::power{.floor = 0.1}, .history = 32, .seed = 2};
  gs::libtorch::sieve scaled(options), plain(options);
  torch::manual_seed(3);
  torch::nn::Linear net(4, 1);
  torch::optim::SGD optimizer(net->parameters(), 0.01);
  double scale = 1e39;  // above float's range: the first step's gradients are infinite
  std::uint64_t trained = 0;
  int skipped = 0;
  for (int step = 0; step < 4; ++step) {
    const at::Tensor ids = torch::arange(64), input = torch::randn({64, 4});
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, torch::kBFloat16);
    const at::Tensor losses = net->forward(input).squeeze(1).square();
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    CHECK(losses.scalar_type() == torch::kBFloat16);

    optimizer.zero_grad();
    (losses.to(torch::kFloat).mean() * scale).backward();
    bool overflowed = false;
    for (const auto& parameter : net->parameters()) {
      parameter.mutable_grad().div_(scale);
      overflowed = overflowed || !parameter.grad().isfinite().all().item<bool>();
    }
    if (overflowed) {
      scaled.record(ids, losses);
      scale = 1024;
      ++skipped;
    } else {
      optimizer.step();
      scaled.observe(ids, losses);
      trained += 64;
    }
    plain.observe(ids, losses.to(torch::kFloat));
  }
  CHECK(skipped == 1);
  CHECK(scaled.work().backwards == trained);
  CHECK(plain.work().backwards == trained + 64);
  CHECK(torch::equal(scaled.plan(1), plain.plan(1)));
}
