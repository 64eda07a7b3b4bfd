// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "idx.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

namespace idx {
namespace {

struct gz_closer {
  void operator()(gzFile file) const { gzclose_r(file); }
};
using gz_handle = std::unique_ptr<gzFile_s, gz_closer>;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw error(file.string() + ": " + what);
}

//! Reads up to `count` bytes and returns how many there were.
std::size_t read_some(gzFile handle, const std::filesystem::path& file, std::uint8_t* out,
                      std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    const auto wanted = static_cast<unsigned>(std::min(count - done, std::size_t{1} << 20));
    const int got = gzread(handle, out + done, wanted);
    if (got < 0) fail(file, "damaged (the gzip stream cannot be read)");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::size_t big_endian(const std::uint8_t* bytes) {
  return std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 | std::size_t{bytes[2]} << 8 |
         std::size_t{bytes[3]};
}

}  // namespace

array read(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) fail(file, "no such file");
  const gz_handle handle(gzopen(file.c_str(), "rb"));
  if (!handle) fail(file, "cannot be opened");

  std::array<std::uint8_t, 4> magic{};
  if (read_some(handle.get(), file, magic.data(), 4) != 4 || magic[0] != 0 || magic[1] != 0 ||
      magic[2] != 0x08 || magic[3] == 0 || magic[3] > 4) {
    fail(file, "not an idx file of unsigned bytes");
  }

  constexpr std::size_t limit = std::size_t{1} << 32;  // a damaged header must not exhaust memory
  array result;
  std::size_t total = 1;
  for (int dimension = 0; dimension < magic[3]; ++dimension) {
    std::array<std::uint8_t, 4> size{};
    if (read_some(handle.get(), file, size.data(), 4) != 4) fail(file, "ends within its header");
    result.shape.push_back(big_endian(size.data()));
    if (result.shape.back() != 0 && total > limit / result.shape.back()) {
      fail(file, "claims to hold more than 4 GiB");
    }
    total *= result.shape.back();
  }

  result.bytes.resize(total);
  const std::size_t got = read_some(handle.get(), file, result.bytes.data(), total);
  if (got != total) {
    fail(file, "ends after " + std::to_string(got) + " of " + std::to_string(total) + " bytes");
  }
  std::uint8_t extra = 0;
  // Reading past the end also makes zlib compare the checksum.
  if (read_some(handle.get(), file, &extra, 1) != 0) {
    fail(file, "holds more than the " + std::to_string(total) + " bytes that its header names");
  }
  return result;
}

labelled_images read_images(const std::filesystem::path& folder, const std::string& part) {
  const auto image_file = folder / (part + "-images-idx3-ubyte.gz");
  const auto label_file = folder / (part + "-labels-idx1-ubyte.gz");
  array images = read(image_file);
  array labels = read(label_file);
  if (images.shape.size() != 3) fail(image_file, "holds no images (3 dimensions expected)");
  if (labels.shape.size() != 1) fail(label_file, "holds no labels (1 dimension expected)");
  if (images.shape[0] != labels.shape[0]) {
    fail(label_file, std::to_string(labels.shape[0]) + " labels for " +
                         std::to_string(images.shape[0]) + " images");
  }
  return {.width = images.shape[2],
          .height = images.shape[1],
          .pixels = std::move(images.bytes),
          .labels = std::move(labels.bytes)};
}

std::filesystem::path default_folder() { return "/usr/share/datasets/fashion-mnist"; }

std::string class_name(std::uint8_t label) {
  static constexpr std::array<const char*, 10> names{"T-shirt", "trousers", "pullover", "dress",
                                                     "coat",    "sandal",   "shirt",    "sneaker",
                                                     "bag",     "boot"};
  return label < names.size() ? names[label] : std::to_string(label);
}

}  // namespace idx
