// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/goss.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

TEST_CASE("goss: the largest fifth, a tenth of the rest, weighted by 8") {
  auto method = ms::goss{}.make({.seed = 1});
  const auto losses = support::random_losses(100, 3);
  auto sorted = losses;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const auto picked = method.pick(losses);
  REQUIRE(picked.size() == 30);
  CHECK(std::is_sorted(picked.positions().begin(), picked.positions().end()));
  const auto weights = picked.weights(gs::normalisation::unbiased);
  std::size_t top = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    const bool large = losses[picked.positions()[i]] >= sorted[19];
    CHECK(weights[i] == Approx(large ? 1 : 8));
    top += large ? 1 : 0;
  }
  CHECK(top == 20);
}

// alpha = 1e-4, n = 20000 picks of 2 of 16, 16 degrees of freedom (of which one is fixed).
TEST_CASE("goss: everyone of the rest is drawn alike") {
  auto method = ms::goss{}.make({.seed = 2});
  auto counts = picking::counts(method, support::ramp(20), 20000);
  for (std::size_t i = 16; i < 20; ++i) CHECK(counts[i] == 20000);
  counts.resize(16);
  CHECK(support::chi_squared_binomial(counts, std::vector<double>(16, 2.0 / 16), 20000) <
        support::chi_squared_critical(16));
}

TEST_CASE("goss: small batches, ties, what must be selected and what must not") {
  auto method = ms::goss{}.make({.seed = 2});
  CHECK(method.pick(support::ramp(1)).size() == 1);
  CHECK(method.pick(support::ramp(2)).size() == 2);
  const auto equal = method.pick(std::vector<float>(10, 3.0f));
  REQUIRE(equal.size() == 3);
  CHECK(equal.positions()[0] == 0);
  CHECK(equal.positions()[1] == 1);

  ms::goss_selector select(0.25, 0.25);
  std::vector<gs::loss_key> keys = {9, 8, gs::key_always, gs::key_never, 1};
  std::vector<std::uint32_t> out(5), all = {0, 1, 2, 3, 4};
  std::vector<float> p(5);
  for (std::uint32_t step = 0; step < 50; ++step) {
    REQUIRE(select.select({}, {}, {1, step}, {keys}, out) == 2);
    REQUIRE((out[0] == 2 || out[1] == 2));
    REQUIRE(out[0] != 3);
    REQUIRE(out[1] != 3);
  }
  select.inclusion({}, {}, {keys}, all, p);
  CHECK(p == std::vector<float>{1.0f / 3, 1.0f / 3, 1, 0, 1.0f / 3});
}

TEST_CASE("goss: shares that cannot be, and a state of others, are refused") {
  CHECK_THROWS_WITH(ms::goss{.top = 0}.make({}), contains("goss: top is 0"));
  CHECK_THROWS_WITH(ms::goss{.rest = 2}.make({}), contains("goss: rest is 2"));
  CHECK_THROWS_WITH((ms::goss{.top = .7, .rest = .7}.make({})), contains("exceed 1"));
  auto other = ms::goss{.top = 0.3}.make({});
  CHECK(support::refuses(other, ms::goss{}.make({}).save()));
}
