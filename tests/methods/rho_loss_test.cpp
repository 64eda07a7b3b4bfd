// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/rho_loss.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

const std::vector<float> irreducible = {1.9f, .3f, .1f, 3.1f};
const std::vector<float> losses = {2, 1.5f, .2f, 3};
const std::vector<std::int64_t> ids = {0, 1, 2, 3};

}  // namespace

TEST_CASE("rho_loss: the published scores .1, 1.2, .1, -.1, by id and not by position") {
  const ms::excess_loss score(irreducible);
  const float expected[] = {.1f, 1.2f, .1f, -.1f};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(score(ids[i], losses[i], 0, 0) == Approx(expected[i]).margin(1e-6));
  }
  auto method = ms::rho_loss{irreducible, 0.25}.make({.examples = 4});
  CHECK(support::to_vector(method.pick(ids, losses).ids()) == std::vector<std::int64_t>{1});
  // The same examples in another order.
  CHECK(support::to_vector(
            method.pick(std::vector{3, 2, 1, 0}, std::vector{3.f, .2f, 1.5f, 2.f}).ids()) ==
        std::vector<std::int64_t>{1});
  CHECK(method.ledger().at(3).loss() == 3.0f);  // the ledger keeps the losses
}

TEST_CASE("rho_loss: a tenth of 320, and NaN irreducible losses are never selected") {
  std::vector<float> il(320, 1.0f);
  il[319] = support::nan_f();
  auto method = ms::rho_loss{il}.make({.examples = 320, .batch_size = 320});
  const auto picked = method.pick(support::ids_from(0, 320), support::ramp(320));
  CHECK(picked.size() == 31);  // int(.1 x 319), as one is left out
  CHECK(picked.ids().back() == 318);
}

// alpha = 1e-4, n = 30000 draws of one of four, 3 degrees of freedom.
TEST_CASE("rho_loss_boltzmann: one of four in proportion to exp(excess / temperature)") {
  auto method = ms::rho_loss_boltzmann{irreducible, 0.25, 0.8}.make({.examples = 4, .seed = 1});
  std::vector<std::uint64_t> counts(4, 0);
  for (int i = 0; i < 30000; ++i) ++counts[method.pick(ids, losses).positions()[0]];
  const double excess[] = {.1, 1.2, .1, -.1};
  std::vector<double> expected;
  double sum = 0;
  for (const double e : excess) sum += std::exp(e / 0.8);
  for (const double e : excess) expected.push_back(30000 * std::exp(e / 0.8) / sum);
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(3));
}

TEST_CASE("rho_loss: an irreducible loss for each example, ids, and sound numbers are needed") {
  CHECK_THROWS_WITH(ms::rho_loss{irreducible}.make({.examples = 5}),
                    contains("4 irreducible losses for 5"));
  CHECK_THROWS_AS((ms::rho_loss{irreducible, 0}.make({.examples = 4})), gs::invalid_argument);
  auto method = ms::rho_loss{irreducible}.make({.examples = 4});
  CHECK_THROWS_WITH(method.pick(losses), contains("needs ids"));
  using boltzmann = ms::rho_loss_boltzmann;
  CHECK_THROWS_AS((boltzmann{irreducible, 2}.make({.examples = 4})), gs::invalid_argument);
  for (const double t : {0.0, -1.0, support::nan_d()}) {
    CHECK_THROWS_AS((boltzmann{irreducible, .5, t}.make({.examples = 4})), gs::invalid_argument);
  }
  // Beyond the irreducible losses there is no score.
  CHECK_FALSE(gs::is_finite(gs::to_key(ms::excess_loss(irreducible)(4, 1.0f, 0, 0))));
}
