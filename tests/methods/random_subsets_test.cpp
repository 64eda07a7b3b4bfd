// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/random_subsets.hpp>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

auto make(double keep, std::int64_t n, bool with_replacement = false) {
  return ms::random_subsets{.keep = keep, .with_replacement = with_replacement}.make(
      {.examples = n, .seed = 4});
}

}  // namespace

TEST_CASE(
    "random_subsets: disjoint subsets that cover everything, then the same in another order") {
  auto method = make(0.25, 100);
  std::vector<std::int64_t> first;
  for (std::uint32_t round = 0; round < 3; ++round) {
    std::vector<int> visits(100, 0);
    for (std::uint32_t epoch = 4 * round; epoch < 4 * round + 4; ++epoch) {
      const auto train = support::to_vector(method.plan(epoch).train());
      REQUIRE(train.size() == 25);
      if (epoch == 0) first = train;
      if (epoch == 4) CHECK(train != first);
      for (const std::int64_t id : train) ++visits[static_cast<std::size_t>(id)];
    }
    CHECK(visits == std::vector<int>(100, 1));
  }
}

TEST_CASE("random_subsets: where the share does not divide, nobody waits longer than two rounds") {
  for (const double keep : {0.3, 0.7, 0.15, 1.0}) {
    auto method = make(keep, 103);
    const auto most = static_cast<std::size_t>(keep * 103);
    std::vector<std::uint32_t> last(103, 0);
    std::uint64_t visits = 0;
    for (std::uint32_t epoch = 0; epoch < 60; ++epoch) {
      const auto plan = method.plan(epoch);
      CHECK(plan.size() <= most);
      visits += plan.size();
      for (const std::int64_t id : plan.train()) last[static_cast<std::size_t>(id)] = epoch;
      for (const std::uint32_t visit : last) CHECK((epoch - visit) * most <= 2 * 103);
    }
    CHECK(static_cast<double>(visits) > 0.9 * 60 * static_cast<double>(most));
  }
}

// alpha = 1e-4, n = 4000 epochs of 5 of 20, 20 degrees of freedom (of which one is fixed).
TEST_CASE("random_subsets: with replacement everyone is drawn alike, epoch by epoch anew") {
  auto method = make(0.25, 20, true);
  std::vector<std::uint64_t> counts(20, 0);
  for (std::uint32_t epoch = 0; epoch < 4000; ++epoch) {
    REQUIRE(method.plan(epoch).size() == 5);
    for (const std::int64_t id : method.plan(epoch).train()) ++counts[static_cast<std::size_t>(id)];
  }
  CHECK(support::chi_squared_binomial(counts, std::vector<double>(20, 0.25), 4000) <
        support::chi_squared_critical(20));
}

TEST_CASE("random_subsets: a warm-up trains on all; a state is of one kind of subsets") {
  auto method = ms::random_subsets{.keep = 0.5, .warm_up = 1}.make({.examples = 10, .seed = 1});
  CHECK(method.plan(0).size() == 10);
  CHECK(method.plan(1).size() == 5);
  auto other = make(0.25, 20, true);
  CHECK(support::refuses(other, make(0.25, 20, false).save()));
  CHECK_THROWS_WITH(make(0, 20), contains("random_subsets: keep is 0"));
}
