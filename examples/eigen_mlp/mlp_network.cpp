// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "mlp_network.hpp"

#include "../common/fingerprint.hpp"
#include "../training/state_bytes.hpp"

#include <algorithm>
#include <numeric>

namespace eigen_mlp {

std::vector<int> layers_of(const std::vector<int>& hidden, const training::dataset& data) {
  std::vector<int> layers{static_cast<int>(data.image_size())};
  layers.insert(layers.end(), hidden.begin(), hidden.end());
  layers.push_back(data.classes());
  return layers;
}

mlp_network::mlp_network(const std::vector<int>& hidden, const training::dataset& train,
                         const training::training_options& options)
    : train_(train),
      mlp_(layers_of(hidden, train), static_cast<int>(options.max_batch), options.seed),
      optimiser_(mlp_.parameters().size(), options.optimiser) {
  labels_.reserve(static_cast<std::size_t>(options.max_batch));
}

std::span<const float> mlp_network::forward(std::span<const std::int64_t> ids) {
  return forward(train_, ids);
}

std::span<const float> mlp_network::forward(const training::dataset& data,
                                            std::span<const std::int64_t> ids) {
  auto input = mlp_.input(static_cast<Eigen::Index>(ids.size()));
  const auto area = static_cast<Eigen::Index>(data.area());
  labels_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    using bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>;
    const Eigen::Map<const bytes> image(data.image(ids[i]).data(), input.rows());
    for (Eigen::Index channel = 0; channel < data.channels; ++channel) {
      const auto [mean, deviation] = data.scale[static_cast<std::size_t>(channel)];
      input.col(static_cast<Eigen::Index>(i)).segment(channel * area, area) =
          (image.segment(channel * area, area).cast<float>().array() - mean) / deviation;
    }
    labels_.push_back(data.label(ids[i]));
  }
  return mlp_.forward(labels_);
}

training::score mlp_network::evaluate(const training::dataset& data) {
  constexpr std::int64_t batch = 500;
  training::score total;
  std::vector<std::int64_t> ids;
  for (std::int64_t first = 0; first < data.size(); first += batch) {
    ids.resize(static_cast<std::size_t>(std::min(batch, data.size() - first)));
    std::iota(ids.begin(), ids.end(), first);
    for (const double loss : forward(data, ids)) total.nll += loss;
    total.error += static_cast<double>(mistakes());
  }
  const auto count = static_cast<double>(data.size());
  return {total.error / count, total.nll / count};
}

std::vector<std::byte> mlp_network::save() const {
  training::state_writer state;
  state.add(mlp_.parameters());
  state.add(optimiser_.velocity());
  return std::move(state).bytes();
}

void mlp_network::load(std::span<const std::byte> saved) {
  training::state_reader state(saved);
  state.read("weights", mlp_.parameters());
  state.read("velocities", optimiser_.velocity());
}

std::uint64_t mlp_network::fingerprint() const { return record::fingerprint(mlp_.parameters()); }

std::vector<std::pair<double, double>> mlp_network::gradient_norms(
    std::span<const std::int64_t> ids) {
  const auto losses = forward(ids);
  std::vector<float> norms(losses.size());
  mlp_.gradient_norms(norms);
  std::vector<std::pair<double, double>> both;
  for (std::size_t i = 0; i < norms.size(); ++i) both.emplace_back(losses[i], norms[i]);
  return both;
}

}  // namespace eigen_mlp
