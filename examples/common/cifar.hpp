// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Reads CIFAR-10 in its binary form: data_batch_1.bin to data_batch_5.bin, test_batch.bin.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace cifar {

//! A missing or foreign file; the message names the file and what is wrong with it.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr int channels = 3, side = 32;

inline constexpr std::array<const char*, 10> class_names{
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

struct labelled_images {
  std::vector<std::uint8_t> pixels;  //!< of each image red, green, blue, each row by row
  std::vector<std::uint8_t> labels;
};

enum class part { train, test };

//! Whether the folder has the first of the files.
bool is_there(const std::filesystem::path& folder);

//! The images of all the part's files, which may have any number above 0.
//! @throws cifar::error
labelled_images read_images(const std::filesystem::path& folder, part which);

}  // namespace cifar
