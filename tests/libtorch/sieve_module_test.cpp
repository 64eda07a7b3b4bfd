// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/scoring_guard.hpp>
#include <gradsieve/libtorch/sieve_module.hpp>

using namespace torch_support;
namespace gs = gradsieve;
using gs::libtorch::sieve_module;

namespace {

const gs::sieve_options options{.policy = gs::power{.beta = 2.0}, .history = 64, .seed = 3};

//! A network that has its own sieve.
struct network : torch::nn::Module {
  explicit network(const gs::sieve_options& with)
      : layer(register_module("layer", torch::nn::Linear(3, 2))),
        sieve(register_module("sieve", std::make_shared<sieve_module>(with))) {}

  torch::nn::Linear layer;
  std::shared_ptr<sieve_module> sieve;
};

}  // namespace

TEST_CASE("sieve_module: the buffer holds the core's bytes") {
  sieve_module module(options);
  (*module).pick(some_losses(100));
  CHECK_FALSE(same_bits(module.named_buffers()["state"], module->save()));
  module.sync();
  CHECK(same_bits(module.named_buffers()["state"], module->save()));
  CHECK(module.parameters().empty());
}

TEST_CASE("sieve_module: a network takes it through an archive, and the run goes on bit for bit") {
  network saved(options), loaded(options);
  for (std::int64_t batch = 0; batch < 3; ++batch) (*saved.sieve)->pick(some_losses(100, batch));
  unarchive(loaded, archived(saved));
  CHECK(same_bits((*saved.sieve)->save(), (*loaded.sieve)->save()));
  CHECK(same_bits(saved.layer->weight, loaded.layer->weight));
  const at::Tensor losses = some_losses(100, 3);
  CHECK(torch::equal((*saved.sieve)->pick(losses), (*loaded.sieve)->pick(losses)));

  std::stringstream file;
  torch::save(saved.sieve, file);
  auto alone = std::make_shared<sieve_module>(options);
  torch::load(alone, file);
  CHECK(same_bits((*alone)->save(), (*saved.sieve)->save()));
}

TEST_CASE("sieve_module: a move to a dtype or a device leaves the state as it is") {
  network net(options);
  (*net.sieve)->pick(some_losses(100));
  const at::Tensor before = (*net.sieve)->save();
  net.to(torch::kHalf);
  CHECK(net.layer->weight.scalar_type() == torch::kHalf);
  net.to(torch::kCPU, torch::kDouble);
  net.to(torch::kCPU);
  CHECK(same_bits(net.sieve->named_buffers()["state"], before));
  CHECK(same_bits((*net.sieve)->save(), before));
}

TEST_CASE("sieve_module: scoring does not take a pick back") {
  network net(options);
  {
    const gs::libtorch::scoring_guard guard(net);
    (*net.sieve)->pick(some_losses(100));
  }
  CHECK((*net.sieve)->work().forwards == 100);
}

TEST_CASE("sieve_module: foreign states are refused and change nothing") {
  network other({.policy = gs::power{.beta = 2.0}, .history = 64, .seed = 4}), mine(options);
  (*mine.sieve)->pick(some_losses(100));
  const at::Tensor before = (*mine.sieve)->save();
  REQUIRE_THROWS_WITH(unarchive(mine, archived(other)), contains("seed"));
  torch::nn::Linear none(3, 2);
  REQUIRE_THROWS_AS(unarchive(*mine.sieve, archived(*none)), c10::Error);
  REQUIRE_THROWS_AS(mine.to(torch::kCUDA), c10::Error);
  CHECK(same_bits((*mine.sieve)->save(), before));
}
