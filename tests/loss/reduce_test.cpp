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

TEST_CASE("reduce: small losses survive beside large ones") {
  std::vector<float> row(1001, 1.0f);
  row[0] = 16777216.0f;  // where a float's steps are 2
  CHECK(reduced(row, 1, 1001, reduction::sum) == std::vector<float>{16778216.0f});
  // No mean exceeds every element, at however many of them.
  const std::vector<float> equal(std::size_t{1} << 20, 0.1f);
  CHECK(reduced(equal, 1, equal.size(), reduction::mean) == std::vector<float>{0.1f});
}

TEST_CASE("reduce: subnormal losses are not flushed to zero, whatever the flags") {
  const float least = support::float_of(1), twice = support::float_of(2);
  const std::vector<float> row = {twice, least, least, support::float_of(0x80000001)};
  const auto bits = [&](reduction how, const mask& keep) {
    return gs::float_bits(reduced(row, 1, 4, how, keep)[0]);
  };
  CHECK(bits(reduction::max, {}) == 2);
  CHECK(bits(reduction::sum, {}) == 3);
  CHECK(bits(reduction::sum, {1, 1, 1, 0}) == 4);
  CHECK(bits(reduction::mean, {1, 0, 0, 0}) == 2);
  CHECK(bits(reduction::max, {0, 0, 0, 1}) == 0x80000001u);
}

TEST_CASE("reduce: what sums to more than a float holds is its largest value") {
  const std::vector<float> row(3, 3e38f);
  CHECK(reduced(row, 1, 3, reduction::sum) == std::vector<float>{support::float_of(0x7f7fffff)});
  CHECK(reduced(row, 1, 3, reduction::mean) == std::vector<float>{3e38f});
}

TEST_CASE("reduce: pinned to the bit, on every compiler and under every flag") {
  std::vector<float> losses(1000);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    losses[i] = static_cast<float>((i * 7919) % 1009) * 0.001f;
  }
  CHECK(gs::float_bits(reduced(losses, 1, 1000, reduction::sum)[0]) == 0x43fc56c9u);
  CHECK(gs::float_bits(reduced(losses, 1, 1000, reduction::mean)[0]) == 0x3f013294u);
}

TEST_CASE("reduce: the targets say what is left out") {
  const std::vector<int> targets = {5, -100, 2, -100, -100, -100};
  mask keep(6);
  gs::write_keep(targets, keep);
  const std::vector<float> out = reduced(two_rows, 2, 3, reduction::mean, keep);
  CHECK(out[0] == Approx(3.5));
  CHECK(is_nan(out[1]));
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
