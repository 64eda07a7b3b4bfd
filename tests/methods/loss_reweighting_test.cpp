// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/loss_reweighting.hpp>

#include <cmath>
#include <numeric>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

std::vector<float> weights(ms::reweighting by, const std::vector<float>& losses, double r = 1) {
  std::vector<float> out(losses.size(), -1.0f);
  ms::loss_reweighting{by, r}.write_weights(losses, out);
  return out;
}

}  // namespace

TEST_CASE("loss_reweighting: softmax of each form over losses scaled to [-1, 1], of mean 1") {
  const std::vector<float> losses = {1, 2, 3, 4, 5};  // -1, -.5, 0, .5, 1
  const auto check = [&](ms::reweighting by, const std::vector<double>& form, double r) {
    const auto w = weights(by, losses, r);
    double sum = 0;
    for (const double f : form) sum += std::exp(f / r);
    for (std::size_t i = 0; i < 5; ++i) CHECK(w[i] == Approx(5 * std::exp(form[i] / r) / sum));
    CHECK(std::accumulate(w.begin(), w.end(), 0.0) == Approx(5));
  };
  for (const double r : {1.0, 0.1, 10.0}) {
    check(ms::reweighting::upper, {-1, -.5, 0, 0, 0}, r);
    check(ms::reweighting::quadratic, {0, .75, 1, .75, 0}, r);
    check(ms::reweighting::extremes, {1, .5, 0, .5, 1}, r);
    check(ms::reweighting::none, {0, 0, 0, 0, 0}, r);
  }
}

TEST_CASE("loss_reweighting: the offset d of the paper's min(l + d, d) cancels out") {
  const auto w = weights(ms::reweighting::upper, {0, 1, 2, 3});
  double sum = 0;
  const double d = 0.7, scaled[] = {-1, -1.0 / 3, 1.0 / 3, 1};
  for (const double l : scaled) sum += std::exp(std::min(l + d, d));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(w[i] == Approx(4 * std::exp(std::min(scaled[i] + d, d)) / sum));
  }
}

TEST_CASE("loss_reweighting: NaN has weight 0 and no part; equal losses, one and none") {
  const auto w = weights(ms::reweighting::upper, {1, support::nan_f(), 3, support::infinity_f()});
  CHECK(w[1] == 0.0f);
  CHECK(w[3] == 0.0f);
  CHECK(w[0] + w[2] == Approx(2));
  CHECK(w[2] / w[0] == Approx(std::exp(1.0)));
  CHECK(weights(ms::reweighting::upper, std::vector<float>(3, 7)) == std::vector<float>{1, 1, 1});
  CHECK(weights(ms::reweighting::quadratic, {4}) == std::vector<float>{1});
  CHECK(weights(ms::reweighting::extremes, {}).empty());
  CHECK(weights(ms::reweighting::extremes, {support::nan_f()}) == std::vector<float>{0});
  // As far apart as floats can be.
  CHECK(weights(ms::reweighting::upper, {-3e38f, 3e38f, 0}, 1e-3) ==
        std::vector<float>{0, 1.5f, 1.5f});
}

TEST_CASE("loss_reweighting: however small r is, the mean is 1 and the greatest have the weights") {
  const std::vector<float> three = {1, 2, 3}, extreme = {1, 3, 1, 3}, equal(3, 7);
  for (const double r : {5e-3, 1e-3, 1e-12}) {
    CHECK(weights(ms::reweighting::none, three, r) == std::vector<float>{1, 1, 1});
    CHECK(weights(ms::reweighting::upper, three, r) == std::vector<float>{0, 1.5f, 1.5f});
    CHECK(weights(ms::reweighting::quadratic, three, r) == std::vector<float>{0, 3, 0});
    CHECK(weights(ms::reweighting::extremes, three, r) == std::vector<float>{1.5f, 0, 1.5f});
    CHECK(weights(ms::reweighting::quadratic, extreme, r) == std::vector<float>(4, 1.0f));
    for (const auto by : {ms::reweighting::upper, ms::reweighting::quadratic,
                          ms::reweighting::extremes, ms::reweighting::none}) {
      CHECK(weights(by, equal, r) == std::vector<float>(3, 1.0f));
    }
  }
}

TEST_CASE("loss_reweighting: a part of a global batch is scaled by the global bounds") {
  const std::vector<float> whole = {1, 5, 2, 4}, part = {2, 4};
  const auto bounds = ms::loss_reweighting::bounds_of(whole);
  CHECK(bounds.least == 1.0f);
  CHECK(bounds.greatest == 5.0f);
  std::vector<float> w(2);
  ms::loss_reweighting{}.write_weights(part, bounds, w);
  CHECK(w[1] / w[0] == Approx(std::exp(0.5)));
  CHECK(ms::loss_reweighting::bounds_of(std::vector<float>{}).greatest == 0.0f);
}

TEST_CASE("loss_reweighting: sizes that differ and an r that is not above 0 are refused") {
  std::vector<float> out(2, -1.0f);
  const std::vector<float> losses = {1, 2, 3}, two = {1, 2};
  CHECK_THROWS_AS(ms::loss_reweighting{}.write_weights(losses, out), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::loss_reweighting{}.write_weights(losses, out), contains("room for 2"));
  for (const double r : {0.0, -1.0, support::nan_d()}) {
    CHECK_THROWS_AS((ms::loss_reweighting{ms::reweighting::upper, r}.write_weights(two, out)),
                    gs::invalid_argument);
  }
  CHECK(out == std::vector<float>(2, -1.0f));
}
