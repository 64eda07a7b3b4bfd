// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/weights.hpp>

#include <vector>

#include "catch.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::normalisation;

namespace {

std::vector<float> weights(const std::vector<float>& probabilities, normalisation scale,
                           const gs::weight_options& options = {}) {
  std::vector<float> out(probabilities.size(), -1.0f);
  gs::write_weights(probabilities, scale, options, out);
  return out;
}

const std::vector<float> halves = {0.5f, 0.25f, 1.0f, 0.125f};  // inverses 2, 4, 1, 8: sum 15

}  // namespace

TEST_CASE("weights: none is 1") {
  CHECK(weights(halves, normalisation::none) == std::vector<float>{1, 1, 1, 1});
  CHECK(weights(halves, normalisation::none, {.cap = 3}) == std::vector<float>{1, 1, 1, 1});
}

TEST_CASE("weights: unbiased is one over the probability") {
  CHECK(weights(halves, normalisation::unbiased) == std::vector<float>{2, 4, 1, 8});
}

TEST_CASE("weights: self_normalised sums to 1") {
  const std::vector<float> w = weights(halves, normalisation::self_normalised);
  const double expected[] = {2 / 15.0, 4 / 15.0, 1 / 15.0, 8 / 15.0};
  for (std::size_t i = 0; i < 4; ++i) CHECK(double{w[i]} == Approx(expected[i]));
}

TEST_CASE("weights: mean_one has mean 1") {
  const std::vector<float> w = weights(halves, normalisation::mean_one);
  const double expected[] = {8 / 15.0, 16 / 15.0, 4 / 15.0, 32 / 15.0};
  for (std::size_t i = 0; i < 4; ++i) CHECK(double{w[i]} == Approx(expected[i]));
}

TEST_CASE("weights: a cap bounds the inverse before it is scaled") {
  CHECK(weights(halves, normalisation::unbiased, {.cap = 4}) == std::vector<float>{2, 4, 1, 4});
  const std::vector<float> w = weights(halves, normalisation::mean_one, {.cap = 4});
  CHECK(double{w[3]} == Approx(16 / 11.0));  // inverses 2, 4, 1, 4: sum 11
  const std::vector<float> s = weights(halves, normalisation::self_normalised, {.cap = 4});
  CHECK(double{s[3]} == Approx(4 / 11.0));
}

TEST_CASE("weights: the least probability a table can hold has a finite weight") {
  CHECK(weights({0x1p-32f}, normalisation::unbiased) == std::vector<float>{0x1p32f});
}

TEST_CASE("weights: none selected gives no weights") {
  CHECK(weights({}, normalisation::none).empty());
  CHECK(weights({}, normalisation::unbiased).empty());
  CHECK(weights({}, normalisation::self_normalised).empty());
  CHECK(weights({}, normalisation::mean_one).empty());
}

TEST_CASE("weights: room for another number of weights is refused") {
  std::vector<float> out = {7, 7, 7};
  CHECK_THROWS_AS(gs::write_weights(halves, normalisation::none, {}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::write_weights(halves, normalisation::none, {}, out),
                    contains("4 probabilities") && contains("room for 3"));
  CHECK(out == std::vector<float>{7, 7, 7});
}

TEST_CASE("weights: a negative cap is refused and nothing written") {
  std::vector<float> out = {7, 7, 7, 7};
  CHECK_THROWS_AS(
      gs::write_weights(halves, normalisation::unbiased, {.cap = support::nan_d()}, out),
      gs::invalid_argument);
  CHECK_THROWS_AS(gs::write_weights(halves, normalisation::unbiased, {.cap = -1}, out),
                  gs::invalid_argument);
  CHECK_THROWS_WITH(gs::write_weights(halves, normalisation::unbiased, {.cap = -1}, out),
                    contains("-1"));
  CHECK(out == std::vector<float>{7, 7, 7, 7});
}

TEST_CASE(
    "weights: a cap that is NaN is refused, whatever the flags; zero of either sign is none") {
  std::vector<float> out = {7, 7, 7, 7};
  const auto run = [&](double cap) {
    gs::write_weights(halves, normalisation::unbiased, {.cap = cap}, out);
  };
  CHECK_THROWS_AS(run(support::nan_d()), gs::invalid_argument);
  CHECK_THROWS_AS(run(support::double_of(0xfff8000000000000u)), gs::invalid_argument);
  CHECK(out == std::vector<float>{7, 7, 7, 7});
  for (const double none : {-0.0, 0.0, support::infinity_d()}) {
    CHECK_NOTHROW(run(none));
    const double expected[] = {2, 4, 1, 8};
    for (std::size_t i = 0; i < 4; ++i) CHECK(double{out[i]} == Approx(expected[i]));
  }
}

TEST_CASE("weights: what cannot be a selected example's probability is refused by position") {
  for (const float bad : {0.0f, -0.0f, -0.5f, support::nan_f(), support::infinity_f()}) {
    const std::vector<float> p = {0.5f, bad};
    std::vector<float> out = {7, 7};
    for (const auto scale :
         {normalisation::unbiased, normalisation::self_normalised, normalisation::mean_one}) {
      CHECK_THROWS_AS(gs::write_weights(p, scale, {}, out), gs::invalid_argument);
      CHECK_THROWS_WITH(gs::write_weights(p, scale, {}, out), contains("position 1"));
    }
    CHECK(out == std::vector<float>{7, 7});
    CHECK(weights(p, normalisation::none) == std::vector<float>{1, 1});
  }
  // Counts that are expected of draws with replacement may exceed 1.
  CHECK(weights({2, 0.5f}, normalisation::unbiased) == std::vector<float>{0.5f, 2});
}

TEST_CASE("weights: sizes that differ are refused with both") {
  std::vector<float> out(3, 7.0f);
  CHECK_THROWS_AS(gs::write_weights(halves, normalisation::unbiased, {}, out),
                  gs::invalid_argument);
  CHECK_THROWS_WITH(gs::write_weights(halves, normalisation::unbiased, {}, out),
                    contains("4 probabilities") && contains("room for 3"));
}

TEST_CASE("effective sample size: n for equal weights, (sum w)^2 / sum w^2 otherwise") {
  const auto effective = [](const std::vector<float>& w) { return gs::effective_sample_size(w); };
  CHECK(effective({3, 3, 3, 3}) == Approx(4));
  CHECK(effective({1, 2, 3}) == Approx(36.0 / 14));
  CHECK(effective({5, 0, 0}) == Approx(1));
  CHECK(effective({7}) == Approx(1));
  CHECK(effective({}) <= 0);
  CHECK(effective({0, 0}) <= 0);
  CHECK(effective({1e30f, 1e30f}) == Approx(2));  // in double, so that squares do not overflow
}
