// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Images as bytes with their labels, wrong labels on request, and the hold-out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace training {

//! A network sees (value - mean) / deviation.
struct pixel_scale {
  float mean = 0, deviation = 1;
};

struct dataset {
  std::string name;                      //!< "Fashion-MNIST"
  std::vector<std::string> class_names;  //!< by label
  int channels = 1, height = 0, width = 0;
  std::vector<pixel_scale> scale;         //!< of each channel
  std::vector<std::uint8_t> pixels;       //!< image by image, channel by channel, row by row
  std::vector<std::uint8_t> labels;       //!< what is trained on
  std::vector<std::uint8_t> true_labels;  //!< differs from `labels` only after one of the two below
  bool noisy = false;

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  int classes() const { return static_cast<int>(class_names.size()); }
  //! Pixels of a channel, and bytes of an image.
  std::size_t area() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  std::size_t image_size() const { return static_cast<std::size_t>(channels) * area(); }
  std::span<const std::uint8_t> image(std::int64_t id) const {
    return std::span(pixels).subspan(static_cast<std::size_t>(id) * image_size(), image_size());
  }
  std::uint8_t label(std::int64_t id) const { return labels[static_cast<std::size_t>(id)]; }
  bool is_wrong(std::int64_t id) const {
    return labels[static_cast<std::size_t>(id)] != true_labels[static_cast<std::size_t>(id)];
  }
};

struct train_and_test {
  dataset train, test;
};

//! Reads CIFAR-10 where the folder has its binary batches, else Fashion-MNIST. Both parts have the
//! scale of the training pixels.
//! @param limit keeps only the first so many training images; 0 keeps all
//! @throws idx::error, cifar::error
train_and_test load(const std::filesystem::path& folder, std::int64_t limit = 0);

//! Redraws a share of the labels uniformly from all classes, so that of ten classes nine tenths of
//! them become wrong. Returns the share that is wrong indeed. A pure function of seed and ids.
double redraw_labels(dataset& data, double share, std::uint64_t seed);

//! Makes a share of the labels that of the next class: the wrong label that a network takes for the
//! right one most easily. Returns the share that is wrong. A pure function of seed and ids.
double flip_labels_to_next(dataset& data, double share, std::uint64_t seed);

//! Splits the training set: a fixed tenth to choose parameters by, the same in every run.
train_and_test hold_out_tenth(const dataset& train);

}  // namespace training
