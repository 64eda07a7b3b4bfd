// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The network: gradients against finite differences, and parts of a batch against the whole.
#include "mlp.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "catch.hpp"

namespace {

using eigen_mlp::mlp;

constexpr int batch = 6;
const std::array<std::uint8_t, batch> labels{0, 2, 1, 2, 0, 1};

//! A small network with a batch in its input.
mlp network_with_input(const Eigen::MatrixXf& input) {
  mlp network({5, 7, 4, 3}, batch, 3);
  network.input(input.cols()) = input;
  return network;
}

Eigen::MatrixXf some_input(int seed = 1) {
  return Eigen::MatrixXf::NullaryExpr(5, batch, [seed](Eigen::Index i, Eigen::Index j) {
    return std::sin(static_cast<float>(seed) + 3.1f * static_cast<float>(i) +
                    7.7f * static_cast<float>(j));
  });
}

double mean_loss(mlp& network, std::span<const std::uint8_t> of) {
  double sum = 0;
  for (const double loss : network.forward(of)) sum += loss;
  return sum / static_cast<double>(of.size());
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  return largest;
}

TEST_CASE("the gradient agrees with finite differences") {
  auto network = network_with_input(some_input());
  network.forward(labels);
  network.backward();
  const std::vector<float> gradient(network.gradient().begin(), network.gradient().end());
  constexpr float step = 1e-2f;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    float& parameter = network.parameters()[i];
    const float before = parameter;
    parameter = before + step;
    const double up = mean_loss(network, labels);
    parameter = before - step;
    const double down = mean_loss(network, labels);
    parameter = before;
    INFO("parameter " << i);
    CHECK(gradient[i] == Approx((up - down) / (2 * double{step})).margin(2e-3).epsilon(1e-2));
  }
}

TEST_CASE("the loss is the cross-entropy of each example, exact when it is tiny") {
  mlp network({1, 2}, 3, 1);
  const auto weights = network.parameters();  // two weights, two biases
  weights[0] = 1.0f;
  weights[1] = 0.0f;
  weights[2] = weights[3] = 0.0f;
  network.input(3) << 0.0f, 2.0f, 30.0f;
  const auto losses = network.forward(std::array<std::uint8_t, 3>{0, 1, 0});
  CHECK(losses[0] == Approx(std::log(2.0)));
  CHECK(losses[1] == Approx(std::log1p(std::exp(2.0))));
  CHECK(losses[2] == Approx(std::exp(-30.0)).margin(0));
  CHECK(network.mistakes(std::array<std::uint8_t, 3>{0, 1, 0}) == 1);
}

TEST_CASE("huge logits give finite losses") {
  mlp network({1, 2}, 2, 1);
  network.parameters()[0] = 1e4f;
  network.parameters()[1] = -1e4f;
  network.input(2) << 1.0f, 1.0f;
  const auto losses = network.forward(std::array<std::uint8_t, 2>{0, 1});
  CHECK(losses[0] < 1e-30f);
  CHECK(losses[1] == Approx(2e4));
}

TEST_CASE("backward over selected columns equals backward of the gathered batch") {
  const Eigen::MatrixXf input = some_input();
  const std::array<std::uint32_t, 3> positions{1, 4, 5};
  auto whole = network_with_input(input);
  whole.forward(labels);
  whole.backward(positions);

  mlp part({5, 7, 4, 3}, batch, 3);
  std::vector<std::uint8_t> part_labels;
  for (Eigen::Index i = 0; i < 3; ++i) {
    const auto position = positions[static_cast<std::size_t>(i)];
    part.input(3).col(i) = input.col(position);
    part_labels.push_back(labels[position]);
  }
  part.forward(part_labels);
  part.backward();
  CHECK(largest_difference(whole.gradient(), part.gradient()) < 1e-6);
}

TEST_CASE("backward over all columns by position equals backward") {
  auto network = network_with_input(some_input());
  network.forward(labels);
  network.backward();
  const std::vector<float> gradient(network.gradient().begin(), network.gradient().end());
  network.backward(std::array<std::uint32_t, batch>{0, 1, 2, 3, 4, 5});
  CHECK(largest_difference(gradient, network.gradient()) < 1e-6);
}

TEST_CASE("no column gives no gradient") {
  auto network = network_with_input(some_input());
  network.forward(labels);
  network.backward();
  network.backward(std::span<const std::uint32_t>{});
  for (const float value : network.gradient()) CHECK(value == 0.0f);
}

TEST_CASE("weights multiply each example's gradient") {
  auto network = network_with_input(some_input());
  network.forward(labels);
  const std::array<std::uint32_t, 2> both{2, 3};
  network.backward(both, std::array<float, 2>{2.0f, 0.0f});
  const std::vector<float> weighted(network.gradient().begin(), network.gradient().end());
  network.backward(std::array<std::uint32_t, 1>{2});  // mean of one = 2 / 2 of the pair's mean
  CHECK(largest_difference(weighted, network.gradient()) < 1e-6);
}

TEST_CASE("per-example gradient norms are those of one-example batches") {
  auto network = network_with_input(some_input());
  network.forward(labels);
  std::vector<float> norms(batch);
  network.gradient_norms(norms);
  for (std::uint32_t i = 0; i < batch; ++i) {
    network.backward(std::array<std::uint32_t, 1>{i});
    double square = 0;
    for (const double value : network.gradient()) square += value * value;
    CHECK(norms[i] == Approx(std::sqrt(square)).epsilon(1e-4));
  }
}

TEST_CASE("initial weights are He's, a function of the seed alone") {
  const std::vector<int> layers{400, 100, 10};
  mlp one(layers, 1, 5), same(layers, 8, 5), other(layers, 1, 6);
  CHECK(largest_difference(one.parameters(), same.parameters()) == 0.0);
  CHECK(largest_difference(one.parameters(), other.parameters()) > 0.0);
  double sum = 0, squares = 0;
  const auto first_layer = one.parameters().first(40'000);
  for (const double weight : first_layer) {
    sum += weight;
    squares += weight * weight;
  }
  // 40 000 draws: bounds of 5 standard errors, alpha about 1e-6.
  CHECK(std::abs(sum / 40'000) < 5 * std::sqrt(2.0 / 400 / 40'000));
  CHECK(squares / 40'000 == Approx(2.0 / 400).epsilon(5 * std::sqrt(2.0 / 40'000)));
  CHECK(one.parameters()[40'000] == 0.0f);  // a bias
}

TEST_CASE("the flat parameters hold each layer's weights and biases") {
  mlp network({5, 7, 4, 3}, 1, 1);
  CHECK(network.parameters().size() == 5 * 7 + 7 + 7 * 4 + 4 + 4 * 3 + 3);
  CHECK(network.gradient().size() == network.parameters().size());
}

}  // namespace
