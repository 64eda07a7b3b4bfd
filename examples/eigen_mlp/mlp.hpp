// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A multi-layer perceptron with per-example losses, which can back-propagate a part of a
//! batch.
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <vector>

namespace eigen_mlp {

//! Fully connected layers with ReLU between them, softmax cross-entropy at the end.
//!
//! Examples are columns. All memory is reserved at construction, so a step allocates nothing.
//! Parameters and gradients are one flat vector each, which is all that an optimiser needs to see.
class mlp {
 public:
  //! @param layers widths from the input to the classes, e.g. {784, 256, 256, 10}
  //! @param max_batch the largest number of columns of a forward pass
  //! @param seed of the initial weights (He et al. 2015); the draws are the library's own
  mlp(std::vector<int> layers, int max_batch, std::uint64_t seed);

  //! Where the next batch of `count` columns is to be written.
  auto input(Eigen::Index count) { return activations_.front().leftCols(count); }

  //! Forwards the first `labels.size()` columns of `input` and returns their losses, valid until
  //! the next forward pass.
  std::span<const float> forward(std::span<const std::uint8_t> labels);

  //! The losses of the last forward pass.
  std::span<const float> losses() const;

  //! How many examples of the last forward pass have another class than their label on top.
  std::int64_t mistakes(std::span<const std::uint8_t> labels) const;

  //! The gradient of the mean loss of the batch that was forwarded last.
  void backward();

  //! The gradient of the mean loss of some columns of that batch: their activations are copied side
  //! by side and only they are back-propagated. With `weights`, the mean of weight times loss.
  //! @param positions columns of the last batch
  //! @param weights empty, or one factor a position
  void backward(std::span<const std::uint32_t> positions, std::span<const float> weights = {});

  //! The norm of each example's own gradient over all parameters, for the last forwarded batch:
  //! layer by layer it is |delta|^2 (|activation|^2 + 1), no gradient is ever formed.
  void gradient_norms(std::span<float> out);

  std::span<float> parameters() { return {parameters_.data(), std::size_t(parameters_.size())}; }
  std::span<const float> parameters() const {
    return {parameters_.data(), std::size_t(parameters_.size())};
  }
  std::span<const float> gradient() const {
    return {gradient_.data(), std::size_t(gradient_.size())};
  }

 private:
  using matrix = Eigen::MatrixXf;
  using matrix_map = Eigen::Map<matrix>;
  using vector_map = Eigen::Map<Eigen::VectorXf>;

  std::size_t layer_count() const { return widths_.size() - 1; }
  matrix_map weights_of(std::size_t layer, Eigen::VectorXf& flat);
  vector_map bias_of(std::size_t layer, Eigen::VectorXf& flat);
  void softmax_losses(std::span<const std::uint8_t> labels);
  void propagate_delta(std::size_t layer, const std::vector<matrix>& activations,
                       Eigen::Index count);
  void accumulate(const std::vector<matrix>& activations, Eigen::Index count);

  std::vector<int> widths_;
  std::vector<Eigen::Index> offsets_;      // of each layer's weights in the flat vectors
  Eigen::VectorXf parameters_, gradient_;  // per layer: weights column by column, then biases
  std::vector<matrix> activations_;        // of the last forward pass; [0] is the input
  std::vector<matrix> gathered_;           // the selected columns of them
  std::vector<matrix> deltas_;             // loss gradient by pre-activation; [0] is not used
  matrix residuals_;                       // softmax minus one-hot of the last forward pass
  Eigen::VectorXf losses_;
  Eigen::Index count_ = 0;  // columns of the last forward pass
};

}  // namespace eigen_mlp
