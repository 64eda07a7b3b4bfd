// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dataset.hpp"

#include "../common/idx.hpp"

#include <gradsieve/random/bijection.hpp>
#include <gradsieve/random/uniform.hpp>

#include <algorithm>
#include <cmath>

namespace eigen_mlp {
namespace {

constexpr std::uint32_t redraw_step = 1, which_step = 2, hold_out_step = 3;

struct pixel_scale {
  float mean, deviation;
};

pixel_scale measure(const std::vector<std::uint8_t>& pixels) {
  double sum = 0, squares = 0;
  for (const double value : pixels) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(pixels.size());
  const double mean = sum / count;
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(squares / count - mean * mean))};
}

dataset normalise(idx::labelled_images&& raw, pixel_scale scale) {
  dataset data;
  data.width = static_cast<int>(raw.width);
  data.height = static_cast<int>(raw.height);
  const Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic>> pixels(
      raw.pixels.data(), static_cast<Eigen::Index>(raw.width * raw.height),
      static_cast<Eigen::Index>(raw.size()));
  data.images = (pixels.cast<float>().array() - scale.mean) / scale.deviation;
  data.pixels = std::move(raw.pixels);
  data.labels = std::move(raw.labels);
  data.true_labels = data.labels;
  return data;
}

dataset subset(const dataset& data, const std::vector<std::int64_t>& ids) {
  dataset part;
  part.width = data.width;
  part.height = data.height;
  part.images.resize(data.images.rows(), static_cast<Eigen::Index>(ids.size()));
  const std::int64_t area = data.images.rows();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<std::size_t>(ids[i]);
    part.images.col(static_cast<Eigen::Index>(i)) = data.images.col(ids[i]);
    part.labels.push_back(data.labels[id]);
    part.true_labels.push_back(data.true_labels[id]);
    part.pixels.insert(part.pixels.end(), data.pixels.begin() + ids[i] * area,
                       data.pixels.begin() + (ids[i] + 1) * area);
  }
  return part;
}

}  // namespace

train_and_test load(const std::filesystem::path& folder, std::int64_t limit) {
  auto train = idx::read_images(folder, "train");
  auto test = idx::read_images(folder, "t10k");
  if (train.size() == 0 || test.size() == 0) {
    throw idx::error(folder.string() + ": the data set is empty");
  }
  for (const auto* part : {&train, &test}) {
    if (std::ranges::any_of(part->labels, [](std::uint8_t label) { return label >= classes; })) {
      throw idx::error(folder.string() + ": a label is not one of 0 to 9");
    }
  }
  for (const auto* part : {&train, &test}) {
    if (part->width != 28 || part->height != 28) {
      throw idx::error(folder.string() + ": the images are not of 28 by 28 pixels");
    }
  }
  const auto keep = static_cast<std::size_t>(limit);
  if (limit > 0 && keep < train.size()) {
    train.labels.resize(keep);
    train.pixels.resize(keep * train.width * train.height);
  }
  const pixel_scale scale = measure(train.pixels);
  return {normalise(std::move(train), scale), normalise(std::move(test), scale)};
}

double redraw_labels(dataset& data, double share, std::uint64_t seed) {
  const gradsieve::draw_key which{
      .seed = seed, .step = which_step, .use = gradsieve::purpose::user};
  const gradsieve::draw_key label{
      .seed = seed, .step = redraw_step, .use = gradsieve::purpose::user};
  std::int64_t wrong = 0;
  for (std::size_t id = 0; id < data.labels.size(); ++id) {
    if (gradsieve::to_unit(gradsieve::draw(which, id)) < share) {
      data.labels[id] = static_cast<std::uint8_t>(gradsieve::uniform_below(label, id, classes));
    }
    wrong += data.labels[id] != data.true_labels[id] ? 1 : 0;
  }
  data.noisy = wrong > 0;
  return static_cast<double>(wrong) / static_cast<double>(data.size());
}

train_and_test hold_out_tenth(const dataset& train) {
  const auto count = static_cast<std::uint64_t>(train.size());
  const gradsieve::bijection place(
      count, {.seed = 0, .step = hold_out_step, .use = gradsieve::purpose::user});
  std::vector<std::int64_t> kept, held;
  for (std::int64_t id = 0; id < train.size(); ++id) {
    (place(static_cast<std::uint64_t>(id)) < count / 10 ? held : kept).push_back(id);
  }
  return {subset(train, kept), subset(train, held)};
}

}  // namespace eigen_mlp
