// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A data set for the trainers that takes no time: the files of Fashion-MNIST, with other
//! pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/random_source.hpp"
#include "support/scratch_folder.hpp"

namespace support {

inline std::string big_endian(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

//! Pictures that are easy to tell apart, but for some noise, in the files of Fashion-MNIST.
inline void write_pictures(const std::filesystem::path& folder, const std::string& part,
                           std::size_t count) {
  random_source random(count);
  std::string images =
      std::string("\0\0\10\3", 4) + big_endian(count) + big_endian(28) + big_endian(28);
  std::string labels = std::string("\0\0\10\1", 4) + big_endian(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t label = random.below(10);
    labels += static_cast<char>(label);
    for (std::uint64_t pixel = 0; pixel < 28 * 28; ++pixel) {
      const std::uint64_t bright = pixel / 28 * 10 / 28 == label ? 60 : 0;
      images += static_cast<char>(bright + random.below(196));
    }
  }
  write(folder / (part + "-images-idx3-ubyte.gz"), images);
  write(folder / (part + "-labels-idx1-ubyte.gz"), labels);
}

}  // namespace support
