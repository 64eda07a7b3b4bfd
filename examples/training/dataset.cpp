// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dataset.hpp"

#include "../common/cifar.hpp"
#include "../common/idx.hpp"

#include <gradsieve/random/bijection.hpp>
#include <gradsieve/random/uniform.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace training {
namespace {

constexpr std::uint32_t redraw_step = 1, which_step = 2, hold_out_step = 3;
constexpr int classes = 10;  // of either data set

pixel_scale measure(const dataset& data, int channel) {
  double sum = 0, squares = 0;
  const std::size_t area = data.area();
  for (std::int64_t id = 0; id < data.size(); ++id) {
    for (const double value :
         data.image(id).subspan(static_cast<std::size_t>(channel) * area, area)) {
      sum += value;
      squares += value * value;
    }
  }
  const auto count = static_cast<double>(data.size()) * static_cast<double>(area);
  const double mean = sum / count;
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(squares / count - mean * mean))};
}

dataset read_fashion(const std::filesystem::path& folder, const std::string& part) {
  auto raw = idx::read_images(folder, part);
  if (raw.size() == 0) throw idx::error(folder.string() + ": the data set is empty");
  if (std::ranges::any_of(raw.labels, [](std::uint8_t label) { return label >= classes; })) {
    throw idx::error(folder.string() + ": a label is not one of 0 to 9");
  }
  if (raw.width != 28 || raw.height != 28) {
    throw idx::error(folder.string() + ": the images are not of 28 by 28 pixels");
  }
  dataset data;
  data.name = "Fashion-MNIST";
  for (std::uint8_t label = 0; label < classes; ++label) {
    data.class_names.push_back(idx::class_name(label));
  }
  data.height = data.width = 28;
  data.pixels = std::move(raw.pixels);
  data.labels = std::move(raw.labels);
  return data;
}

dataset read_cifar(const std::filesystem::path& folder, cifar::part part) {
  auto raw = cifar::read_images(folder, part);
  dataset data;
  data.name = "CIFAR-10";
  data.class_names.assign(std::begin(cifar::class_names), std::end(cifar::class_names));
  data.channels = cifar::channels;
  data.height = data.width = cifar::side;
  data.pixels = std::move(raw.pixels);
  data.labels = std::move(raw.labels);
  return data;
}

//! All but the examples.
dataset like(const dataset& data) {
  dataset part;
  part.name = data.name;
  part.class_names = data.class_names;
  part.channels = data.channels;
  part.height = data.height;
  part.width = data.width;
  part.scale = data.scale;
  return part;
}

dataset subset(const dataset& data, const std::vector<std::int64_t>& ids) {
  dataset part = like(data);
  for (const std::int64_t id : ids) {
    part.labels.push_back(data.label(id));
    part.true_labels.push_back(data.true_labels[static_cast<std::size_t>(id)]);
    const auto image = data.image(id);
    part.pixels.insert(part.pixels.end(), image.begin(), image.end());
  }
  return part;
}

//! Gives some examples the label `label_of(id)`; returns the share that is wrong then.
template <class LabelOf>
double relabel(dataset& data, double share, std::uint64_t seed, LabelOf label_of) {
  const gradsieve::draw_key which{
      .seed = seed, .step = which_step, .use = gradsieve::purpose::user};
  std::int64_t wrong = 0;
  for (std::size_t id = 0; id < data.labels.size(); ++id) {
    if (gradsieve::to_unit(gradsieve::draw(which, id)) < share) {
      data.labels[id] = static_cast<std::uint8_t>(label_of(id));
    }
    wrong += data.labels[id] != data.true_labels[id] ? 1 : 0;
  }
  data.noisy = wrong > 0;
  return static_cast<double>(wrong) / static_cast<double>(data.size());
}

}  // namespace

train_and_test load(const std::filesystem::path& folder, std::int64_t limit) {
  train_and_test both =
      cifar::is_there(folder)
          ? train_and_test{read_cifar(folder, cifar::part::train),
                           read_cifar(folder, cifar::part::test)}
          : train_and_test{read_fashion(folder, "train"), read_fashion(folder, "t10k")};
  auto& [train, test] = both;
  if (limit > 0 && limit < train.size()) {
    train.labels.resize(static_cast<std::size_t>(limit));
    train.pixels.resize(train.labels.size() * train.image_size());
  }
  for (int channel = 0; channel < train.channels; ++channel) {
    train.scale.push_back(measure(train, channel));
  }
  test.scale = train.scale;
  for (dataset* part : {&train, &test}) part->true_labels = part->labels;
  return both;
}

double redraw_labels(dataset& data, double share, std::uint64_t seed) {
  const gradsieve::draw_key label{
      .seed = seed, .step = redraw_step, .use = gradsieve::purpose::user};
  const auto choices = static_cast<std::uint32_t>(data.classes());
  return relabel(data, share, seed,
                 [&](std::size_t id) { return gradsieve::uniform_below(label, id, choices); });
}

double flip_labels_to_next(dataset& data, double share, std::uint64_t seed) {
  return relabel(data, share, seed,
                 [&](std::size_t id) { return (data.true_labels[id] + 1) % data.classes(); });
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

}  // namespace training
