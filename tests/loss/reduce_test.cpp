// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/reduce.hpp>

#include <array>
#include <vector>

#include "catch.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::reduction;

namespace {

using mask = std::vector<std::uint8_t>;

template <class T>
std::vector<float> reduced(const std::vector<T>& data, std::size_t rows, std::size_t columns,
                           reduction how, const mask& keep = {}, std::size_t stride = 0) {
  std::vector<float> out(rows, 77.0f);
  gs::reduce(gs::loss_matrix<T>{data.data(), rows, columns, stride}, keep, how, out);
  return out;
}

bool is_nan(float value) { return (gs::float_bits(value) & 0x7fffffffu) > 0x7f800000u; }

const std::vector<float> two_rows = {1, 2, 6, -4, -1, -1};

}  // namespace

TEST_CASE("reduce: mean, sum and maximum of each row") {
  CHECK(reduced(two_rows, 2, 3, reduction::mean) == std::vector<float>{3, -2});
  CHECK(reduced(two_rows, 2, 3, reduction::sum) == std::vector<float>{9, -6});
  CHECK(reduced(two_rows, 2, 3, reduction::max) == std::vector<float>{6, -1});
  CHECK(reduced(two_rows, 6, 1, reduction::mean) == two_rows);
  CHECK(reduced(two_rows, 1, 6, reduction::sum) == std::vector<float>{3});
}

TEST_CASE("reduce: a mask leaves elements out, from the count of a mean, too") {
  const mask keep = {1, 0, 255, 1, 1, 0};
  CHECK(reduced(two_rows, 2, 3, reduction::mean, keep) == std::vector<float>{3.5f, -2.5f});
  CHECK(reduced(two_rows, 2, 3, reduction::sum, keep) == std::vector<float>{7, -5});
  CHECK(reduced(two_rows, 2, 3, reduction::max, keep) == std::vector<float>{6, -1});
  CHECK(reduced(two_rows, 2, 3, reduction::max, {1, 1, 0, 1, 0, 0}) == std::vector<float>{2, -4});
}

TEST_CASE("reduce: a stride skips what lies between the rows, the mask stays packed") {
  const std::vector<float> padded = {1, 2, 900, 3, 5, 900};
  CHECK(reduced(padded, 2, 2, reduction::sum, {}, 3) == std::vector<float>{3, 8});
  CHECK(reduced(padded, 2, 2, reduction::max, {1, 0, 1, 1}, 3) == std::vector<float>{1, 5});
  CHECK(reduced(padded, 2, 3, reduction::sum, {}, 3) == std::vector<float>{903, 908});
}

TEST_CASE("reduce: losses of every floating type") {
  const std::vector<double> doubles = {1, 2, 6, -4, -1, -1};
  CHECK(reduced(doubles, 2, 3, reduction::mean) == std::vector<float>{3, -2});
  const std::vector<gs::bfloat16_bits> brain = {{0x3f80}, {0x4000}, {0x40c0}};
  CHECK(reduced(brain, 1, 3, reduction::mean) == std::vector<float>{3});
  const std::vector<gs::float16_bits> half = {{0x3c00}, {0x4000}, {0x4600}};
  CHECK(reduced(half, 1, 3, reduction::sum) == std::vector<float>{9});
  CHECK(reduced(half, 1, 3, reduction::max) == std::vector<float>{6});
}

TEST_CASE("reduce: sums are taken in double, so small losses survive beside large ones") {
  std::vector<float> row(1001, 1.0f);
  row[0] = 16777216.0f;  // where a float's steps are 2
  CHECK(reduced(row, 1, 1001, reduction::sum) == std::vector<float>{16778216.0f});
  // No mean exceeds every element, at however many of them.
  const std::vector<float> equal(std::size_t{1} << 20, 0.1f);
  CHECK(reduced(equal, 1, equal.size(), reduction::mean) == std::vector<float>{0.1f});
}

TEST_CASE("reduce: a row with a kept loss that is not finite is NaN, others are not touched") {
  const reduction how = GENERATE(reduction::mean, reduction::sum, reduction::max);
  for (const float bad : {support::nan_f(), support::negative_nan_f(), support::infinity_f(),
                          support::negative_infinity_f()}) {
    const std::vector<float> losses = {1, bad, 2, 2};
    const std::vector<float> out = reduced(losses, 2, 2, how);
    CHECK(is_nan(out[0]));
    CHECK(out[1] == Approx(how == reduction::sum ? 4 : 2));
    CHECK(reduced(losses, 2, 2, how, {1, 0, 1, 1})[0] == Approx(1));
  }
}

TEST_CASE("reduce: a row without a kept element is NaN, so is one without columns") {
  const reduction how = GENERATE(reduction::mean, reduction::sum, reduction::max);
  const std::vector<float> out = reduced(two_rows, 2, 3, how, {0, 0, 0, 1, 1, 1});
  CHECK(is_nan(out[0]));
  CHECK_FALSE(is_nan(out[1]));
  for (const float value : reduced(std::vector<float>{}, 3, 0, how)) CHECK(is_nan(value));
  CHECK(reduced(std::vector<float>{}, 0, 4, how).empty());
}

TEST_CASE("reduce: sizes that do not fit are refused with both, and nothing written") {
  std::vector<float> out(2, 77.0f);
  const auto run = [&](std::size_t room, const mask& keep, std::size_t stride) {
    gs::reduce(gs::loss_matrix<float>{two_rows.data(), 2, 3, stride}, keep, reduction::mean,
               std::span(out).first(room));
  };
  CHECK_THROWS_AS(run(1, {}, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(run(1, {}, 0), contains("2 rows") && contains("room for 1"));
  CHECK_THROWS_AS(run(2, mask(5, 1), 0), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, mask(5, 1), 0), contains("2 x 3") && contains("mask of 5"));
  CHECK_THROWS_AS(run(2, {}, 2), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, {}, 2), contains("rows of 3") && contains("stride of 2"));
  CHECK(out == std::vector<float>(2, 77.0f));
}
