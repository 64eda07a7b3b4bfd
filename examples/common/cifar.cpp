// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cifar.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace cifar {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t image_bytes = std::size_t{channels} * side * side;

void append(const fs::path& file, labelled_images& all) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw error(file.string() + ": no such file");
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (bytes.empty() || bytes.size() % (1 + image_bytes) != 0) {
    throw error(file.string() + ": not a binary batch of CIFAR-10, which has " +
                std::to_string(1 + image_bytes) + " bytes for each image");
  }
  for (auto at = bytes.begin(); at != bytes.end();) {
    const auto label = static_cast<std::uint8_t>(*at++);
    if (label >= class_names.size()) {
      throw error(file.string() + ": a label is not one of 0 to 9");
    }
    all.labels.push_back(label);
    const auto end = at + static_cast<std::ptrdiff_t>(image_bytes);
    all.pixels.insert(all.pixels.end(), at, end);
    at = end;
  }
}

}  // namespace

bool is_there(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "data_batch_1.bin", ignored);
}

labelled_images read_images(const fs::path& folder, part which) {
  labelled_images all;
  if (which == part::test) {
    append(folder / "test_batch.bin", all);
    return all;
  }
  for (int batch = 1; batch <= 5; ++batch) {
    append(folder / ("data_batch_" + std::to_string(batch) + ".bin"), all);
  }
  return all;
}

}  // namespace cifar
