// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace libtorch_cifar10 {

device_data to_device(const training::dataset& data, const at::Device& device) {
  const at::Tensor pixels =
      at::empty({data.size(), data.channels, data.height, data.width}, at::kByte);
  std::ranges::copy(data.pixels, pixels.mutable_data_ptr<std::uint8_t>());
  const at::Tensor labels = at::empty({data.size()}, at::kLong);
  std::ranges::copy(data.labels, labels.mutable_data_ptr<std::int64_t>());
  const at::Tensor mean = at::empty({1, data.channels, 1, 1}, at::kFloat);
  const at::Tensor deviation = at::empty({1, data.channels, 1, 1}, at::kFloat);
  std::ranges::transform(data.scale, mean.mutable_data_ptr<float>(), &training::pixel_scale::mean);
  std::ranges::transform(data.scale, deviation.mutable_data_ptr<float>(),
                         &training::pixel_scale::deviation);
  constexpr auto margin = most_shift;
  return {at::constant_pad_nd(pixels.to(device), {margin, margin, margin, margin}),
          labels.to(device), mean.to(device), deviation.to(device)};
}

windows drawn_windows(std::int64_t n, const at::Device& device, at::Generator& generator) {
  const auto on_device = at::TensorOptions().dtype(at::kLong).device(device);
  const auto drawn = [&](std::int64_t below) {
    return at::randint(below, {n}, generator, on_device);
  };
  // In this order: the draws are the generator's.
  windows where;
  where.down = drawn(2 * most_shift + 1);
  where.right = drawn(2 * most_shift + 1);
  where.mirrored = drawn(2).to(at::kBool);
  return where;
}

windows plain_windows(std::int64_t n, const at::Device& device) {
  const auto on_device = at::TensorOptions().device(device);
  const at::Tensor middle = at::full({n}, most_shift, on_device.dtype(at::kLong));
  return {middle, middle, at::zeros({n}, on_device.dtype(at::kBool))};
}

at::Tensor images(const device_data& data, const at::Tensor& ids, const windows& where) {
  const auto on_device = at::TensorOptions().dtype(at::kLong).device(ids.device());
  const std::int64_t channels = data.pixels.size(1), height = data.pixels.size(2) - 2 * most_shift,
                     width = data.pixels.size(3) - 2 * most_shift;
  const at::Tensor x = at::arange(width, on_device).unsqueeze(0);
  const at::Tensor rows = where.down.unsqueeze(1) + at::arange(height, on_device).unsqueeze(0);
  const at::Tensor columns =
      where.right.unsqueeze(1) + at::where(where.mirrored.unsqueeze(1), width - 1 - x, x);
  const c10::List<std::optional<at::Tensor>> window = {
      ids.view({-1, 1, 1, 1}), at::arange(channels, on_device).view({1, -1, 1, 1}),
      rows.view({-1, 1, height, 1}), columns.view({-1, 1, 1, width})};
  return at::index(data.pixels, window).to(at::kFloat).sub(data.mean).div(data.deviation);
}

}  // namespace libtorch_cifar10
