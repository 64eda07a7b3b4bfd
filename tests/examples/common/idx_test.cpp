// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The reader of idx files: good, missing, foreign, cut short, damaged.
#include "idx.hpp"

#include <zlib.h>

#include <fstream>
#include <string>

#include "catch.hpp"
#include "support/scratch_folder.hpp"

namespace {

using support::scratch_folder;

std::filesystem::path zipped(const scratch_folder& folder, const std::string& name,
                             const std::string& bytes) {
  const auto path = folder.path() / name;
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  return path;
}

std::string size(unsigned value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}
const std::string images_magic("\0\0\10\3", 4), labels_magic("\0\0\10\1", 4);
const std::string three_images =
    images_magic + size(3) + size(2) + size(2) + "abcd" + "efgh" + "ijkl";
const std::string three_labels = labels_magic + size(3) + std::string("\1\0\2", 3);

TEST_CASE("a good pair is read, compressed or not") {
  const scratch_folder folder;
  zipped(folder, "train-images-idx3-ubyte.gz", three_images);
  support::write(folder.path() / "train-labels-idx1-ubyte.gz", three_labels);
  const auto data = idx::read_images(folder.path(), "train");
  CHECK(data.size() == 3);
  CHECK(data.width == 2);
  CHECK(data.height == 2);
  CHECK(data.pixels[4] == 'e');
  CHECK(data.labels[2] == 2);
}

TEST_CASE("a missing file is named") {
  CHECK_THROWS_AS(idx::read("/nowhere/x.gz"), idx::error);
  CHECK_THROWS_WITH(idx::read("/nowhere/x.gz"),
                    contains("/nowhere/x.gz") && contains("no such file"));
}

TEST_CASE("a foreign file is refused") {
  const scratch_folder folder;
  CHECK_THROWS_WITH(idx::read(zipped(folder, "a", "PNG, or something else")),
                    contains("not an idx"));
  CHECK_THROWS_WITH(idx::read(zipped(folder, "b", "")), contains("not an idx"));
  const std::string floats("\0\0\15\1", 4);
  CHECK_THROWS_WITH(idx::read(zipped(folder, "c", floats + size(1) + "abcd")),
                    contains("not an idx"));
}

TEST_CASE("a file that is cut short is refused") {
  const scratch_folder folder;
  const auto cut = three_images.substr(0, three_images.size() - 1);
  CHECK_THROWS_WITH(idx::read(zipped(folder, "a", cut)), contains("11 of 12"));
  CHECK_THROWS_WITH(idx::read(zipped(folder, "b", three_images.substr(0, 9))), contains("header"));

  // The compressed stream itself ends early: half a download.
  const auto whole = zipped(folder, "c", three_images);
  std::filesystem::resize_file(whole, std::filesystem::file_size(whole) - 10);
  CHECK_THROWS_AS(idx::read(whole), idx::error);
}

TEST_CASE("a damaged checksum is noticed") {
  const scratch_folder folder;
  const auto file = zipped(folder, "a", three_images);
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file)) - 6);
  bytes.put('\x55');
  bytes.close();
  CHECK_THROWS_WITH(idx::read(file), contains("damaged"));
}

TEST_CASE("more bytes than the header names, or an absurd header, are refused") {
  const scratch_folder folder;
  CHECK_THROWS_WITH(idx::read(zipped(folder, "a", three_images + "z")), contains("more than"));
  CHECK_THROWS_WITH(
      idx::read(zipped(folder, "b", images_magic + size(~0u) + size(~0u) + size(~0u) + "a")),
      contains("4 GiB"));
}

TEST_CASE("images and labels must belong together") {
  const scratch_folder folder;
  zipped(folder, "train-images-idx3-ubyte.gz", three_images);
  zipped(folder, "train-labels-idx1-ubyte.gz", labels_magic + size(2) + "ab");
  CHECK_THROWS_WITH(idx::read_images(folder.path(), "train"), contains("2 labels for 3 images"));
  zipped(folder, "train-labels-idx1-ubyte.gz", three_images);
  CHECK_THROWS_WITH(idx::read_images(folder.path(), "train"), contains("no labels"));
}

}  // namespace
