// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The perceptron as the shared trainer wants a network.
#pragma once

#include "mlp.hpp"
#include "optimiser.hpp"

#include "../training/network.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace eigen_mlp {

//! Normalises each batch as it is gathered: the bytes of all images take a quarter of the memory
//! that their floats would.
class mlp_network final : public training::network {
 public:
  //! @param hidden  widths of the layers between the pixels and the classes
  mlp_network(const std::vector<int>& hidden, const training::dataset& train,
              const training::training_options& options);

  std::span<const float> forward(std::span<const std::int64_t> ids) override;
  //! A forward pass of this network changes nothing in it.
  std::span<const float> scoring_forward(std::span<const std::int64_t> ids) override {
    return forward(ids);
  }
  std::span<const float> losses() const override { return mlp_.losses(); }
  std::int64_t mistakes() const override { return mlp_.mistakes(labels_); }

  void backward() override { mlp_.backward(); }
  std::size_t backward(std::span<const std::uint32_t> positions,
                       std::span<const float> weights) override {
    mlp_.backward(positions, weights);
    return positions.size();
  }
  void update(double learning_rate) override {
    optimiser_.step(mlp_.parameters(), mlp_.gradient(), static_cast<float>(learning_rate));
  }

  training::score evaluate(const training::dataset& data) override;

  std::vector<std::byte> save() const override;
  void load(std::span<const std::byte> saved) override;
  std::uint64_t fingerprint() const override;
  std::vector<std::pair<double, double>> gradient_norms(std::span<const std::int64_t> ids) override;

  mlp& weights() { return mlp_; }

 private:
  std::span<const float> forward(const training::dataset& data, std::span<const std::int64_t> ids);

  const training::dataset& train_;
  mlp mlp_;
  optimiser optimiser_;
  std::vector<std::uint8_t> labels_;  // of the last batch
};

//! All layers' widths, from the pixels to the classes.
std::vector<int> layers_of(const std::vector<int>& hidden, const training::dataset& data);

}  // namespace eigen_mlp
