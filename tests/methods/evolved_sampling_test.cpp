// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/evolved_sampling.hpp>

#include <map>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

TEST_CASE("evolved_sampling: w = .2 s + .8 l, then s = .9 s + .1 l, from 1 / n") {
  ms::evolved_weights column(4, 0.2, 0.9);
  const std::vector<std::int64_t> ids = {2, 0};
  auto w = support::to_vector(column.update(ids, std::vector<float>{1, 3}));
  CHECK(w[0] == Approx(.2 * .25 + .8 * 1));
  CHECK(w[1] == Approx(.2 * .25 + .8 * 3));
  CHECK(column.mean(2) == Approx(.9 * .25 + .1 * 1));
  CHECK(column.mean(1) == 0.25f);
  w = support::to_vector(column.update(ids, std::vector<float>{2, support::nan_f()}));
  CHECK(w[0] == Approx(.2 * .325 + .8 * 2));
  CHECK_FALSE(gs::is_finite(gs::to_key(w[1])));
  CHECK(column.mean(0) == Approx(.9 * .25 + .1 * 3));
}

// alpha = 1e-4, n = 30000 picks of two of four, 5 degrees of freedom: pairs drawn one after
// another.
TEST_CASE("evolved_sampling: pairs in proportion to the weights, without replacement") {
  // b1 = 0: the weights are the losses.
  auto method = ms::evolved_sampling{.b1 = 0, .keep = 0.5, .annealing = 0}.make(
      {.examples = 4, .epochs = 1, .seed = 5});
  const std::vector<double> p = {.1, .4, .2, .3};
  std::map<std::vector<std::uint32_t>, std::uint64_t> seen;
  for (int i = 0; i < 30000; ++i) {
    ++seen[support::to_vector(
        method.pick(support::ids_from(0, 4), std::vector<float>{1, 4, 2, 3}).positions())];
  }
  std::vector<std::uint64_t> counts;
  std::vector<double> expected;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      counts.push_back(seen[{a, b}]);
      expected.push_back(30000 * p[a] * p[b] * (1 / (1 - p[a]) + 1 / (1 - p[b])));
    }
  }
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(5));
}

TEST_CASE("evolved_sampling: the first and the last twentieth of the epochs train on all") {
  auto method = ms::evolved_sampling{}.make({.examples = 16, .epochs = 40, .seed = 1});
  for (std::uint32_t epoch = 0; epoch < 40; ++epoch) {
    method.begin_epoch(epoch);
    const bool all = epoch < 2 || epoch >= 38;
    CHECK(method.pick(support::ids_from(0, 16), support::ramp(16)).size() == (all ? 16u : 4u));
  }
  CHECK(method.sieve().work().forwards == 40 * 16);
}

TEST_CASE("evolved_sampling: ids and sizes that do not fit are refused, and no mean changes") {
  auto method = ms::evolved_sampling{}.make({.examples = 3, .epochs = 4});
  const auto before = method.save();
  CHECK_THROWS_AS(method.pick(std::vector{1, 3}, std::vector<float>{1, 2}), gs::out_of_range);
  CHECK_THROWS_AS(method.pick(std::vector{-1}, std::vector<float>{1}), gs::out_of_range);
  CHECK_THROWS_WITH(method.pick(std::vector{1}, std::vector<float>{1, 2}), contains("1 ids and 2"));
  CHECK(method.save() == before);
}

TEST_CASE("evolved_sampling: damaged states and those of other options are refused") {
  auto method = ms::evolved_sampling{}.make({.examples = 3, .epochs = 4, .seed = 1});
  method.pick(std::vector{1}, std::vector<float>{2});
  CHECK(support::damages_accepted(method, method.save()) == 0);
  const auto refused = [&](const ms::evolved_sampling& options, const ms::run_shape& run) {
    auto other = options.make(run);
    return support::refuses(other, method.save());
  };
  CHECK(refused({}, {.examples = 4, .epochs = 4, .seed = 1}));
  CHECK(refused({.b1 = 0.1}, {.examples = 3, .epochs = 4, .seed = 1}));
  CHECK(refused({.keep = 0.5}, {.examples = 3, .epochs = 4, .seed = 1}));
  CHECK_FALSE(refused({}, {.examples = 3, .epochs = 4, .seed = 1}));
  gs::byte_writer out;
  for (const double b : {0.2, 0.9}) gs::detail::write_number(b, out);
  out.put(std::uint64_t{1});
  out.put(gs::float_bits(support::nan_f()));
  gs::byte_reader in(out.view().data(), out.view().size());
  CHECK_THROWS_WITH(ms::evolved_weights(1, 0.2, 0.9).read(in), contains("not finite"));
}

TEST_CASE("evolved_sampling: numbers outside their ranges are refused") {
  const ms::run_shape run{.examples = 3, .epochs = 4};
  using method = ms::evolved_sampling;
  CHECK_THROWS_WITH(method{.b1 = 2}.make(run), contains("b1 is 2"));
  CHECK_THROWS_WITH(method{.keep = 0}.make(run), contains("keep is 0"));
  CHECK_THROWS_AS(method{.annealing = 0.7}.make(run), gs::invalid_argument);
  CHECK_THROWS_WITH(method{}.make({.epochs = 4}), contains("number of examples"));
  CHECK_THROWS_WITH(method{}.make({.examples = 3}), contains("evolved_sampling: needs epochs"));
}
