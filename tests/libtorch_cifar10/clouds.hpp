// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Images of ten classes that a small network learns at once, in memory and as CIFAR-10's
//! files.
#pragma once

#include "dataset.hpp"

#include <filesystem>
#include <fstream>
#include <random>

namespace clouds {

//! Noise, with a bright square at a place that the class tells.
inline training::dataset make(std::int64_t n, std::uint32_t seed) {
  training::dataset data;
  data.name = "clouds";
  data.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  data.channels = 3;
  data.height = data.width = 32;
  data.scale = {{100, 60}, {100, 60}, {100, 60}};
  std::mt19937 noise(seed);
  for (std::int64_t id = 0; id < n; ++id) {
    const auto label = static_cast<std::uint8_t>(id % 10);
    const int top = 6 + 10 * (label / 5), left = 2 + 5 * (label % 5);
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          const bool bright = y >= top && y < top + 8 && x >= left && x < left + 6;
          const bool coloured = channel == label % 3;
          data.pixels.push_back(
              static_cast<std::uint8_t>(noise() % 60 + (bright ? 150 : 0) + (coloured ? 40 : 0)));
        }
      }
    }
    data.labels.push_back(label);
  }
  data.true_labels = data.labels;
  return data;
}

//! A folder in CIFAR-10's binary form that is gone when this is.
class folder {
 public:
  folder(std::int64_t train, std::int64_t test)
      : path_(std::filesystem::temp_directory_path() /
              ("gradsieve_cifar10_" + std::to_string(std::random_device()()))) {
    std::filesystem::create_directories(path_);
    for (std::int64_t batch = 1; batch <= 5; ++batch) {
      write("data_batch_" + std::to_string(batch) + ".bin",
            make(train / 5, static_cast<std::uint32_t>(batch)));
    }
    write("test_batch.bin", make(test, 9));
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& name, const training::dataset& data) const {
    std::ofstream file(path_ / name, std::ios::binary);
    for (std::int64_t id = 0; id < data.size(); ++id) {
      file.put(static_cast<char>(data.label(id)));
      for (const std::uint8_t pixel : data.image(id)) file.put(static_cast<char>(pixel));
    }
  }

  std::filesystem::path path_;
};

}  // namespace clouds
