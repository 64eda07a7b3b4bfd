// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/schedule/work_schedule.hpp>

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

static_assert(std::is_trivially_copyable_v<gs::work_schedule>);

const std::vector<gs::work_schedule> all_shapes = {gs::constant_rate{}, gs::linear_decay{},
                                                   gs::cosine_decay{}, gs::step_decay{}};

}  // namespace

TEST_CASE("work_schedule: a constant rate is 1 throughout") {
  const gs::work_schedule rate = gs::constant_rate{};
  for (const int done : {0, 1, 50, 99, 100, 1000}) CHECK(rate(done, 100) == 1.0);
}

TEST_CASE("work_schedule: linear decay") {
  const gs::work_schedule decay = gs::linear_decay{};
  CHECK(decay(0, 8) == 1.0);
  CHECK(decay(2, 8) == 0.75);
  CHECK(decay(7, 8) == 0.125);
  const gs::work_schedule to_a_tenth = gs::linear_decay{.end = 0.1};
  CHECK(to_a_tenth(0, 8) == 1.0);
  CHECK(to_a_tenth(4, 8) == Approx(0.55));
  CHECK(to_a_tenth(8, 8) == 0.1);
}

TEST_CASE("work_schedule: cosine decay") {
  const gs::work_schedule decay = gs::cosine_decay{};
  const double pi = std::acos(-1.0);
  for (int done = 0; done <= 20; ++done) {
    CHECK(decay(done, 20) == Approx(0.5 * (1 + std::cos(pi * done / 20.0))).margin(1e-15));
  }
  CHECK(gs::work_schedule(gs::cosine_decay{.end = 0.2})(1, 2) == Approx(0.6));
}

TEST_CASE("work_schedule: step decay drops at its shares and not before") {
  const gs::work_schedule decay = gs::step_decay{};
  CHECK(decay(0, 100) == 1.0);
  CHECK(decay(49, 100) == 1.0);
  CHECK(decay(50, 100) == Approx(0.1));
  CHECK(decay(74, 100) == Approx(0.1));
  CHECK(decay(75, 100) == Approx(0.01));
  CHECK(decay(1000, 100) == Approx(0.01));
  // A share written in hundredths is met at its hundredth: 0.55 * 100 is above 55, 55 / 100 is not.
  for (int percent = 1; percent <= 100; ++percent) {
    const gs::work_schedule one = gs::step_decay{.factor = 0.5, .at = {percent / 100.0}};
    CHECK(one(percent - 1, 100) == 1.0);
    CHECK(one(percent, 100) == 0.5);
  }
}

TEST_CASE("work_schedule: the warm-up rises from 0 along a line, then the decay has the rest") {
  const gs::work_schedule linear = gs::linear_decay{.warm_up = 0.2};
  CHECK(linear(0, 100) == 0.0);
  CHECK(linear(5, 100) == Approx(0.25));
  CHECK(linear(20, 100) == 1.0);
  CHECK(linear(60, 100) == Approx(0.5));
  CHECK(linear(100, 100) == 0.0);
  const gs::work_schedule cosine = gs::cosine_decay{.warm_up = 0.5};
  CHECK(cosine(25, 100) == Approx(0.5));
  CHECK(cosine(50, 100) == 1.0);
  CHECK(cosine(75, 100) == Approx(0.5));
  // The shares of a step decay are of the whole budget.
  const gs::work_schedule steps = gs::step_decay{.warm_up = 0.25, .at = {0.5}};
  CHECK(steps(25, 200) == Approx(0.5));
  CHECK(steps(99, 200) == 1.0);
  CHECK(steps(100, 200) == Approx(0.1));
  const gs::work_schedule constant = gs::constant_rate{.warm_up = 0.25};
  CHECK(constant(25, 200) == Approx(0.5));
  CHECK(constant(50, 200) == 1.0);
}

TEST_CASE("work_schedule: exact at the ends and beyond, whatever the total") {
  for (const double total : {1.0, 3.0, 0.1, 1e-300, 123456789.0, 1e300}) {
    CHECK(gs::work_schedule(gs::linear_decay{})(0.0, total) == 1.0);
    CHECK(gs::work_schedule(gs::cosine_decay{})(0.0, total) == 1.0);
    CHECK(gs::work_schedule(gs::cosine_decay{.end = 0.3})(0.0, total) == 1.0);
    for (const double done : {total, 2 * total, support::infinity_d()}) {
      CHECK(gs::work_schedule(gs::linear_decay{.warm_up = 0.3})(done, total) == 0.0);
      CHECK(gs::work_schedule(gs::cosine_decay{.warm_up = 0.3})(done, total) == 0.0);
      CHECK(gs::work_schedule(gs::cosine_decay{.end = 0.3})(done, total) == 0.3);
      CHECK(gs::work_schedule(gs::constant_rate{.warm_up = 0.3})(done, total) == 1.0);
    }
    CHECK(gs::work_schedule(gs::cosine_decay{.warm_up = 0.3})(0.0, total) == 0.0);
  }
}

