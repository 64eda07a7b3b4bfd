// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "model.hpp"

#include "../common/fingerprint.hpp"
#include "../training/state_bytes.hpp"

#include <gradsieve/libtorch/scoring_guard.hpp>

#include <ATen/autocast_mode.h>
#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/utils.h>

namespace libtorch_cifar10 {
namespace {

constexpr std::int64_t evaluated_at_once = 500;

//! Casts to 16 bits where that is good enough, while it lives.
class autocast {
 public:
  autocast(precision type, const at::Device& device) : on_(device.type()) {
    before_ = at::autocast::is_autocast_enabled(on_);
    if (type == precision::fp32) return;
    at::autocast::set_autocast_dtype(on_, type == precision::bf16 ? at::kBFloat16 : at::kHalf);
    at::autocast::set_autocast_enabled(on_, true);
  }
  ~autocast() {
    at::autocast::clear_cache();  // weights cast for this pass: the next has others
    at::autocast::set_autocast_enabled(on_, before_);
  }
  autocast(const autocast&) = delete;
  autocast& operator=(const autocast&) = delete;

 private:
  at::DeviceType on_;
  bool before_;
};

//! A copy on the CPU, packed in the order of its indices whatever its layout is here.
at::Tensor packed(const at::Tensor& tensor) { return tensor.detach().cpu().contiguous(); }

std::span<std::uint8_t> bytes_of(const at::Tensor& packed) {
  return {static_cast<std::uint8_t*>(packed.mutable_data_ptr()), packed.nbytes()};
}

std::shared_ptr<resnet18> seeded_network(std::int64_t width, std::int64_t classes,
                                         std::uint64_t seed) {
  torch::manual_seed(seed);
  return std::make_shared<resnet18>(width, classes);
}

}  // namespace

loss_scale::loss_scale(const at::Device& device)
    : factor_(at::full({}, 65536.0, at::TensorOptions().dtype(at::kFloat).device(device))),
      steady_(at::zeros({}, at::TensorOptions().dtype(at::kInt).device(device))) {}

at::Tensor loss_scale::unscale(const std::vector<at::Tensor>& gradients) {
  at::Tensor overflow = at::zeros({}, factor_.options());
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, overflow, factor_.reciprocal());
  at::_amp_update_scale_(factor_, steady_, overflow, 2.0, 0.5, 2000);
  return overflow;
}

std::vector<at::Tensor> loss_scale::state() const {
  return is_on() ? std::vector{factor_, steady_} : std::vector<at::Tensor>();
}

model::model(std::int64_t width, std::int64_t classes, const training::optimiser_options& options,
             precision type, const at::Device& device, std::uint64_t seed)
    : network_(seeded_network(width, classes, seed)),
      options_(options),
      type_(type),
      device_(device) {
  network_->to(device);
  for (at::Tensor& weight : network_->parameters()) {
    if (weight.dim() == 4) weight.set_data(weight.contiguous(layout()));
    weights_.push_back(weight);
    velocities_.push_back(at::zeros_like(weight));
  }
  if (type == precision::fp16) scale_ = loss_scale(device);
}

at::Tensor model::logits(const at::Tensor& images) {
  const autocast on(type_, device_);
  return network_->forward(images.contiguous(layout()));
}

at::Tensor model::losses(const at::Tensor& images, const at::Tensor& labels) {
  return at::cross_entropy_loss(logits(images).to(at::kFloat), labels, {}, at::Reduction::None);
}

at::Tensor model::scoring_losses(const at::Tensor& images, const at::Tensor& labels) {
  const gradsieve::libtorch::scoring_guard scoring(*network_,
                                                   gradsieve::libtorch::scoring::training);
  return losses(images, labels);
}

void model::step(const at::Tensor& loss, double learning_rate) {
  (scale_.is_on() ? scale_.scaled(loss) : loss).backward();
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (at::Tensor& weight : weights_) {
    gradients.push_back(weight.grad());
    weight.mutable_grad() = at::Tensor();
  }
  std::optional<at::Tensor> overflow;
  if (scale_.is_on()) overflow = scale_.unscale(gradients);
  at::_fused_sgd_(weights_, gradients, velocities_, options_.weight_decay, options_.momentum,
                  learning_rate, /*dampening=*/0, options_.nesterov && options_.momentum > 0,
                  /*maximize=*/false, /*is_first_step=*/false, /*grad_scale=*/{}, overflow);
}

training::score model::evaluate(const device_data& train, const at::Tensor& sample,
                                const device_data& test) {
  const at::NoGradGuard no_grad;
  const auto in_batches = [&](const at::Tensor& ids) {
    return ids.chunk((ids.numel() + evaluated_at_once - 1) / evaluated_at_once);
  };
  {
    const resnet18::estimate statistics(*network_);
    for (const at::Tensor& ids : in_batches(sample)) {
      logits(images(train, ids, plain_windows(ids.numel(), device_)));
    }
  }
  network_->eval();
  at::Tensor wrong = at::zeros({}, test.labels.options()),
             nll = at::zeros({}, test.mean.options().dtype(at::kDouble));
  for (const at::Tensor& ids : in_batches(at::arange(test.size(), test.labels.options()))) {
    const at::Tensor labels = test.labels.index_select(0, ids);
    const at::Tensor scores =
        logits(images(test, ids, plain_windows(ids.numel(), device_))).to(at::kFloat);
    wrong += scores.argmax(1).ne(labels).sum();
    nll += at::cross_entropy_loss(scores, labels, {}, at::Reduction::Sum);
  }
  network_->train();
  const auto count = static_cast<double>(test.size());
  return {static_cast<double>(wrong.item<std::int64_t>()) / count, nll.item<double>() / count};
}

std::vector<at::Tensor> model::state() const {
  std::vector<at::Tensor> all = weights_;
  all.insert(all.end(), velocities_.begin(), velocities_.end());
  for (const at::Tensor& each : scale_.state()) all.push_back(each);
  return all;
}

std::vector<std::byte> model::save() const {
  training::state_writer out;
  for (const at::Tensor& each : state()) {
    const at::Tensor here = packed(each);
    out.add(std::span<const std::uint8_t>(bytes_of(here)));
  }
  return std::move(out).bytes();
}

void model::load(std::span<const std::byte> saved) {
  const at::NoGradGuard no_grad;
  training::state_reader in(saved);
  for (at::Tensor& each : state()) {
    const at::Tensor here = at::empty(each.sizes(), each.options().device(at::kCPU));
    in.read("bytes of weights", bytes_of(here));
    each.detach().copy_(here);
  }
}

std::uint64_t model::fingerprint() const {
  std::uint64_t sum = record::empty_fingerprint;
  for (const at::Tensor& each : weights_) {
    const at::Tensor here = packed(each);
    sum = record::fingerprint(std::span<const std::uint8_t>(bytes_of(here)), sum);
  }
  return sum;
}

}  // namespace libtorch_cifar10
