// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/progressive_dropout.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

//! Cross-entropies of these probabilities of the true class.
std::vector<float> losses_of(const std::vector<double>& p) {
  std::vector<float> losses;
  for (const double each : p) losses.push_back(static_cast<float>(-std::log(each)));
  return losses;
}

}  // namespace

TEST_CASE("progressive_dropout: who is below tau, and tau itself is not") {
  auto method = ms::progressive_dropout{}.make({.epochs = 3});
  const auto losses = losses_of({.29, .3, .31, .9, .01, 1});
  CHECK(support::to_vector(method.pick(losses).positions()) == std::vector<std::uint32_t>{0, 4});
  CHECK(method.pick(losses_of({.5, .6})).empty());
  const auto picked = method.pick(losses);
  CHECK(support::to_vector(picked.probabilities()) == std::vector<float>{1, 1});
}

TEST_CASE("progressive_dropout: the last epoch trains on all, twin included") {
  const auto losses = losses_of({.1, .9, .9, .9});
  const auto check = [&](auto method) {
    for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
      method.begin_epoch(epoch);
      CHECK(method.pick(losses).size() == (epoch == 4 ? 4u : 1u));
    }
  };
  check(ms::progressive_dropout{}.make({.epochs = 5}));
  check(ms::progressive_dropout_random{}.make({.epochs = 5}));
}

// alpha = 1e-4, n = 20000 picks of 2 of 6, 6 degrees of freedom (of which one is fixed).
TEST_CASE("progressive_dropout_random: as many as the twin, everyone alike") {
  auto method = ms::progressive_dropout_random{}.make({.epochs = 2, .seed = 4});
  const auto losses = losses_of({.1, .9, .9, .2, .9, .9});
  const auto counts = picking::counts(method, losses, 20000);
  CHECK(support::chi_squared_binomial(counts, std::vector<double>(6, 2.0 / 6), 20000) <
        support::chi_squared_critical(6));
  const auto picked = method.pick(losses);
  CHECK(picked.probabilities()[0] == Approx(1.0 / 3));
}

TEST_CASE("progressive_dropout: tau outside (0, 1), no epochs, and a state of another tau") {
  for (const double tau : {0.0, 1.0, -1.0, support::nan_d()}) {
    CHECK_THROWS_AS(ms::progressive_dropout{tau}.make({.epochs = 2}), gs::invalid_argument);
    CHECK_THROWS_AS(ms::progressive_dropout_random{tau}.make({.epochs = 2}), gs::invalid_argument);
  }
  CHECK_THROWS_WITH(ms::progressive_dropout{}.make({}), contains("needs epochs"));
  auto other = ms::progressive_dropout{0.5}.make({.epochs = 2});
  CHECK(support::refuses(other, ms::progressive_dropout{}.make({.epochs = 2}).save()));
}
