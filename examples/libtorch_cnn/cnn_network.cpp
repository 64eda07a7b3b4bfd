// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cnn_network.hpp"

#include "augment.hpp"
#include "cnn.hpp"

#include "../common/fingerprint.hpp"
#include "../training/state_bytes.hpp"

#include <gradsieve/libtorch/loss.hpp>
#include <gradsieve/libtorch/scoring_guard.hpp>
#include <gradsieve/random/bijection.hpp>

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <torch/optim/sgd.h>
#include <torch/version.h>

#include <algorithm>
#include <numeric>

namespace libtorch_cnn {
namespace {

using ids = std::span<const std::int64_t>;

constexpr std::int64_t evaluated_at_once = 500, estimated_from = 5000;

//! In the order of the memory, which a parameter keeps.
template <class T>
std::span<const T> values_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

class network final : public training::network {
 public:
  network(const std::vector<int>& widths, const training::dataset& train,
          const training::training_options& options)
      : train_(train),
        seed_(options.seed),
        images_(train),
        module_(train.channels, widths, train.classes(), options.seed),
        optimiser_(module_.parameters(),
                   torch::optim::SGDOptions(0)
                       .momentum(options.optimiser.momentum)
                       .nesterov(options.optimiser.nesterov && options.optimiser.momentum > 0)
                       .weight_decay(options.optimiser.weight_decay)) {
    at::set_num_threads(1);
  }

  std::span<const float> forward(ids batch) override {
    optimiser_.zero_grad();
    return compute(train_, images_, batch, augmented::yes);
  }

  std::span<const float> scoring_forward(ids batch) override {
    const gradsieve::libtorch::scoring_guard scoring(module_,
                                                     gradsieve::libtorch::scoring::training);
    return compute(train_, images_, batch, augmented::yes);
  }

  std::span<const float> losses() const override { return values_of<float>(losses_); }

  std::int64_t mistakes() const override {
    return logits_.argmax(1).ne(labels_).sum().item<std::int64_t>();
  }

  void backward() override { losses_.mean().backward(); }

  std::size_t backward(std::span<const std::uint32_t> positions,
                       std::span<const float> weights) override {
    const auto count = static_cast<std::int64_t>(positions.size());
    const at::Tensor which = at::empty({count}, at::kLong);
    std::ranges::copy(positions, which.mutable_data_ptr<std::int64_t>());
    const at::Tensor chosen = losses_.index_select(0, which);
    if (weights.empty()) {
      chosen.mean().backward();
    } else {
      const at::Tensor factors = at::empty({count}, at::kFloat);
      std::ranges::copy(weights, factors.mutable_data_ptr<float>());
      gradsieve::libtorch::weighted_mean(chosen, factors,
                                         gradsieve::libtorch::denominator::examples)
          .backward();
    }
    return static_cast<std::size_t>(losses_.numel());
  }

  void update(double learning_rate) override {
    optimiser_.param_groups().front().options().set_lr(learning_rate);
    optimiser_.step();
    ++updates_;
  }

  std::size_t prepare_evaluation() override {
    const std::int64_t count = std::min(estimated_from, train_.size());
    const gradsieve::bijection place(
        static_cast<std::uint64_t>(train_.size()),
        {.seed = seed_, .use = gradsieve::purpose::user, .replica = 2});
    std::vector<std::int64_t> sample;
    for (std::int64_t i = 0; i < count; ++i) {
      sample.push_back(static_cast<std::int64_t>(place(static_cast<std::uint64_t>(i))));
    }
    const at::NoGradGuard no_grad;
    const cnn::estimate statistics(module_);
    for (const ids batch : batches(sample)) compute(train_, images_, batch, augmented::no);
    return sample.size();
  }

  training::score evaluate(const training::dataset& data) override {
    const at::NoGradGuard no_grad;
    const image_writer images(data);
    std::vector<std::int64_t> all(static_cast<std::size_t>(data.size()));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    training::score total;
    module_.eval();
    for (const ids batch : batches(all)) {
      for (const double loss : compute(data, images, batch, augmented::no)) total.nll += loss;
      total.error += static_cast<double>(mistakes());
    }
    module_.train();
    const auto count = static_cast<double>(data.size());
    return {total.error / count, total.nll / count};
  }

