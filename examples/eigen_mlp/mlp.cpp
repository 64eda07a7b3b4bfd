// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "mlp.hpp"

#include "../training/he_weights.hpp"

#include <gradsieve/eigen.hpp>

#include <cmath>
#include <stdexcept>
#include <string>

namespace eigen_mlp {
mlp::mlp(std::vector<int> layers, int max_batch, std::uint64_t seed) : widths_(std::move(layers)) {
  if (widths_.size() < 2) throw std::invalid_argument("a network needs at least two layers");
  Eigen::Index total = 0;
  for (std::size_t layer = 0; layer < layer_count(); ++layer) {
    offsets_.push_back(total);
    total += Eigen::Index{widths_[layer] + 1} * widths_[layer + 1];
  }
  parameters_.setZero(total);
  gradient_.setZero(total);
  for (std::size_t layer = 0; layer < layer_count(); ++layer) {
    auto weights = weights_of(layer, parameters_);
    training::draw_he_weights({weights.data(), static_cast<std::size_t>(weights.size())},
                              widths_[layer], seed, static_cast<std::uint32_t>(layer));
  }
  for (const int width : widths_) {
    activations_.emplace_back(width, max_batch);
    gathered_.emplace_back(width, max_batch);
    deltas_.emplace_back(width, max_batch);
  }
  residuals_.resize(widths_.back(), max_batch);
  losses_.resize(max_batch);
}

mlp::matrix_map mlp::weights_of(std::size_t layer, Eigen::VectorXf& flat) {
  return {flat.data() + offsets_[layer], widths_[layer + 1], widths_[layer]};
}

mlp::vector_map mlp::bias_of(std::size_t layer, Eigen::VectorXf& flat) {
  const Eigen::Index weights = Eigen::Index{widths_[layer]} * widths_[layer + 1];
  return {flat.data() + offsets_[layer] + weights, widths_[layer + 1]};
}

std::span<const float> mlp::forward(std::span<const std::uint8_t> labels) {
  count_ = static_cast<Eigen::Index>(labels.size());
  for (std::size_t layer = 0; layer < layer_count(); ++layer) {
    auto out = activations_[layer + 1].leftCols(count_);
    out.noalias() = weights_of(layer, parameters_) * activations_[layer].leftCols(count_);
    const auto bias = bias_of(layer, parameters_);
    if (layer + 1 < layer_count()) {
      out = (out.colwise() + bias).cwiseMax(0.0f);
    } else {
      out.colwise() += bias;
    }
  }
  softmax_losses(labels);
  return losses();
}

std::span<const float> mlp::losses() const {
  return gradsieve::eigen::losses(losses_.head(count_));
}

std::int64_t mlp::mistakes(std::span<const std::uint8_t> labels) const {
  std::int64_t wrong = 0;
  for (Eigen::Index i = 0; i < count_; ++i) {
    Eigen::Index top = 0;
    activations_.back().col(i).maxCoeff(&top);
    wrong += top != labels[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return wrong;
}

void mlp::softmax_losses(std::span<const std::uint8_t> labels) {
  const auto logits = activations_.back().leftCols(count_);
  auto residuals = residuals_.leftCols(count_);
  losses_.head(count_) = logits.colwise().maxCoeff().transpose();
  residuals = logits.rowwise() - losses_.head(count_).transpose();
  residuals = residuals.array().exp();
  for (Eigen::Index i = 0; i < count_; ++i) {
    auto column = residuals.col(i);
    const Eigen::Index label = labels[static_cast<std::size_t>(i)];
    // Summing the other classes alone keeps tiny losses exact, where 1 - softmax would cancel.
    const float own = column(label);
    column(label) = 0.0f;
    const float others = column.sum();
    const float behind = losses_(i) - logits(label, i);
    losses_(i) = behind + (behind == 0.0f ? std::log1p(others) : std::log(own + others));
    column(label) = -others;
    column /= own + others;
  }
}

void mlp::propagate_delta(std::size_t layer, const std::vector<matrix>& activations,
                          Eigen::Index count) {
  auto below = deltas_[layer].leftCols(count);
  below.noalias() = weights_of(layer, parameters_).transpose() * deltas_[layer + 1].leftCols(count);
  below = (activations[layer].leftCols(count).array() > 0.0f).select(below, 0.0f);
}

void mlp::accumulate(const std::vector<matrix>& activations, Eigen::Index count) {
  for (std::size_t layer = layer_count(); layer-- > 0;) {
    const auto delta = deltas_[layer + 1].leftCols(count);
    weights_of(layer, gradient_).noalias() = delta * activations[layer].leftCols(count).transpose();
    bias_of(layer, gradient_) = delta.rowwise().sum();
    if (layer > 0) propagate_delta(layer, activations, count);
  }
}

void mlp::backward() {
  deltas_.back().leftCols(count_) = residuals_.leftCols(count_) / static_cast<float>(count_);
  accumulate(activations_, count_);
}

void mlp::backward(std::span<const std::uint32_t> positions, std::span<const float> weights) {
  const auto count = static_cast<Eigen::Index>(positions.size());
  if (count == 0) {
    gradient_.setZero();
    return;
  }
  for (std::size_t layer = 0; layer < layer_count(); ++layer) {
    gradsieve::eigen::gather_columns(activations_[layer].leftCols(count_), positions,
                                     gathered_[layer].leftCols(count));
  }
  auto delta = deltas_.back().leftCols(count);
  gradsieve::eigen::gather_columns(residuals_.leftCols(count_), positions, delta);
  delta /= static_cast<float>(count);
  if (!weights.empty()) gradsieve::eigen::scale_columns(delta, weights);
  accumulate(gathered_, count);
}

void mlp::gradient_norms(std::span<float> out) {
  if (static_cast<Eigen::Index>(out.size()) != count_) {
    throw std::invalid_argument("gradient_norms: one value an example is needed");
  }
  Eigen::Map<Eigen::VectorXf> squares(out.data(), count_);
  squares.setZero();
  deltas_.back().leftCols(count_) = residuals_.leftCols(count_);
  for (std::size_t layer = layer_count(); layer-- > 0;) {
    squares.array() +=
        deltas_[layer + 1].leftCols(count_).colwise().squaredNorm().transpose().array() *
        (activations_[layer].leftCols(count_).colwise().squaredNorm().transpose().array() + 1.0f);
    if (layer > 0) propagate_delta(layer, activations_, count_);
  }
  squares = squares.cwiseSqrt();
}

}  // namespace eigen_mlp
