// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Reads data sets in the idx format (MNIST, Fashion-MNIST), gzip-compressed or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace idx {

//! A missing, foreign or damaged file; the message names the file and what is wrong with it.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

//! An idx array of unsigned bytes, row by row.
struct array {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;
};

//! @throws idx::error when the file is missing, is no idx file of unsigned bytes, or is cut short
array read(const std::filesystem::path& file);

//! Images of one size, and the class of each.
struct labelled_images {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  //!< width * height grey values an image
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
};

//! Reads `<part>-images-idx3-ubyte.gz` and `<part>-labels-idx1-ubyte.gz`; `part` is "train" or
//! "t10k".
//! @throws idx::error as `read`, and when images and labels do not belong together
labelled_images read_images(const std::filesystem::path& folder, const std::string& part);

//! Where Debian's package dataset-fashion-mnist puts its files.
std::filesystem::path default_folder();

//! The ten classes of Fashion-MNIST; beyond them, the number itself.
std::string class_name(std::uint8_t label);

}  // namespace idx
