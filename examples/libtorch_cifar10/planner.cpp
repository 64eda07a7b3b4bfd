// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "planner.hpp"

#include <gradsieve/automatic.hpp>
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/libtorch/sieve.hpp>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>

namespace libtorch_cifar10 {
namespace {

using training::method_options;

template <class T>
std::span<const T> values_of(const at::Tensor& here) {
  return {here.const_data_ptr<T>(), static_cast<std::size_t>(here.numel())};
}

std::vector<training::remembered> memory_of(const gradsieve::loss_ledger& ledger) {
  std::vector<training::remembered> memory;
  for (const auto& entry : ledger.entries()) {
    memory.push_back({entry.seen(), entry.selected(), entry.has_loss() ? entry.loss() : 0.0f});
  }
  return memory;
}

//! All in kernels: the losses never leave the device.
class device_planner final : public planner {
 public:
  device_planner(const gradsieve::sieve_options& options, const at::Device& device, bool learns)
      : sieve_(options, device), learns_(learns) {}

  at::Tensor plan(std::uint32_t epoch) override { return sieve_.plan(epoch); }
  void observe(const at::Tensor& ids, const at::Tensor& losses) override {
    if (learns_) sieve_.observe(ids, losses);
  }
  std::vector<training::remembered> memory() override {
    if (!learns_) return {};
    gradsieve::sieve host(sieve_.options());  // the state is the same bytes everywhere
    host.load(save());
    return memory_of(host.ledger());
  }
  std::vector<std::byte> save() override {
    const at::Tensor state = sieve_.save();
    const auto bytes = std::as_bytes(values_of<std::uint8_t>(state));
    return {bytes.begin(), bytes.end()};
  }
  void load(std::span<const std::byte> saved) override {
    const at::Tensor state = at::empty({static_cast<std::int64_t>(saved.size())}, at::kByte);
    std::ranges::copy(saved, static_cast<std::byte*>(state.mutable_data_ptr()));
    sieve_.load(state);
  }

 private:
  gradsieve::libtorch::sieve sieve_;
  bool learns_;
};

//! The library's `automatic` lives on the host. What it is to observe waits on the device until the
//! epoch's end, for it would look at it no earlier.
class automatic_planner final : public planner {
 public:
  automatic_planner(const gradsieve::automatic_options& options, const at::Device& device)
      : all_(options), device_(device) {}

  at::Tensor plan(std::uint32_t epoch) override {
    hand_over();
    const auto plan = all_.plan(epoch);
    const at::Tensor ids = at::empty({static_cast<std::int64_t>(plan.size())}, at::kLong);
    auto* next = ids.mutable_data_ptr<std::int64_t>();
    for (const auto batch : plan.batches(4096)) next = std::ranges::copy(batch, next).out;
    return ids.to(device_);
  }
  void observe(const at::Tensor& ids, const at::Tensor& losses) override {
    ids_.push_back(ids);
    losses_.push_back(losses);
  }
  std::vector<training::remembered> memory() override {
    hand_over();
    return memory_of(all_.sieve().ledger());
  }
  std::vector<std::byte> save() override {
    hand_over();
    return all_.save();
  }
  void load(std::span<const std::byte> saved) override { all_.load(saved); }

 private:
  void hand_over() {
    if (ids_.empty()) return;
    const at::Tensor ids = at::cat(ids_).cpu(), losses = at::cat(losses_).cpu();
    all_.observe(values_of<std::int64_t>(ids), values_of<float>(losses));
    ids_.clear();
    losses_.clear();
  }

  gradsieve::automatic all_;
  at::Device device_;
  std::vector<at::Tensor> ids_, losses_;
};

// Those of the small studies, since nothing was searched with this network yet.
constexpr method_options plan_options{.beta = 1.5, .floor = 0.5, .cap = 0.95, .max_age = 6};
constexpr method_options band_options{.beta = 1, .floor = 0, .cap = 0.8, .max_age = 6};

constexpr std::array<training::method, 6> table{{
    {"uniform", "plain SGD over all examples", nullptr},
    {"random", "a random subset an epoch, as large as the plan's", nullptr, plan_options},
    {"plan", "planned on the device from the ledger of training losses", nullptr, plan_options},
    {"band", "plan without the highest fifth: a guard against wrong labels", nullptr, band_options},
    {"sb", "a selection forward, then a step on exactly so many of the examples", nullptr,
     method_options{.beta = 1, .keep = 0.5}},
    {"automatic", "planned by the library's defaults, on the host, between the epochs", nullptr,
     method_options{.beta = 3, .max_age = 8}},
}};

}  // namespace

std::span<const training::method> methods() { return table; }

std::unique_ptr<planner> make_planner(std::string_view how, const method_options& options,
                                      std::int64_t examples, std::uint64_t seed,
                                      const at::Device& device) {
  using namespace gradsieve;
  if (how == "automatic") {
    return std::make_unique<automatic_planner>(
        automatic_options{.examples = examples,
                          .seed = seed,
                          .policy = power{.beta = options.beta},
                          .max_age = options.max_age,
                          .history = options.history},
        device);
  }
  if (how == "plan" || how == "band") {
    return std::make_unique<device_planner>(
        sieve_options{
            .examples = examples,
            .policy = band{.cap = options.cap, .beta = options.beta, .floor = options.floor},
            .seed = seed,
            .active = after_epochs{1},
            .refresh = max_age{options.max_age}},
        device, true);
  }
  // `random` leaves out as many as the plan does in the mean: of those whose loss is known. The
  // others only shuffle.
  const double keep = options.cap / (1 + options.beta) + (1 - options.cap) * options.floor;
  return std::make_unique<device_planner>(
      sieve_options{.examples = examples,
                    .policy = uniform{how == "random" ? keep : 1.0},
                    .seed = seed,
                    .active = after_epochs{1},
                    .refresh = never_stale{}},
      device, how == "random");
}

}  // namespace libtorch_cifar10
