// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A data set that lives on the device, and its images as the network sees them.
#pragma once

#include "../training/dataset.hpp"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace libtorch_cifar10 {

//! The most pixels that an image is shifted by, in each direction.
inline constexpr std::int64_t most_shift = 4;

//! All of it on one device. Images are bytes with a margin of `most_shift` zeros, so that a shifted
//! image is a window into its own.
struct device_data {
  at::Tensor pixels;           //!< [n, channels, height + 8, width + 8], uint8
  at::Tensor labels;           //!< [n], int64
  at::Tensor mean, deviation;  //!< [1, channels, 1, 1], of a byte

  std::int64_t size() const { return labels.numel(); }
};

device_data to_device(const training::dataset& data, const at::Device& device);

//! Where each image's window begins, and whether it is mirrored.
struct windows {
  at::Tensor down, right;  //!< [n], int64, in [0, 8]; 4 is the image as it is
  at::Tensor mirrored;     //!< [n], bool
};
windows drawn_windows(std::int64_t n, const at::Device& device, at::Generator& generator);
windows plain_windows(std::int64_t n, const at::Device& device);

//! Images cut out, mirrored and normalised: [ids, channels, height, width], float32. One gather,
//! without waiting for the device.
at::Tensor images(const device_data& data, const at::Tensor& ids, const windows& where);

}  // namespace libtorch_cifar10
