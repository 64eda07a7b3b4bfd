// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/info_batch.hpp>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

auto with_losses(const std::vector<float>& losses, const ms::info_batch& options = {},
                 std::uint32_t epochs = 200) {
  auto method = options.make(
      {.examples = static_cast<std::int64_t>(losses.size()), .epochs = epochs, .seed = 9});
  method.observe(support::ids_from(0, losses.size()), losses);
  return method;
}

}  // namespace

TEST_CASE("info_batch: exactly int((1 - r) m) of those below the mean, with weight 1 / (1 - r)") {
  // Mean 4.5: m = 5 below it.
  const std::vector<float> losses = {1, 9, 2, 9, 3, 9, 1, 1};
  for (const double ratio : {0.0, 0.5, 0.75, 0.9}) {
    auto method = with_losses(losses, {.ratio = ratio});
    const auto kept = static_cast<std::size_t>((1 - ratio) * 5);
    for (std::uint32_t epoch = 1; epoch < 50; ++epoch) {
      const auto plan = method.plan(epoch);
      REQUIRE(plan.size() == 3 + kept);
      for (const std::int64_t id : plan.train()) {
        const bool high = losses[static_cast<std::size_t>(id)] > 4.5f;
        REQUIRE(plan.weight(id) == (high ? 1.0f : static_cast<float>(1 / (1 - ratio))));
      }
    }
  }
}

// alpha = 1e-4, n = 4000 epochs of 4 of 8, 8 degrees of freedom (of which one is fixed).
TEST_CASE("info_batch: everyone below the mean is kept alike") {
  std::vector<float> losses(10, 1);
  losses[3] = losses[7] = 50;
  auto method = with_losses(losses, {.delta = 1}, 5000);
  std::vector<std::uint64_t> counts(10, 0);
  for (std::uint32_t epoch = 1; epoch <= 4000; ++epoch) {
    for (const std::int64_t id : method.plan(epoch).train()) ++counts[static_cast<std::size_t>(id)];
  }
  CHECK(counts[3] == 4000);
  CHECK(counts[7] == 4000);
  std::erase(counts, 4000u);
  REQUIRE(counts.size() == 8);
  CHECK(support::chi_squared_binomial(counts, std::vector<double>(8, 0.5), 4000) <
        support::chi_squared_critical(8));
}

TEST_CASE("info_batch: the last eighth trains on all with weight 1, whole or not") {
  for (const std::uint32_t epochs : {16u, 201u, 30u, 7u}) {
    auto method = with_losses({1, 1, 1, 1, 9}, {}, epochs);
    for (std::uint32_t epoch = 1; epoch < epochs; ++epoch) {
      const auto plan = method.plan(epoch);
      const bool off = 8 * epoch >= 7 * epochs;
      REQUIRE(plan.size() == (off ? 5u : 3u));
      if (off) {
        for (const std::int64_t id : plan.train()) REQUIRE(plan.weight(id) == 1.0f);
      }
    }
  }
}

TEST_CASE(
    "pitfall: a float mean larger than every element: of equal losses none is below the mean") {
  for (const float value : {0.1f, 1e-30f, 3e38f, -0.7f, 0.0f}) {
    auto method = with_losses(std::vector<float>(100000, value));
    CHECK(method.plan(1).size() == 100000);
    CHECK(method.plan(1).weight(5) == 1.0f);
  }
}

TEST_CASE(
    "info_batch: examples without a loss are trained with weight 1 and are no part of the mean") {
  auto method = ms::info_batch{}.make({.examples = 6, .epochs = 20, .seed = 1});
  method.observe(std::vector{0, 1, 2, 3}, std::vector<float>{1, 1, 10, support::nan_f()});
  const auto plan = method.plan(1);
  CHECK(plan.size() == 5);  // one of ids 0 and 1; 2; 3, 4 and 5 without a loss
  CHECK(plan.weight(3) == 1.0f);
  CHECK(plan.weight(5) == 1.0f);
}

TEST_CASE("info_batch: a quantile in the place of the mean") {
  // Ranks 0 ... 9: floor(.3 x 10) = 3 are below the threshold, one of them is kept.
  auto method = with_losses({5, 3, 9, 1, 8, 2, 7, 4, 6, 0}, {.quantile = 0.3});
  const auto plan = method.plan(1);
  CHECK(plan.size() == 8);
  for (const std::int64_t id : plan.train()) {
    const bool low = id == 3 || id == 5 || id == 9;
    CHECK(plan.weight(id) == (low ? 2.0f : 1.0f));
  }
  CHECK(with_losses({1, 1, 1}, {.quantile = 1}).plan(1).size() == 3);
}

TEST_CASE("info_batch: numbers outside their ranges are refused by name") {
  const ms::run_shape run{.examples = 4, .epochs = 4};
  CHECK_THROWS_WITH(ms::info_batch{.ratio = 1}.make(run), contains("ratio is 1"));
  CHECK_THROWS_WITH(ms::info_batch{.ratio = -.1}.make(run), contains("ratio is -0.1"));
  CHECK_THROWS_WITH(ms::info_batch{.quantile = 2}.make(run), contains("quantile is 2"));
  CHECK_THROWS_AS(ms::info_batch{.delta = 2}.make(run), gs::invalid_argument);
}