  std::vector<std::byte> save() const override {
    training::state_writer state;
    state.add(std::span<const std::uint64_t>(&updates_, 1));
    for (const at::Tensor& each : module_.parameters()) state.add(values_of<float>(each));
    for (const at::Tensor& each : module_.buffers()) {
      if (each.is_floating_point()) state.add(values_of<float>(each));
    }
    for (const at::Tensor& each : module_.parameters()) state.add(values_of<float>(velocity(each)));
    return std::move(state).bytes();
  }

  void load(std::span<const std::byte> saved) override {
    const at::NoGradGuard no_grad;
    const auto into = [&](const at::Tensor& tensor) {
      return std::span(tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    };
    training::state_reader state(saved);
    state.read("counters", std::span(&updates_, 1));
    for (const at::Tensor& each : module_.parameters()) state.read("weights", into(each));
    for (const at::Tensor& each : module_.buffers()) {
      if (each.is_floating_point()) state.read("statistics", into(each));
    }
    for (const at::Tensor& each : module_.parameters()) {
      const at::Tensor velocity = at::zeros_like(each);
      state.read("velocities", into(velocity));
      auto known = std::make_unique<torch::optim::SGDParamState>();
      known->momentum_buffer(velocity);
      optimiser_.state()[each.unsafeGetTensorImpl()] = std::move(known);
    }
  }

  std::uint64_t fingerprint() const override {
    std::uint64_t sum = record::empty_fingerprint;
    for (const at::Tensor& each : module_.parameters()) {
      sum = record::fingerprint(values_of<float>(each), sum);
    }
    return sum;
  }

 private:
  enum class augmented { no, yes };

  //! Of about equal size.
  static std::vector<ids> batches(ids all) {
    const auto count = (all.size() + evaluated_at_once - 1) / evaluated_at_once;
    std::vector<ids> parts;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = all.size() * i / count, last = all.size() * (i + 1) / count;
      parts.push_back(all.subspan(first, last - first));
    }
    return parts;
  }

  //! Forwards a batch in the module's mode.
  std::span<const float> compute(const training::dataset& data, const image_writer& images,
                                 ids batch, augmented changed) {
    const auto count = static_cast<std::int64_t>(batch.size());
    const at::Tensor input = at::empty({count, data.channels, data.height, data.width}, at::kFloat);
    labels_ = at::empty({count}, at::kLong);
    float* image = input.mutable_data_ptr<float>();
    std::int64_t* label = labels_.mutable_data_ptr<std::int64_t>();
    for (const std::int64_t id : batch) {
      const change how = changed == augmented::yes ? drawn_change(seed_, id, updates_) : change{};
      images.write(id, how, {image, data.image_size()});
      image += data.image_size();
      *label++ = data.label(id);
    }
    logits_ = module_.forward(input);
    losses_ = at::cross_entropy_loss(logits_, labels_, {}, at::Reduction::None);
    return losses();
  }

  //! What the optimiser remembers of a parameter: zeros before the first step, and without
  //! momentum.
  at::Tensor velocity(const at::Tensor& parameter) const {
    const auto& states = optimiser_.state();
    const auto found = states.find(parameter.unsafeGetTensorImpl());
    if (found == states.end()) return at::zeros_like(parameter);
    const auto& buffer =
        static_cast<const torch::optim::SGDParamState&>(*found->second).momentum_buffer();
    if (!buffer.defined()) return at::zeros_like(parameter);
    return buffer.contiguous(parameter.suggest_memory_format());
  }

  const training::dataset& train_;
  std::uint64_t seed_, updates_ = 0;
  image_writer images_;
  mutable cnn module_;
  torch::optim::SGD optimiser_;
  at::Tensor labels_, logits_, losses_;  // of the last pass
};

}  // namespace

std::unique_ptr<training::network> make_cnn(const std::vector<int>& widths,
                                            const training::dataset& train,
                                            const training::training_options& options) {
  return std::make_unique<network>(widths, train, options);
}

std::string torch_text() {
  return std::string(TORCH_VERSION) + ", one thread, SIMD: " + at::get_cpu_capability();
}

}  // namespace libtorch_cnn
