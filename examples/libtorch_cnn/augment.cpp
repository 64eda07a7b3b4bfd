// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "augment.hpp"

#include <gradsieve/random/uniform.hpp>

#include <algorithm>

namespace libtorch_cnn {
namespace {

// Apart from the draws of initial weights, which are of replica 0.
constexpr std::uint32_t changes = 1;
constexpr int places = 2 * most_shift + 1;

}  // namespace

change drawn_change(std::uint64_t seed, std::int64_t id, std::uint64_t step) {
  const gradsieve::draw_key key{.seed = seed,
                                .step = static_cast<std::uint32_t>(step),
                                .use = gradsieve::purpose::user,
                                .replica = changes};
  const auto which = static_cast<int>(
      gradsieve::uniform_below(key, static_cast<std::uint64_t>(id), 2 * places * places));
  return {.down = which / 2 % places - most_shift,
          .right = which / 2 / places - most_shift,
          .mirrored = which % 2 != 0};
}

image_writer::image_writer(const training::dataset& data) : data_(data) {
  for (const auto& [mean, deviation] : data.scale) {
    auto& row = values_.emplace_back();
    for (std::size_t value = 0; value < row.size(); ++value) {
      row[value] = (static_cast<float>(value) - mean) / deviation;
    }
  }
}

void image_writer::write(std::int64_t id, const change& how, std::span<float> out) const {
  const auto image = data_.image(id);
  const int height = data_.height, width = data_.width;
  auto to = out.begin();
  for (std::size_t channel = 0; channel < values_.size(); ++channel) {
    const auto& value = values_[channel];
    const auto* const plane = image.data() + channel * data_.area();
    for (int y = how.down; y < height + how.down; ++y) {
      if (y < 0 || y >= height) {
        to = std::fill_n(to, width, value[0]);
        continue;
      }
      const auto* const row = plane + static_cast<std::ptrdiff_t>(y) * width;
      const int first = std::clamp(-how.right, 0, width),
                last = std::clamp(width - how.right, 0, width);
      to = std::fill_n(to, first, value[0]);
      for (int x = first + how.right; x < last + how.right; ++x) {
        *to++ = value[row[how.mirrored ? width - 1 - x : x]];
      }
      to = std::fill_n(to, width - last, value[0]);
    }
  }
}

}  // namespace libtorch_cnn
