// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sketch: exact at first, near later, and what it is told wrongly.
#include <gradsieve/boost/p_square_sketch.hpp>

#include "catch.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::statistics::p_square_sketch;

namespace {

std::vector<std::byte> bytes_of(const p_square_sketch& sketch) {
  gs::byte_writer out;
  sketch.write(out);
  return {out.view().begin(), out.view().end()};
}

}  // namespace

TEST_CASE("p_square_sketch: with few losses its quantiles are theirs") {
  p_square_sketch sketch({0.1, 0.5, 0.9});
  CHECK(sketch.start() == 9);
  CHECK(sketch.size() == 3);
  for (const double loss : {3.0, 1.0, 4.0, 1.5}) sketch.push(loss);
  CHECK(sketch.count() == 4);
  CHECK(sketch.quantile(0.1) == 1.0);
  CHECK(sketch.quantile(0.3) == 1.5);
  CHECK(sketch.quantile(0.5) == 3.0);
  CHECK(sketch.quantile(0.9) == 4.0);
}

TEST_CASE("p_square_sketch: with as many losses as markers each marker is one") {
  p_square_sketch sketch({0.25, 0.75});
  for (const double loss : {7.0, 1.0, 6.0, 2.0, 5.0, 3.0, 4.0}) sketch.push(loss);
  CHECK(sketch.quantile(0.25) == 3.0);
  CHECK(sketch.quantile(0.75) == 5.0);
  CHECK(sketch.quantile(0.5) == 4.0);  // between the two, linear
  CHECK(sketch.quantile(0.375) == 3.5);
}

TEST_CASE("p_square_sketch: estimates of many losses are near their quantiles") {
  p_square_sketch sketch({0.05, 0.5, 0.95});
  support::random_source random(1);
  for (int i = 0; i < 20000; ++i) sketch.push(static_cast<double>(random.unit()));
  for (const double q : {0.05, 0.5, 0.95}) CHECK(sketch.quantile(q) == Approx(q).margin(0.01));
  double previous = 0;
  sketch.for_each_estimate([&](double estimate) {
    CHECK(estimate >= previous);
    previous = estimate;
  });
}

TEST_CASE("p_square_sketch: probabilities that do not ascend between 0 and 1 are refused") {
  CHECK_THROWS_WITH(p_square_sketch({}), contains("no probability"));
  CHECK_THROWS_AS(p_square_sketch({}), gs::invalid_argument);
  CHECK_THROWS_WITH(p_square_sketch({0.0}), contains("0 after 0"));
  CHECK_THROWS_WITH(p_square_sketch({0.5, 1.0}), contains("1 after 0.5"));
  CHECK_THROWS_WITH(p_square_sketch({0.5, 0.5}), contains("0.5 after 0.5"));
  CHECK_THROWS_WITH(p_square_sketch({0.5, 0.4}), contains("0.4 after 0.5"));
  CHECK_THROWS_AS(p_square_sketch({-0.5}), gs::invalid_argument);
  CHECK_THROWS_AS(p_square_sketch({support::nan_d()}), gs::invalid_argument);
  CHECK_THROWS_AS(p_square_sketch({0.5, support::infinity_d()}), gs::invalid_argument);
}

TEST_CASE("p_square_sketch: quantiles that are not kept are refused") {
  p_square_sketch sketch({0.25, 0.75});
  CHECK_THROWS_WITH(sketch.quantile(0.5), contains("no loss so far"));
  for (int i = 0; i < 3; ++i) sketch.push(i);
  for (const double q : {0.0, 1.0, -0.5, 2.0, support::nan_d(), support::infinity_d()}) {
    CHECK_THROWS_AS(sketch.quantile(q), gs::invalid_argument);
    CHECK_THROWS_WITH(sketch.quantile(q), contains("not in (0, 1)"));
  }
  CHECK_THROWS_WITH(sketch.quantile(0.2), contains("0.2") && contains("0.25 to 0.75"));
  CHECK_THROWS_WITH(sketch.quantile(0.8), contains("0.8") && contains("0.25 to 0.75"));
}

