// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The data set: which files it is read from, its scale, wrong labels, the hold-out.
#include "dataset.hpp"

#include <cmath>
#include <set>
#include <string>

#include "catch.hpp"
#include "clouds.hpp"
#include "examples/training/pictures.hpp"

namespace {

using namespace training;

TEST_CASE("Fashion-MNIST is scaled by the training pixels that are kept") {
  const support::scratch_folder folder;
  support::write_pictures(folder.path(), "train", 40);
  support::write_pictures(folder.path(), "t10k", 20);
  const auto [train, test] = load(folder.path(), 30);
  CHECK(train.name == "Fashion-MNIST");
  CHECK(train.size() == 30);
  CHECK(test.size() == 20);
  CHECK(train.classes() == 10);
  CHECK(train.image_size() == 28 * 28);
  REQUIRE(train.pixels.size() == 30 * 28 * 28);
  CHECK(train.true_labels == train.labels);
  double sum = 0, squares = 0;
  for (const double value : train.pixels) {
    sum += value;
    squares += value * value;
  }
  const double mean = sum / (30 * 28 * 28);
  REQUIRE(train.scale.size() == 1);
  CHECK(train.scale[0].mean == Approx(mean));
  CHECK(train.scale[0].deviation == Approx(std::sqrt(squares / (30 * 28 * 28) - mean * mean)));
  CHECK(test.scale[0].mean == train.scale[0].mean);
  CHECK(load(folder.path()).train.size() == 40);
}

TEST_CASE("a folder with CIFAR-10's batches is CIFAR-10, each channel with a scale") {
  const support::scratch_folder folder;
  const auto image = [](int label) {
    std::string bytes(1, static_cast<char>(label));
    for (const int base : {10, 100, 200}) {
      for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(base + (i % 2 == 0 ? 3 : -3));
    }
    return bytes;
  };
  for (int batch = 1; batch <= 5; ++batch) {
    support::write(folder.path() / ("data_batch_" + std::to_string(batch) + ".bin"), image(batch));
  }
  support::write(folder.path() / "test_batch.bin", image(7) + image(0));
  const auto [train, test] = load(folder.path());
  CHECK(train.name == "CIFAR-10");
  CHECK(train.size() == 5);
  CHECK(test.size() == 2);
  CHECK(train.channels == 3);
  CHECK(train.image_size() == 3072);
  CHECK(test.class_names[test.label(0)] == "horse");
  REQUIRE(train.scale.size() == 3);
  CHECK(train.scale[0].mean == 10);
  CHECK(train.scale[1].mean == 100);
  CHECK(train.scale[2].mean == 200);
  for (const pixel_scale& each : train.scale) CHECK(each.deviation == 3);
}

TEST_CASE("redrawn labels: the wrong share is stated truly and depends on the seed alone") {
  dataset data = clouds(20'000);
  dataset twin = data;
  const double wrong = redraw_labels(data, 0.2, 7);
  CHECK(data.noisy);
  CHECK(redraw_labels(twin, 0.2, 7) == wrong);
  CHECK(twin.labels == data.labels);
  std::int64_t differing = 0;
  for (std::int64_t id = 0; id < data.size(); ++id) differing += data.is_wrong(id) ? 1 : 0;
  CHECK(wrong == static_cast<double>(differing) / 20'000);
  // 20 000 examples of four classes, each wrong with probability .15: 5 standard errors, alpha
  // about 1e-6.
  CHECK(std::abs(wrong - 0.15) < 5 * std::sqrt(0.15 * 0.85 / 20'000));
}

TEST_CASE("labels of the next class: all are wrong, one way, and the last class wraps around") {
  dataset data = clouds(20'000);
  const double wrong = flip_labels_to_next(data, 0.2, 7);
  CHECK(std::abs(wrong - 0.2) < 5 * std::sqrt(0.2 * 0.8 / 20'000));
  std::int64_t differing = 0;
  for (std::size_t id = 0; id < data.labels.size(); ++id) {
    if (data.labels[id] == data.true_labels[id]) continue;
    ++differing;
    REQUIRE(data.labels[id] == (data.true_labels[id] + 1) % data.classes());
  }
  CHECK(wrong == static_cast<double>(differing) / 20'000);
}

TEST_CASE("the hold-out is a fixed tenth, apart from the rest") {
  dataset data = clouds(1000);
  for (std::size_t id = 0; id < 1000; ++id) {
    data.pixels[2 * id] = static_cast<std::uint8_t>(id / 256);
    data.pixels[2 * id + 1] = static_cast<std::uint8_t>(id % 256);
  }
  const auto split = hold_out_tenth(data);
  CHECK(split.test.size() == 100);
  CHECK(split.train.size() == 900);
  std::set<int> seen;
  for (const auto* part : {&split.train, &split.test}) {
    CHECK(part->scale[0].mean == data.scale[0].mean);
    for (std::int64_t i = 0; i < part->size(); ++i) {
      const int id = 256 * part->image(i)[0] + part->image(i)[1];
      seen.insert(id);
      CHECK(part->label(i) == data.label(id));
    }
  }
  CHECK(seen.size() == 1000);
  CHECK(hold_out_tenth(data).test.pixels == split.test.pixels);
}

}  // namespace
