// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/work_costs.hpp>

#include "catch.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

TEST_CASE("work_costs: an epoch costs its passes, and what it was chosen by") {
  const gs::work_costs price{.forward = 1, .backward = 2, .selection = 0.5};
  const gs::epoch_work work{.offered = 100, .trained = 30, .scored = 10};
  CHECK(work.cost(price, false) == Approx(30 * 3 + 10));
  CHECK(work.cost(price, true) == Approx(30 * 3 + 10 + 50));
}

TEST_CASE("cost_meter: before it has measured it tells its prior") {
  const gs::work_costs costs =
      gs::cost_meter({.forward = 5, .backward = 7, .selection = 2}).costs();
  CHECK(costs.forward == Approx(5));
  CHECK(costs.backward == Approx(7));
  CHECK(costs.selection == Approx(2));
}

TEST_CASE("cost_meter: what was measured wins, the rest keeps its proportion") {
  gs::cost_meter meter({.forward = 1, .backward = 2, .selection = 0.01});
  meter.trained(100, 0.4);
  meter.trained(200, 0.5);  // 3 ms each
  CHECK(meter.costs().forward == Approx(0.001));
  CHECK(meter.costs().backward == Approx(0.002));
  CHECK(meter.costs().selection == Approx(0.00001));
  meter.forwarded(1000, 0.5);
  CHECK(meter.costs().forward == Approx(0.0005));
  CHECK(meter.costs().backward == Approx(0.0025));
  meter.selected(1000, 7);
  CHECK(meter.costs().selection == Approx(0.007));
}

TEST_CASE("cost_meter: a forward pass that seems dearer than a whole step is not believed") {
  gs::cost_meter meter;
  meter.trained(10, 3);
  meter.forwarded(10, 4);
  CHECK(meter.costs().forward == Approx(0.1));
  CHECK(meter.costs().backward == Approx(0.2));
}

TEST_CASE("cost_meter: a prior by which training is free is refused, one free pass is not") {
  CHECK_THROWS_WITH(gs::cost_meter({.forward = 0, .backward = 0, .selection = 0}),
                    contains("0 and 0") && contains("above 0"));
  CHECK_THROWS_AS(gs::cost_meter({.forward = 0, .backward = 0, .selection = 1}),
                  gs::invalid_argument);
  gs::cost_meter meter({.forward = 0, .backward = 2, .selection = 0});
  meter.trained(10, 3);
  CHECK(meter.costs().backward == Approx(0.3));
  CHECK(meter.costs().selection == 0.0);
}

TEST_CASE("cost_meter: times and costs that cannot be are refused") {
  CHECK_THROWS_WITH(gs::cost_meter({.forward = -1}), contains("prior is -1"));
  CHECK_THROWS_AS(gs::cost_meter({.selection = support::nan_d()}), gs::invalid_argument);
  gs::cost_meter meter;
  CHECK_THROWS_WITH(meter.trained(3, -0.5), contains("-0.5"));
  CHECK_THROWS_AS(meter.forwarded(3, support::nan_d()), gs::invalid_argument);
  CHECK_THROWS_AS(meter.selected(3, std::numeric_limits<double>::infinity()), gs::invalid_argument);
  CHECK(meter.costs().forward == Approx(1));
}
