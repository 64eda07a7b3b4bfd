// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "paired.hpp"

#include <cmath>

#include "catch.hpp"

namespace {

TEST_CASE("study: a mean's interval and p are Student's") {
  // Student 1908, extra hours of sleep: mean 1.58, t 4.0621 on 9 degrees, p 0.002833.
  const auto sleep = study::mean_of({1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4});
  CHECK(sleep.count == 10);
  CHECK(sleep.mean == Approx(1.58));
  CHECK(sleep.lower == Approx(0.7001142).epsilon(1e-6));
  CHECK(sleep.upper == Approx(2.4598858).epsilon(1e-6));
  CHECK(sleep.p == Approx(0.00283289).epsilon(1e-5));
}

TEST_CASE("study: too few values have no interval, equal ones an empty one") {
  CHECK(study::mean_of({}).count == 0);
  CHECK(std::isnan(study::mean_of({}).mean));
  CHECK(study::mean_of({3}).mean == 3);
  CHECK(std::isnan(study::mean_of({3}).p));
  CHECK(study::mean_of({2, 2, 2}).lower == 2);
  CHECK(study::mean_of({2, 2, 2}).p == 0);
  CHECK(study::mean_of({0, 0}).p == 1);
}

TEST_CASE("study: Holm's p values") {
  const auto adjusted = study::holm({.01, .04, .03, .005, 0 / 0.});
  CHECK(adjusted[0] == Approx(.03));
  CHECK(adjusted[1] == Approx(.06));
  CHECK(adjusted[2] == Approx(.06));
  CHECK(adjusted[3] == Approx(.02));
  CHECK(std::isnan(adjusted[4]));
  CHECK(study::holm({.6, .7}) == std::vector<double>{1, 1});
}

}  // namespace
