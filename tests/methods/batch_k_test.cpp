// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/batch_k.hpp>
#include <gradsieve/methods/ordered_sgd.hpp>
#include <gradsieve/methods/uniform.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

using positions = std::vector<std::uint32_t>;

TEST_CASE("top_k and low_k: the share's extremes of a batch, earlier ones of equal losses") {
  auto top = ms::top_k{.keep = 0.5}.make({});
  auto low = ms::low_k{.keep = 0.5}.make({});
  const std::vector<float> losses = {.1f, .4f, .2f, .3f, .4f};
  CHECK(support::to_vector(top.pick(losses).positions()) == positions{1, 4});
  CHECK(support::to_vector(low.pick(losses).positions()) == positions{0, 2});
  CHECK(support::to_vector(top.pick(std::vector<float>(4, 1.f)).positions()) == positions{0, 1});
  // int(.1 x 5) is 0: one all the same, and never all.
  CHECK(ms::top_k{.keep = 0.1}.make({}).pick(losses).size() == 1);
}

// alpha = 1e-4, n = 20000 draws of 3 of 8, 8 degrees of freedom (of which one is fixed).
TEST_CASE("random_k: exactly the share, everyone alike, whatever the losses") {
  auto method = ms::random_k{.keep = 0.375}.make({.seed = 5});
  const auto counts = picking::counts(method, support::ramp(8), 20000);
  const std::vector<double> p(8, 0.375);
  CHECK(support::chi_squared_binomial(counts, p, 20000) < support::chi_squared_critical(8));
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts) all += count;
  CHECK(all == 3 * 20000);
}

TEST_CASE("batch_k: shares outside (0, 1] are refused by the method's name") {
  CHECK_THROWS_WITH(ms::top_k{.keep = 0}.make({}), contains("top_k: keep is 0"));
  CHECK_THROWS_WITH(ms::low_k{.keep = 1.5}.make({}), contains("low_k: keep is 1.5"));
  CHECK_THROWS_WITH(ms::random_k{.keep = -1}.make({}), contains("random_k: keep is -1"));
}

TEST_CASE("ordered_sgd: q is s, s/2, s/4, s/8, s/16 by the accuracy, and never rises again") {
  auto method = ms::ordered_sgd{}.make({});
  const auto q = [&] { return method.pick(support::ramp(64)).size(); };
  const auto told = [&](double accuracy) {
    method.selector().count.told(accuracy);
    return q();
  };
  CHECK(q() == 64);
  CHECK(told(0.5) == 64);
  CHECK(told(0.7999) == 64);
  CHECK(told(0.80) == 32);
  CHECK(told(0.91) == 16);
  CHECK(told(0.85) == 16);
  CHECK(told(support::nan_d()) == 16);
  CHECK(told(0.95) == 8);
  CHECK(told(0.995) == 4);
  CHECK(method.pick(support::ramp(8)).size() == 1);
  CHECK(support::to_vector(method.pick(support::ramp(64)).positions()) ==
        positions{60, 61, 62, 63});
  auto resumed = ms::ordered_sgd{}.make({});
  resumed.load(method.save());
  CHECK(resumed.selector().count.halvings() == 4);
}

TEST_CASE("ordered_sgd: more than four halvings are refused by read") {
  gs::byte_writer out;
  out.put(std::uint32_t{5});
  gs::byte_reader in(out.view().data(), out.view().size());
  ms::accuracy_count count;
  CHECK_THROWS_AS(count.read(in), gs::state_error);
  CHECK(count.halvings() == 0);
}

TEST_CASE("uniform: every example once an epoch, in another order each time") {
  auto method = ms::uniform{}.make({.examples = 50, .seed = 2});
  std::vector<std::vector<std::int64_t>> orders;
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    auto& order = orders.emplace_back();
    for (const auto ids : method.plan(epoch).batches(8))
      order.insert(order.end(), ids.begin(), ids.end());
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == support::ids_from(0, 50));
    for (const std::int64_t id : order) method.observe(std::vector{id}, std::vector{1.0f});
  }
  CHECK(orders[0] != orders[1]);
  CHECK(method.work().skipped == 0);
}
