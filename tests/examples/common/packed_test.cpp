// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Packed files: what comes back, and that nothing but a whole file does.
#include "packed.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const json value = {{"name", "a run"},
                    {"lines", {1, 2.5, 1e-300, -0.0}},
                    {"bytes", packed::blob(std::span<const char>("\0\1\2", 3))}};

TEST_CASE("packed: what was written is read, and no other file is left") {
  const support::scratch_folder folder;
  const fs::path file = folder.path() / "a";
  packed::write(file, value);
  CHECK(packed::read(file) == value);
  packed::write(file, {{"other", 1}});
  CHECK(packed::read(file) == json{{"other", 1}});
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("packed: doubles come back as they were, values in a blob bit for bit") {
  const support::scratch_folder folder;
  const std::vector<double> doubles{0.1, 1.0 / 3, 1e308, 5e-324,
                                    std::numeric_limits<double>::infinity()};
  std::vector<float> floats{-0.0f, 0.1f, std::numeric_limits<float>::quiet_NaN()};
  floats.push_back(-floats.back());
  packed::write(folder.path() / "a",
                {{"d", doubles}, {"f", packed::blob(std::span<const float>(floats))}});
  const json read = packed::read(folder.path() / "a");
  CHECK(read.at("d").get<std::vector<double>>() == doubles);
  const auto again = packed::values<float>(read.at("f"));
  REQUIRE(again.size() == floats.size());
  CHECK(std::memcmp(again.data(), floats.data(), again.size() * sizeof(float)) == 0);
  CHECK(packed::values<float>(packed::blob(std::span<const float>())).empty());
  CHECK_THROWS_AS(packed::values<float>(packed::blob(std::span<const char>("abc", 3))),
                  packed::error);
}

TEST_CASE("packed: cut anywhere, any bit turned, or longer: refused") {
  const support::scratch_folder folder;
  const fs::path file = folder.path() / "a";
  packed::write(file, value);
  const std::string whole = support::content(file);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    support::write(file, whole.substr(0, length));
    INFO(length);
    CHECK_THROWS_WITH(packed::read(file), contains(file.string()) && contains("cut short"));
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    support::write(file, changed);
    INFO(bit);
    json read;
    try {
      read = packed::read(file);
    } catch (const packed::error&) {
      continue;
    }
    CHECK(read == value);  // gzip's header has bits that mean nothing
  }
  support::write(file, whole + "x");
  CHECK_THROWS_WITH(packed::read(file), contains("goes on after its end"));
}

TEST_CASE("packed: foreign and missing files are refused by name") {
  const support::scratch_folder folder;
  const fs::path file = folder.path() / "a";
  CHECK_THROWS_WITH(packed::read(file), contains(file.string()) && contains("cannot be opened"));
  support::write(file, "something else, and longer than a header would be");
  CHECK_THROWS_WITH(packed::read(file), contains("not a file of this program"));
}

TEST_CASE("packed: a write that fails leaves the older file as it was") {
  const support::scratch_folder folder;
  const fs::path file = folder.path() / "a";
  packed::write(file, value);
  fs::create_directory(file.string() + ".tmp");  // in the way of what is written first
  CHECK_THROWS_WITH(packed::write(file, {{"other", 1}}), contains(file.string()));
  CHECK(packed::read(file) == value);
}

TEST_CASE("packed: a folder that is not there is named") {
  CHECK_THROWS_WITH(packed::write("/nowhere/a", value), contains("/nowhere/a"));
}

}  // namespace
