// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A least number selected of each batch: a BatchNorm needs two.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;

TEST_CASE("min_batch: a pick never selects fewer, as far as the batch goes") {
  gs::sieve sieve({.policy = gs::power{8.0}, .history = 16, .seed = 2, .min_batch = 2});
  gs::sieve plain({.policy = gs::power{8.0}, .history = 16, .seed = 2});
  std::size_t filled = 0;
  for (std::uint32_t step = 0; step < 200; ++step) {
    const floats losses = support::random_losses(16, step);
    const auto drawn = to_vector(plain.pick(losses).positions());
    const auto picked = sieve.pick(losses);
    CHECK(picked.size() == (std::max)(drawn.size(), std::size_t{2}));
    CHECK(picked.filled() == picked.size() - drawn.size());
    filled += picked.filled();
    for (std::size_t i = 0; i < picked.size(); ++i) {
      const bool was_drawn = std::count(drawn.begin(), drawn.end(), picked.positions()[i]) != 0;
      if (!was_drawn) CHECK(picked.probabilities()[i] == 1.0f);
    }
    for (const float weight : picked.weights(gs::normalisation::mean_one)) {
      CHECK(gs::is_finite(gs::to_key(weight)));
    }
  }
  CHECK(filled > 50);
  CHECK(sieve.pick(floats{0.5f}).size() == 1);
  CHECK(sieve.pick(floats{}).empty());
  CHECK(sieve.pick(floats{support::nan_f(), 0.5f, support::nan_f()}).size() == 1);
}

TEST_CASE("min_batch: the ids of what was added go to the queue and the ledger") {
  gs::sieve sieve({.examples = 4,
                   .policy = gs::uniform{0.0},
                   .history = 4,
                   .queue = {.batch_size = 2},
                   .min_batch = 2});
  const std::vector<int> ids = {0, 1, 2, 3};
  sieve.pick(ids, floats{1, 2, 3, 4});
  while (sieve.queue().next()) {
  }
  const auto picked = to_vector(sieve.pick(ids, floats{1, 2, 3, 4}).ids());
  CHECK(picked.size() == 2);
  CHECK(to_vector(sieve.queue().next().ids()) == picked);
  for (const std::int64_t id : picked) CHECK(sieve.ledger().at(id).selected() == 1);
}

TEST_CASE("min_batch: a saved state remembers it") {
  gs::sieve two({.min_batch = 2}), none({});
  CHECK_THROWS_AS(none.load(two.save()), gs::state_error);
}
