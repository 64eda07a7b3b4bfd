// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/online_batch_selection.hpp>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

auto with_losses(const std::vector<float>& losses, const ms::online_batch_selection& options,
                 std::uint32_t epochs) {
  auto method = options.make(
      {.examples = static_cast<std::int64_t>(losses.size()), .epochs = epochs, .seed = 6});
  method.observe(support::ids_from(0, losses.size()), losses);
  return method;
}

}  // namespace

TEST_CASE(
    "online_batch_selection: the largest is drawn s^((n - 1) / n) times as often as the least") {
  gs::detail::buffer<std::uint64_t> masses;
  ms::ranked_draws_rule::write_rank_masses(100, 4, masses);
  const double expected[] = {1, 0.316228, 0.1, 0.0316228};
  for (std::size_t rank = 0; rank < 4; ++rank) {
    CHECK(static_cast<double>(masses[rank]) / 4294967296.0 == Approx(expected[rank]).epsilon(1e-5));
  }
}

// alpha = 1e-4, n = 3000 epochs of 8 draws, 7 degrees of freedom.
TEST_CASE("online_batch_selection: frequencies by rank, the largest loss first") {
  const std::vector<float> losses = {3, 8, 1, 6, 5, 2, 7, 4};
  auto method = with_losses(losses, {.first_pressure = 10, .last_pressure = 10}, 0);
  std::vector<std::uint64_t> counts(8, 0);  // by rank
  for (std::uint32_t epoch = 1; epoch <= 3000; ++epoch) {
    REQUIRE(method.plan(epoch).size() == 8);
    for (const std::int64_t id : method.plan(epoch).train()) {
      ++counts[8 - static_cast<std::size_t>(losses[static_cast<std::size_t>(id)])];
    }
  }
  std::vector<double> expected;
  double sum = 0;
  for (int rank = 0; rank < 8; ++rank) sum += std::pow(10, -rank / 8.0);
  for (int rank = 0; rank < 8; ++rank) expected.push_back(24000 * std::pow(10, -rank / 8.0) / sum);
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(7));
}

TEST_CASE("online_batch_selection: the pressure falls to 1 at the run's end, where all are alike") {
  // The share of the largest of 50 losses, over many runs' last and first epochs.
  const auto share = [](std::uint32_t epoch) {
    auto method = with_losses(support::ramp(50), {.first_pressure = 1000}, 1000);
    double top = 0;
    for (std::uint32_t e = epoch; e < epoch + 100; ++e) {
      for (const std::int64_t id : method.plan(e).train()) top += id >= 25 ? 1 : 0;
    }
    return top / (100 * 50);
  };
  CHECK(share(1) > 0.9);
  CHECK(share(900) == Approx(0.5).margin(0.1));
  CHECK(share(1500) == Approx(0.5).margin(0.04));
}

TEST_CASE(
    "online_batch_selection: those without a loss rank first; equal ones by id; keep shortens") {
  auto method =
      ms::online_batch_selection{.first_pressure = 1e9, .last_pressure = 1e9, .keep = 0.5}.make(
          {.examples = 4, .seed = 2});
  method.observe(std::vector{0, 1, 3}, std::vector<float>{5, 5, support::nan_f()});
  std::vector<int> counts(4, 0);
  for (std::uint32_t epoch = 1; epoch < 400; ++epoch) {
    CHECK(method.plan(epoch).size() == 2);
    for (const std::int64_t id : method.plan(epoch).train()) ++counts[static_cast<std::size_t>(id)];
  }
  CHECK(counts[2] > counts[3]);
  CHECK(counts[3] > counts[0]);
  CHECK(counts[1] == 0);
}

TEST_CASE("online_batch_selection: what cannot be is refused") {
  const ms::run_shape run{.examples = 4, .epochs = 4};
  using method = ms::online_batch_selection;
  CHECK_THROWS_WITH(method{.first_pressure = 0.5}.make(run), contains("pressure is 0.5"));
  CHECK_THROWS_AS(method{.last_pressure = support::nan_d()}.make(run), gs::invalid_argument);
  CHECK_THROWS_AS(method{.keep = 0}.make(run), gs::invalid_argument);
  CHECK_THROWS_WITH(method{}.make({.examples = 4}), contains("epochs"));
}