TEST_CASE("work_schedule: a decay never rises and stays in [end, 1]") {
  for (const gs::work_schedule& decay : all_shapes) {
    double before = 1;
    for (std::uint64_t done = 0; done <= 1000; ++done) {
      const double factor = decay(done, 997);
      CHECK(factor <= before);
      CHECK(factor >= 0);
      before = factor;
    }
  }
}

TEST_CASE("work_schedule: work in integers and in floating point") {
  const gs::work_schedule decay = gs::linear_decay{};
  CHECK(decay(std::uint64_t{1}, 4) == 0.75);
  CHECK(decay(1.0f, std::uint64_t{4}) == 0.75);
  CHECK(decay(std::uint64_t{1} << 62, std::uint64_t{1} << 63) == 0.5);
}

TEST_CASE("work_schedule: equal when made of the same term, and told apart in a saved state") {
  const std::vector<gs::work_schedule> different = {
      gs::constant_rate{},          gs::linear_decay{},
      gs::cosine_decay{},           gs::step_decay{},
      gs::constant_rate{0.1},       gs::linear_decay{.warm_up = 0.1},
      gs::linear_decay{.end = 0.1}, gs::step_decay{.factor = 0.5},
      gs::step_decay{.at = {0.5}}};
  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t j = 0; j < different.size(); ++j) {
      CHECK((different[i] == different[j]) == (i == j));
      CHECK((different[i].fingerprint() == different[j].fingerprint()) == (i == j));
    }
  }
  CHECK(gs::work_schedule(gs::cosine_decay{.warm_up = 0.5}).fingerprint() ==
        gs::work_schedule(gs::cosine_decay{.warm_up = 0.5}).fingerprint());
}

TEST_CASE("work_schedule: bad terms are refused and the message names the values") {
  CHECK_THROWS_AS(gs::work_schedule(gs::linear_decay{.warm_up = 1.0}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::work_schedule(gs::linear_decay{.warm_up = 1.0}),
                    contains("linear_decay") && contains("warm_up is 1"));
  CHECK_THROWS_WITH(gs::work_schedule(gs::cosine_decay{.warm_up = -0.5}), contains("-0.5"));
  CHECK_THROWS_AS(gs::work_schedule(gs::constant_rate{.warm_up = support::nan_d()}),
                  gs::invalid_argument);
  CHECK_THROWS_AS(gs::work_schedule(gs::cosine_decay{.end = support::nan_d()}),
                  gs::invalid_argument);
  CHECK_THROWS_WITH(gs::work_schedule(gs::linear_decay{.end = 1.5}), contains("end is 1.5"));
  CHECK_THROWS_WITH(gs::work_schedule(gs::step_decay{.factor = 2}), contains("factor is 2"));
}

TEST_CASE("work_schedule: shares that do not ascend in (0, 1] are refused") {
  const auto at = [](std::array<double, 8> shares) {
    return gs::work_schedule(gs::step_decay{.at = shares});
  };
  CHECK_THROWS_AS(at({0.5, 0.5}), gs::invalid_argument);
  CHECK_THROWS_WITH(at({0.75, 0.5}), contains("0.5") && contains("0.75"));
  CHECK_THROWS_AS(at({0.5, 1.5}), gs::invalid_argument);
  CHECK_THROWS_AS(at({-0.5}), gs::invalid_argument);
  CHECK_THROWS_AS(at({0.5, 0.0, 0.75}), gs::invalid_argument);
  CHECK_THROWS_AS(at({support::nan_d()}), gs::invalid_argument);
  CHECK_NOTHROW(at({}));
  CHECK_NOTHROW(at({0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0}));
}

TEST_CASE("work_schedule: work that is no number, and a budget of nothing, are refused") {
  const gs::work_schedule decay = gs::linear_decay{};
  CHECK_THROWS_AS(decay(-1, 10), gs::invalid_argument);
  CHECK_THROWS_WITH(decay(-1, 10), contains("done is -1"));
  CHECK_THROWS_AS(decay(support::nan_d(), 10), gs::invalid_argument);
  CHECK_THROWS_AS(decay(-support::infinity_d(), 10), gs::invalid_argument);
  CHECK_THROWS_AS(decay(1, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(decay(1, 0), contains("total is 0"));
  CHECK_THROWS_AS(decay(1, -10), gs::invalid_argument);
  CHECK_THROWS_AS(decay(1, support::nan_d()), gs::invalid_argument);
  CHECK_THROWS_AS(decay(1, support::infinity_d()), gs::invalid_argument);
  CHECK(decay(-0.0, 10) == 1.0);
}
