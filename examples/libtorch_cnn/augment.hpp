// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Normalised images, each shifted and mirrored by chance where they are trained on.
#pragma once

#include "../training/dataset.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace libtorch_cnn {

//! The most pixels that an image is shifted by, in each direction.
inline constexpr int most_shift = 2;

//! How one image is changed: pixel (y, x) is what was at (y + down, x + right), mirrored first.
struct change {
  int down = 0, right = 0;
  bool mirrored = false;
};

//! The change of an example in a step: a pure function of the three, so that a resumed run sees the
//! same images. All 50 changes are equally likely.
change drawn_change(std::uint64_t seed, std::int64_t id, std::uint64_t step);

//! Writes normalised images, channel by channel and row by row. What is shifted in is of value 0.
class image_writer {
 public:
  explicit image_writer(const training::dataset& data);

  //! @param out  image_size() values
  void write(std::int64_t id, const change& how, std::span<float> out) const;

 private:
  const training::dataset& data_;
  std::vector<std::array<float, 256>> values_;  // by channel: what a byte is to the network
};

}  // namespace libtorch_cnn
