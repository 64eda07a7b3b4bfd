// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Images cut out, mirrored and normalised on the device.
#include "data.hpp"

#include <ATen/Context.h>
#include <ATen/ops/tensor.h>

#include <set>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

using namespace libtorch_cifar10;

at::Tensor ids(std::initializer_list<std::int64_t> values) {
  return at::tensor(std::vector<std::int64_t>(values), at::kLong);
}

//! What the network is to see at a place of an image that was shifted and mirrored.
float expected(const training::dataset& data, std::int64_t id, int channel, int y, int x,
               const windows& where, std::int64_t row) {
  const auto at = [row](const at::Tensor& values) { return values[row].item<std::int64_t>(); };
  const auto from_y = static_cast<int>(y + at(where.down) - most_shift);
  const auto from_x = static_cast<int>((where.mirrored[row].item<bool>() ? data.width - 1 - x : x) +
                                       at(where.right) - most_shift);
  float value = 0;
  if (from_y >= 0 && from_y < data.height && from_x >= 0 && from_x < data.width) {
    value = data.image(
        id)[static_cast<std::size_t>((channel * data.height + from_y) * data.width + from_x)];
  }
  const auto& scale = data.scale[static_cast<std::size_t>(channel)];
  return (value - scale.mean) / scale.deviation;
}

void check_all_pixels(const training::dataset& data, const at::Tensor& which,
                      const windows& where) {
  const at::Tensor seen = images(to_device(data, at::kCPU), which, where);
  REQUIRE(seen.sizes() == at::IntArrayRef({which.numel(), 3, 32, 32}));
  const auto values = seen.accessor<float, 4>();
  int wrong = 0;
  for (std::int64_t row = 0; row < which.numel(); ++row) {
    const auto id = which[row].item<std::int64_t>();
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          const float right = expected(data, id, channel, y, x, where, row);
          wrong += std::abs(values[row][channel][y][x] - right) > 1e-5f ? 1 : 0;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a plain window is the image as it is, each channel in its scale") {
  training::dataset data = clouds::make(20, 1);
  data.scale = {{100, 60}, {90, 50}, {0, 1}};
  check_all_pixels(data, ids({3, 0, 19, 3}), plain_windows(4, at::kCPU));
  const at::Tensor labels = to_device(data, at::kCPU).labels;
  CHECK(labels[13].item<std::int64_t>() == 3);
}

TEST_CASE("drawn windows shift and mirror, and what is shifted in is black") {
  const training::dataset data = clouds::make(12, 2);
  const at::Tensor which = ids({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  windows where;
  where.down = ids({0, 8, 4, 4, 0, 8, 3, 5, 4, 0, 8, 1});
  where.right = ids({4, 4, 0, 8, 0, 8, 3, 5, 4, 8, 0, 7});
  where.mirrored = ids({0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1}).to(at::kBool);
  check_all_pixels(data, which, where);
}

TEST_CASE("windows are drawn anew by seed, all of them, about as often") {
  at::Generator generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  const auto drawn = [&](std::uint64_t seed) {
    generator.set_current_seed(seed);
    return drawn_windows(16200, at::kCPU, generator);
  };
  const windows one = drawn(5), again = drawn(5), other = drawn(6);
  CHECK(one.down.equal(again.down));
  CHECK(one.right.equal(again.right));
  CHECK(one.mirrored.equal(again.mirrored));
  CHECK_FALSE(one.down.equal(other.down));
  CHECK_FALSE(one.down.equal(one.right));

  // 162 kinds, 100 expected of each. Chi squared of 161 degrees of freedom: 240 is exceeded by
  // chance with probability 5e-5.
  const at::Tensor kind = one.down.mul(9).add(one.right).mul(2).add(one.mirrored);
  const at::Tensor counts = kind.bincount({}, 162);
  REQUIRE(counts.numel() == 162);
  CHECK(counts.sub(100).pow(2).sum().item<double>() / 100 < 240);
}

}  // namespace