TEST_CASE("p_square_sketch: its state goes on as it would have, and is refused by others") {
  for (int split = 0; split < 40; ++split) {
    p_square_sketch whole({0.3, 0.6}), second({0.3, 0.6});
    support::random_source random(2);
    for (int i = 0; i < split; ++i) whole.push(static_cast<double>(random.unit()));
    const auto bytes = bytes_of(whole);
    gs::byte_reader in(bytes);
    second.read(in);
    CHECK(in.left() == 0);
    for (int i = 0; i < 20; ++i) {
      const auto loss = static_cast<double>(random.unit());
      whole.push(loss);
      second.push(loss);
    }
    CHECK(bytes_of(whole) == bytes_of(second));

    p_square_sketch longer({0.3, 0.6, 0.9}), other({0.3, 0.7});
    const auto before = bytes_of(other);
    gs::byte_reader for_longer(bytes), for_other(bytes);
    CHECK_THROWS_WITH(longer.read(for_longer), contains("2") && contains("3"));
    CHECK_THROWS_WITH(other.read(for_other), contains("not the markers"));
    CHECK(bytes_of(other) == before);
  }
}

TEST_CASE("p_square_sketch: markers that no losses lead to are refused") {
  // The state is the count, then five lists with their lengths: 2 probabilities, 7 heights, 7
  // positions, 7 desired positions, 7 increments.
  constexpr std::size_t heights = 40, positions = 104, desired = 168, increments = 232;
  const auto state_after = [](int losses) {
    p_square_sketch sketch({0.3, 0.6});
    support::random_source random(3);
    for (int i = 0; i < losses; ++i) sketch.push(static_cast<double>(random.unit()));
    return bytes_of(sketch);
  };
  //! Whether the state is taken when two neighbouring numbers have changed places.
  const auto taken = [](std::vector<std::byte> bytes, std::size_t at) {
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + 8),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + 8));
    p_square_sketch sketch({0.3, 0.6});
    gs::byte_reader in(bytes);
    try {
      sketch.read(in);
    } catch (const gs::state_error&) {
      return false;
    }
    return true;
  };
  const auto many = state_after(100), few = state_after(4);
  REQUIRE(many.size() == 288);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK_FALSE(taken(many, heights + 8 * i));
    CHECK_FALSE(taken(many, positions + 8 * i));
    CHECK_FALSE(taken(many, increments + 8 * i));
    CHECK_FALSE(taken(few, positions + 8 * i));
    CHECK_FALSE(taken(few, desired + 8 * i));
    CHECK(taken(few, heights + 8 * i));  // these are losses in the order they came
  }
  CHECK_FALSE(taken(many, 16));  // the probabilities

  //! Whether the state is taken with `number` in the place of one.
  const auto taken_with = [&](std::vector<std::byte> bytes, std::size_t at, double number) {
    const auto bits = gs::detail::bit_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::byte>(bits >> (8 * i));
    p_square_sketch sketch({0.3, 0.6});
    gs::byte_reader in(bytes);
    try {
      sketch.read(in);
    } catch (const gs::state_error&) {
      return false;
    }
    return true;
  };
  for (const auto& state : {few, many}) {
    CHECK_FALSE(taken_with(state, heights, -1e39));  // no loss is so large
    CHECK_FALSE(taken_with(state, heights + 48, 1e39));
    CHECK_FALSE(taken_with(state, positions, 2.0));
  }
  CHECK(taken_with(few, heights + 48, 3e38));
  const double last = 100.0;
  CHECK(taken_with(many, positions + 48, last));
  CHECK_FALSE(taken_with(many, positions + 48, last + 1));
  for (const double number : {last - 0.5, last, -1e300, 1e300}) {
    CHECK_FALSE(taken_with(many, positions + 40, number));
  }
  auto longer = many;
  longer[0] = std::byte{101};
  p_square_sketch sketch({0.3, 0.6});
  gs::byte_reader in(longer);
  CHECK_THROWS_WITH(sketch.read(in), contains("not the markers of 2 quantiles after 101 losses"));
}
