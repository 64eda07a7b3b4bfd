// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The reader of CIFAR-10's binary batches: good, missing, foreign.
#include "cifar.hpp"

#include <string>

#include "catch.hpp"
#include "support/scratch_folder.hpp"

namespace {

using support::scratch_folder;

//! A record: its label, then 3072 bytes that count up from `first`.
std::string image(int label, int first) {
  std::string bytes(1, static_cast<char>(label));
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

void write_batches(const scratch_folder& folder) {
  for (int batch = 1; batch <= 5; ++batch) {
    support::write(folder.path() / ("data_batch_" + std::to_string(batch) + ".bin"),
                   image(batch, batch) + image(9, 0));
  }
  support::write(folder.path() / "test_batch.bin", image(0, 7));
}

TEST_CASE("cifar: the batches are read in their order") {
  const scratch_folder folder;
  CHECK_FALSE(cifar::is_there(folder.path()));
  write_batches(folder);
  CHECK(cifar::is_there(folder.path()));
  const auto train = cifar::read_images(folder.path(), cifar::part::train);
  CHECK(train.labels == std::vector<std::uint8_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9});
  REQUIRE(train.pixels.size() == 10 * 3072);
  CHECK(train.pixels[2 * 3072] == 2);
  CHECK(train.pixels[2 * 3072 + 300] == (302 & 255));
  CHECK(train.pixels[3 * 3072] == 0);
  const auto test = cifar::read_images(folder.path(), cifar::part::test);
  CHECK(test.labels == std::vector<std::uint8_t>{0});
  CHECK(test.pixels.at(0) == 7);
}

TEST_CASE("cifar: a missing batch, a cut one and a wrong label are named") {
  const scratch_folder folder;
  write_batches(folder);
  const auto refuses = [&](const std::string& name, const std::string& text) {
    CHECK_THROWS_WITH(cifar::read_images(folder.path(), cifar::part::train),
                      contains(name) && contains(text));
    CHECK_THROWS_AS(cifar::read_images(folder.path(), cifar::part::train), cifar::error);
  };
  const auto third = folder.path() / "data_batch_3.bin",
             fourth = folder.path() / "data_batch_4.bin";
  support::write(third, image(3, 3) + image(9, 0).substr(0, 3000));
  refuses("data_batch_3", "not a binary batch");
  support::write(third, "");
  refuses("data_batch_3", "not a binary batch");
  support::write(third, image(3, 3));
  support::write(fourth, image(10, 3));
  refuses("data_batch_4", "a label");
  std::filesystem::remove(fourth);
  refuses("data_batch_4", "no such file");
}

}  // namespace
