// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Running statistics against numbers worked out by hand, and none at all.
#include <gradsieve/boost/running.hpp>

#include <cmath>
#include <functional>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::statistics::running;

TEST_CASE("running: count, moments, extrema, quantiles and rolling mean") {
  running losses({.quantiles = {0.25, 0.5, 0.75}, .rolling = 3});
  for (const float loss : {2.0f, -1.0f, 4.0f, 3.0f, 2.0f}) losses.push(loss);
  CHECK(losses.count() == 5);
  CHECK(losses.mean() == Approx(2.0));
  CHECK(losses.variance() == Approx(14.0 / 5));
  CHECK(losses.minimum() == -1.0);
  CHECK(losses.maximum() == 4.0);
  CHECK(losses.quantile(0.5) == 2.0);
  CHECK(losses.quantile(0.75) == 3.0);
  CHECK(losses.rolling_mean() == Approx(3.0));
}

TEST_CASE("running: of one loss") {
  running losses;
  losses.push(-0.5);
  CHECK(losses.mean() == -0.5);
  CHECK(losses.variance() == 0.0);
  CHECK(losses.minimum() == -0.5);
  CHECK(losses.maximum() == -0.5);
  CHECK(losses.rolling_mean() == -0.5);
  CHECK(losses.quantile(0.9) == -0.5);
}

TEST_CASE("running: the variance of losses far from 0 does not cancel") {
  running losses;
  for (int i = 0; i < 1000; ++i) losses.push(i % 2 == 0 ? 16777215.0f : 16777213.0f);
  CHECK(losses.variance() == Approx(1.0).epsilon(1e-6));
}

TEST_CASE("running: the rolling mean forgets what came before its window") {
  running losses({.rolling = 10});
  for (int i = 0; i < 100; ++i) losses.push(1000.0f);
  for (int i = 0; i < 10; ++i) losses.push(1.0f);
  CHECK(losses.rolling_mean() == Approx(1.0));
}

TEST_CASE("running: what is not finite never enters and is counted") {
  running losses;
  losses.push(1.0f);
  losses.push(support::nan_f());
  losses.push(support::negative_nan_f());
  losses.push(support::infinity_d());
  losses.push_key(gs::key_never);
  losses.push_key(gs::key_always);
  CHECK(losses.count() == 1);
  CHECK(losses.rejected() == 5);
  CHECK(losses.mean() == 1.0);
  CHECK(losses.maximum() == 1.0);
}

TEST_CASE("running: of no loss there are no statistics") {
  running losses;
  losses.push(support::nan_f());
  CHECK(losses.count() == 0);
  const std::pair<const char*, std::function<double()>> all[] = {
      {"mean", [&] { return losses.mean(); }},
      {"variance", [&] { return losses.variance(); }},
      {"minimum", [&] { return losses.minimum(); }},
      {"maximum", [&] { return losses.maximum(); }},
      {"rolling_mean", [&] { return losses.rolling_mean(); }},
      {"quantile", [&] { return losses.quantile(0.5); }}};
  for (const auto& [name, statistic] : all) {
    CHECK_THROWS_AS(statistic(), gs::invalid_argument);
    CHECK_THROWS_WITH(statistic(), contains(name) && contains("no loss so far"));
  }
}

TEST_CASE("running: bad options are refused") {
  CHECK_THROWS_WITH(running({.rolling = 0}), contains("rolling is 0"));
  CHECK_THROWS_AS(running({.rolling = (1u << 24) + 1}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {}}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {0.9, 0.1}}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {0.5, 1.5}}), gs::invalid_argument);
}

TEST_CASE("running: after reset it is as new, with the same options") {
  running losses({.quantiles = {0.5}, .rolling = 2});
  for (const float loss : support::random_losses(100)) losses.push(loss);
  losses.push(support::nan_f());
  losses.reset();
  CHECK(losses.count() == 0);
  CHECK(losses.rejected() == 0);
  for (const float loss : {5.0f, 1.0f, 3.0f}) losses.push(loss);
  CHECK(losses.mean() == Approx(3.0));
  CHECK(losses.rolling_mean() == Approx(2.0));
  CHECK(losses.quantile(0.5) == 3.0);
}
