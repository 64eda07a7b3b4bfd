// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/ratio_schedule.hpp>
#include <gradsieve/select/top_k.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

TEST_CASE("ratio_cycle: after any number of steps the budget is that of the rates, rounded once") {
  for (const std::size_t n : {1u, 7u, 64u, 1000u}) {
    const ms::ratio_cycle cycle(0.5, 0.25, 3, 2);  // high is .875
    CHECK(cycle.high() == Approx(0.875));
    CHECK(cycle.mean() == Approx(0.5));
    std::size_t selected = 0;
    for (std::uint32_t step = 0; step < 500; ++step) {
      const double rates = step / 5 * 2.5 + std::min(step % 5, 3u) * 0.25 +
                           (step % 5 > 3 ? step % 5 - 3 : 0) * 0.875;
      CHECK(selected == static_cast<std::size_t>(rates * static_cast<double>(n)));
      CHECK(cycle.total(step, n) == selected);
      selected += cycle(step, n);
      CHECK(cycle(step, n) <= n);
    }
    CHECK(selected == 500 * n / 2);
  }
}

TEST_CASE("ratio_cycle: the last steps that there are keep the budget") {
  const ms::ratio_cycle cycle(0.5, 0.3, 100, 100);
  constexpr std::uint64_t all = std::uint64_t{1} << 32;
  CHECK(cycle.total(all, 1000) - cycle.total(all - 200, 1000) == Approx(200 * 500).margin(1));
  CHECK(cycle(0xffffffffu, 10) <= 10);
  CHECK(ms::ratio_cycle()(5, 8) == 4);
}

TEST_CASE("ratio_schedule: phases of low and high, by any selector of k") {
  const ms::ratio_schedule options{
      .mean = 0.5,
      .low = 0.25,
      .low_steps = 2,
      .high_steps = 1,
      .decision = {.beta = 1, .history = 8, .queued = false, .warm_up = 0}};
  auto method = options.make({.seed = 3});
  auto top = options.make<gs::top_k_selector>({.seed = 3});
  for (int step = 0; step < 30; ++step) {
    const std::size_t expected = step % 3 == 2 ? 8 : 2;
    CHECK(method.pick(support::ramp(8)).size() == expected);
    CHECK(top.pick(support::ramp(8)).size() == expected);
  }
  CHECK(support::to_vector(top.pick(support::ramp(8)).positions()) ==
        std::vector<std::uint32_t>{6, 7});
}

// alpha = 1e-4, n = 20000 picks; dependent counts have a smaller statistic.
TEST_CASE("ratio_schedule: by default in proportion to Selective-Backprop's probabilities") {
  const ms::ratio_schedule options{
      .mean = 0.25,
      .low = 0.25,
      .low_steps = 1,
      .high_steps = 1,
      .decision = {.beta = 1, .history = 8, .queued = false, .warm_up = 0}};
  auto method = options.make({.seed = 3});
  auto counts = picking::counts(method, support::ramp(8), 20000);
  CHECK(counts[0] == 0);
  std::vector<double> p;
  for (int rank = 1; rank < 8; ++rank) p.push_back(2.0 * rank / 28);
  counts.erase(counts.begin());
  CHECK(support::chi_squared_binomial(counts, p, 20000) < support::chi_squared_critical(7));
}

TEST_CASE("ratio_schedule: cycles that cannot be, and states of another, are refused") {
  CHECK_THROWS_AS(ms::ratio_cycle(0.5, 0.6, 1, 1), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::ratio_cycle(0.5, 0.6, 1, 1), contains("mean 0.5") && contains("low 0.6"));
  CHECK_THROWS_AS(ms::ratio_cycle(0.5, 0.1, 0, 1), gs::invalid_argument);
  CHECK_THROWS_AS(ms::ratio_cycle(support::nan_d(), 0.1, 1, 1), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::ratio_cycle(0.8, 0.1, 3, 1), contains("high rate of 2.9"));
  auto other = ms::ratio_schedule{.low = 0.4}.make({});
  CHECK(support::refuses(other, ms::ratio_schedule{}.make({}).save()));
}
