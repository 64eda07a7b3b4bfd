// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The program itself, as its users start it: a small run on images that the test writes.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

int start(const std::string& arguments) {
  return std::system(
      (std::string(LIBTORCH_CIFAR10) + ' ' + arguments + " >/dev/null 2>&1").c_str());
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST_CASE("a small run on the CPU leaves the record that a study reads") {
  const clouds::folder data(500, 50);
  const auto out = data.path() / "out";
  const std::string flags = "--data " + data.path().string() + " --out " + out.string() +
                            " --width 8 --limit 500 --epochs 1 --seeds 3 --device cpu --data-only";
  REQUIRE(start(flags + " --method uniform --method plan --label-noise 0.2") == 0);
  const std::string json = text_of(out / "run.json");
  for (const char* expected : {"\"uniform\"", "\"plan\"", "ResNet-18", "--label-noise"}) {
    CHECK_THAT(json, Catch::Contains(expected));
  }
  for (const char* file : {"steps.jsonl", "epochs.csv", "summary.md"}) {
    CHECK(std::filesystem::exists(out / file));
  }
}

TEST_CASE("what this trainer cannot do is refused") {
  CHECK(start("--help") == 0);
  CHECK(start("--list-methods") == 0);
  CHECK(start("--method info-batch") != 0);
  CHECK(start("--study front") != 0);
  CHECK(start("--precision fp8") != 0);
  CHECK(start("--data /nowhere --epochs 1") != 0);
}

}  // namespace
