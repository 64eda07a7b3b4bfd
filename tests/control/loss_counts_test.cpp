// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/loss_counts.hpp>

#include <algorithm>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::loss_counts;

TEST_CASE("loss_counts: a bin holds the losses from its edge to the next") {
  for (const float loss : {1e-30f, 0.001f, 0.3f, 1.0f, 2.302585f, 7.0f, 1e20f}) {
    const std::uint32_t bin = loss_counts::bin_of(gs::to_key(loss));
    CHECK(loss_counts::lower_edge(bin) <= loss);
    CHECK(loss < loss_counts::lower_edge(bin + 1));
    CHECK(loss_counts::lower_edge(bin + loss_counts::per_octave) ==
          Approx(2 * loss_counts::lower_edge(bin)));
  }
  CHECK(loss_counts::bin_of(gs::to_key(0.0f)) == 0);
  CHECK(loss_counts::bin_of(gs::to_key(-3.0f)) == 0);
  CHECK(loss_counts::bin_of(gs::to_key(3.4e38f)) == loss_counts::bins - 1);
}

TEST_CASE("loss_counts: quantiles are the order statistics' bins") {
  gs::loss_ledger ledger(1001);
  const auto losses = support::random_losses(1001);
  ledger.observe(support::ids_from(0, 1001), losses, 0);
  loss_counts counts;
  counts.count(ledger.entries());
  auto sorted = losses;
  std::sort(sorted.begin(), sorted.end());
  CHECK(counts.total() == 1001);
  for (const std::uint64_t tenth : {0u, 1u, 5u, 9u}) {
    const float expected = sorted[1001 * tenth / 10];
    CHECK(counts.quantile(tenth, 10) == loss_counts::bin_of(gs::to_key(expected)));
  }
  const std::uint32_t half = loss_counts::bin_of(gs::to_key(0.5f));
  CHECK(counts.below(half) ==
        static_cast<std::uint64_t>(
            std::count_if(losses.begin(), losses.end(), [](float loss) { return loss < 0.5f; })));
  CHECK(counts.below(loss_counts::bins + 9) == 1001);
}

TEST_CASE("loss_counts: only known losses of examples that were seen often enough count") {
  gs::loss_ledger ledger(5);
  using ids = std::vector<std::int64_t>;
  ledger.observe(ids{0, 1, 2, 3}, std::vector<float>{1, 1, 1, support::nan_f()}, 0);
  ledger.observe(ids{1, 2}, std::vector<float>{2, 2}, 1);
  ledger.retire(ids{2});
  loss_counts counts;
  counts.count(ledger.entries());
  CHECK(counts.total() == 2);
  counts.count(ledger.entries(), 2);
  CHECK(counts.total() == 1);
  CHECK(counts[loss_counts::bin_of(gs::to_key(2.0f))] == 1);
}
