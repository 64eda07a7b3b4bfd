// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The training and test images as Eigen columns, wrong labels on request, and the hold-out.
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace eigen_mlp {

inline constexpr int classes = 10, image_pixels = 28 * 28;

struct dataset {
  Eigen::MatrixXf images;                 //!< one normalised image a column
  std::vector<std::uint8_t> labels;       //!< what is trained on
  std::vector<std::uint8_t> true_labels;  //!< differs from `labels` only after `redraw_labels`
  std::vector<std::uint8_t> pixels;       //!< the grey values as stored
  int width = 0, height = 0;
  bool noisy = false;

  std::int64_t size() const { return images.cols(); }
  bool is_wrong(std::int64_t id) const {
    return labels[static_cast<std::size_t>(id)] != true_labels[static_cast<std::size_t>(id)];
  }
};

struct train_and_test {
  dataset train, test;
};

//! Reads Fashion-MNIST. Both parts are normalised by the mean and deviation of the training pixels.
//! @param limit keeps only the first so many training images; 0 keeps all
train_and_test load(const std::filesystem::path& folder, std::int64_t limit = 0);

//! Redraws a share of the labels uniformly from all ten classes, so that nine tenths of them become
//! wrong. Returns the share that is wrong indeed. A pure function of seed and ids.
double redraw_labels(dataset& data, double share, std::uint64_t seed);

//! Splits the training set: a fixed tenth to choose parameters by, the same in every run.
train_and_test hold_out_tenth(const dataset& train);

}  // namespace eigen_mlp
