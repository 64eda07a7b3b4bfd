// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How images are shifted and mirrored.
#include "augment.hpp"

#include <array>
#include <cmath>
#include <tuple>
#include <vector>

#include "catch.hpp"

namespace {

using namespace libtorch_cnn;

//! Two channels of 3 by 4; the bytes count up from 10.
training::dataset one_image() {
  training::dataset data;
  data.class_names = {"a"};
  data.channels = 2;
  data.height = 3;
  data.width = 4;
  data.scale = {{0, 1}, {1, 2}};
  for (std::uint8_t i = 0; i < 24; ++i) data.pixels.push_back(static_cast<std::uint8_t>(10 + i));
  data.labels = data.true_labels = {0};
  return data;
}

std::vector<float> written(const change& how) {
  const training::dataset data = one_image();
  std::vector<float> out(24, -99.0f);
  image_writer(data).write(0, how, out);
  return out;
}

TEST_CASE("an image as it is, each channel in its scale") {
  const auto out = written({});
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(out[i] == 10 + static_cast<float>(i));
    CHECK(out[12 + i] == (21 + static_cast<float>(i)) / 2);
  }
}

TEST_CASE("a shifted image has black at the edge that is shifted in") {
  const auto out = written({.down = 1, .right = -2});
  const std::vector<float> first{0, 0, 14, 15, 0, 0, 18, 19, 0, 0, 0, 0};
  CHECK(std::vector<float>(out.begin(), out.begin() + 12) == first);
  CHECK(out[12] == -0.5f);  // black of the second channel
  CHECK(out[14] == 12.5f);
  const auto other = written({.down = -1, .right = 1});
  const std::vector<float> rows{0, 0, 0, 0, 11, 12, 13, 0, 15, 16, 17, 0};
  CHECK(std::vector<float>(other.begin(), other.begin() + 12) == rows);
}

TEST_CASE("an image is mirrored first, then shifted") {
  const auto out = written({.right = 1, .mirrored = true});
  const std::vector<float> first{12, 11, 10, 0, 16, 15, 14, 0, 20, 19, 18, 0};
  CHECK(std::vector<float>(out.begin(), out.begin() + 12) == first);
}

TEST_CASE("a change depends on seed, id and step, and on nothing else") {
  const auto as_tuple = [](const change& how) {
    return std::tuple(how.down, how.right, how.mirrored);
  };
  int by_seed = 0, by_id = 0, by_step = 0;
  for (std::int64_t id = 0; id < 100; ++id) {
    const auto one = as_tuple(drawn_change(1, id, 5));
    CHECK(one == as_tuple(drawn_change(1, id, 5)));
    by_seed += one != as_tuple(drawn_change(2, id, 5)) ? 1 : 0;
    by_id += one != as_tuple(drawn_change(1, id + 1, 5)) ? 1 : 0;
    by_step += one != as_tuple(drawn_change(1, id, 6)) ? 1 : 0;
  }
  for (const int differing : {by_seed, by_id, by_step}) CHECK(differing > 85);
}

TEST_CASE("all 50 changes are equally likely") {
  std::array<int, 50> counts{};
  constexpr int draws = 50'000;
  for (int i = 0; i < draws; ++i) {
    const change how = drawn_change(7, i % 500, static_cast<std::uint64_t>(i / 500));
    REQUIRE(std::abs(how.down) <= 2);
    REQUIRE(std::abs(how.right) <= 2);
    const int which = (how.down + 2) * 10 + (how.right + 2) * 2 + (how.mirrored ? 1 : 0);
    ++counts[static_cast<std::size_t>(which)];
  }
  double statistic = 0;
  for (const double count : counts) statistic += (count - 1000) * (count - 1000) / 1000;
  CHECK(statistic < 116);  // 49 degrees of freedom, alpha 2e-7
}

}  // namespace
