// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <stdexcept>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

namespace {

//! A plan of `n` ids out of some more.
gs::sieve planned(std::int64_t n, std::uint64_t seed = 1) {
  gs::sieve sieve(
      {.examples = 2 * n, .policy = gs::uniform{0.0}, .seed = seed, .refresh = gs::max_age{9}});
  for (std::int64_t id = 0; id < n; ++id) {
    sieve.observe(std::vector{2 * id}, std::vector{1.0f});  // the odd ids were never seen
  }
  return sieve;
}

std::vector<ids> batches_of(gs::plan_batches batches) {
  std::vector<ids> all;
  for (const auto batch : batches) all.push_back(to_vector(batch));
  return all;
}

ids joined(const std::vector<ids>& batches) {
  ids all;
  for (const ids& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

}  // namespace

TEST_CASE("plan: batches cover each planned id once, in shuffled order") {
  const std::int64_t n = GENERATE(1, 2, 7, 8, 9, 100, 1000);
  const std::size_t batch_size = GENERATE(1u, 8u, 128u);
  gs::sieve sieve = planned(n);
  const gs::plan_view plan = sieve.plan(0);
  REQUIRE(plan.size() == static_cast<std::size_t>(n));
  const std::vector<ids> batches = batches_of(plan.batches(batch_size));
  CHECK(batches.size() == plan.batch_count(batch_size));
  for (std::size_t i = 0; i + 1 < batches.size(); ++i) CHECK(batches[i].size() == batch_size);
  ids all = joined(batches);
  if (n >= 100) CHECK_FALSE(std::is_sorted(all.begin(), all.end()));
  std::sort(all.begin(), all.end());
  CHECK(all == to_vector(plan.train()));
}

TEST_CASE("plan: drop leaves the short last batch out") {
  gs::sieve sieve = planned(10);
  const gs::plan_view plan = sieve.plan(0);
  CHECK(plan.batch_count(4) == 3);
  CHECK(plan.batch_count(4, gs::last_batch::drop) == 2);
  CHECK(plan.batch_count(5) == 2);
  CHECK(plan.batch_count(5, gs::last_batch::drop) == 2);
  CHECK(plan.batch_count(11) == 1);
  CHECK(plan.batch_count(11, gs::last_batch::drop) == 0);
  const std::vector<ids> all = batches_of(plan.batches(4));
  const std::vector<ids> full = batches_of(plan.batches(4, gs::last_batch::drop));
  CHECK(full == std::vector<ids>(all.begin(), all.begin() + 2));
  CHECK(all.back().size() == 2);
}

TEST_CASE("plan: going on at a batch equals the tail") {
  gs::sieve sieve = planned(100);
  const gs::plan_view plan = sieve.plan(0);
  const std::vector<ids> all = batches_of(plan.batches(8));
  for (std::size_t first = 0; first <= all.size(); ++first) {
    gs::plan_batches rest = plan.batches(8, gs::last_batch::partial, first);
    const auto from = static_cast<std::ptrdiff_t>(first);
    CHECK(rest.size() == all.size() - static_cast<std::size_t>(from));
    CHECK(batches_of(rest) == std::vector<ids>(all.begin() + from, all.end()));
  }
  gs::plan_batches some = plan.batches(8, gs::last_batch::partial, 3);
  CHECK(to_vector(some[3]) == all[3]);
  CHECK(to_vector(some[0]) == all[0]);
  CHECK_THROWS_AS(plan.batches(8, gs::last_batch::partial, all.size() + 1), gs::out_of_range);
}

TEST_CASE("plan: the order differs from epoch to epoch and from seed to seed") {
  gs::sieve a = planned(50, 1), b = planned(50, 2);
  const ids first = joined(batches_of(a.plan(0).batches(8)));
  CHECK(joined(batches_of(a.plan(0).batches(8))) == first);
  CHECK(joined(batches_of(b.plan(0).batches(8))) != first);
  CHECK(to_vector(b.plan(0).train()) == to_vector(a.plan(0).train()));
  CHECK(joined(batches_of(a.plan(1).batches(8))) != first);
}

// Which pair of ids comes first, of 20 pairs, over 4000 epochs: df 19, alpha = 1e-4.
TEST_CASE("plan: every id is as likely to come first") {
  gs::sieve sieve = planned(20);
  std::vector<std::uint64_t> first(20);
  for (std::uint32_t epoch = 0; epoch < 4000; ++epoch) {
    gs::plan_batches batches = sieve.plan(epoch).batches(1);
    ++first[static_cast<std::size_t>(batches[0][0]) / 2];
  }
  CHECK(support::chi_squared_even(first) < support::chi_squared_critical(19));
}

TEST_CASE("plan: an empty plan has no batch") {
  gs::sieve sieve({.examples = 4, .policy = gs::uniform{0.0}, .refresh = gs::max_age{9}});
  sieve.observe(support::ids_from(0, 4), support::ramp(4));
  const gs::plan_view plan = sieve.plan(1);
  CHECK(plan.size() == 0);
  CHECK(plan.batch_count(8) == 0);
  CHECK(batches_of(plan.batches(8)).empty());
}

TEST_CASE("plan: says its epoch, and the sieve is in it") {
  gs::sieve sieve = planned(4);
  CHECK(sieve.plan(3).epoch() == 3);
  CHECK(sieve.epoch() == 3);
}

TEST_CASE("plan: a plan asked for again brings its epoch back") {
  gs::sieve sieve = planned(4);
  sieve.plan(3);
  sieve.begin_epoch(4);
  CHECK(sieve.plan(3).epoch() == 3);
  CHECK(sieve.epoch() == 3);  // "implies begin_epoch"
}

TEST_CASE("plan: the last one is there to be read, until its ids mean other examples") {
  gs::sieve sieve({.examples = 5, .policy = gs::uniform{1}});
  CHECK_FALSE(sieve.has_plan());
  CHECK_THROWS_AS(sieve.last_plan(), gs::invalid_argument);
  sieve.plan(3);
  const gs::sieve& only_read = sieve;
  CHECK(only_read.has_plan());
  CHECK(only_read.last_plan().epoch() == 3);
  CHECK(only_read.last_plan().size() == 5);
  CHECK(support::to_vector(only_read.last_plan().keys()) ==
        std::vector<gs::loss_key>(5, gs::key_always));
  sieve.compact(std::vector<int>{4, 2});
  CHECK_FALSE(sieve.has_plan());
  CHECK_THROWS_WITH(sieve.last_plan(), contains("there is none"));
}

TEST_CASE("plan: ages run modulo 4096 epochs") {
  gs::sieve sieve({.examples = 2, .policy = gs::uniform{0.0}, .refresh = gs::max_age{3}});
  sieve.begin_epoch(4095);
  sieve.observe(ids{0, 1}, std::vector{1.0f, 2.0f});
  CHECK(sieve.plan(4096).size() == 0);
  CHECK(sieve.plan(4097).size() == 0);
  CHECK(sieve.plan(4098).size() == 2);
}

TEST_CASE("plan: a batch size of 0 and carry are refused") {
  gs::sieve sieve = planned(4);
  const gs::plan_view plan = sieve.plan(0);
  CHECK_THROWS_AS(plan.batch_count(0), gs::invalid_argument);
  CHECK_THROWS_AS(plan.batches(0), gs::invalid_argument);
  CHECK_THROWS_WITH(plan.batches(0), contains("batch_size is 0"));
  CHECK_THROWS_AS(plan.batches(4, gs::last_batch::carry), gs::invalid_argument);
  CHECK_THROWS_WITH(plan.batch_count(4, gs::last_batch::carry), contains("carry"));
}

TEST_CASE("plan: an example whose losses were all NaN is trained until it has one") {
  gs::sieve sieve({.examples = 4, .policy = gs::power{1.0, 0.5}, .history = 4});
  sieve.plan(0);
  sieve.observe(ids{0, 1, 2, 3}, floats{1, 2, 3, support::nan_f()});
  for (std::uint32_t epoch = 1; epoch < 20; ++epoch) {
    const auto train = sieve.plan(epoch).train();
    REQUIRE_FALSE(train.empty());
    CHECK(train.back() == 3);
  }
  sieve.observe(ids{3}, floats{0.5f});
  std::size_t planned = 0;
  for (std::uint32_t epoch = 20; epoch < 220; ++epoch) {
    const auto train = sieve.plan(epoch).train();
    planned += std::size_t{!train.empty() && train.back() == 3};
  }
  CHECK(planned < 200);
}

TEST_CASE("plan: the probability of each planned example, as drawn") {
  gs::sieve sieve({.examples = 5, .policy = gs::power{1.0, 0.25}, .history = 4, .seed = 5});
  CHECK(sieve.plan(0).probability(3) == 1.0);
  sieve.observe(ids{0, 1, 2, 3}, floats{4, 3, 2, 1});  // 4 was never seen
  const gs::plan_view plan = sieve.plan(1);
  sieve.observe(plan.train(), floats(plan.size(), 9));  // what comes later changes nothing
  const std::vector<double> expected{.75, .5, .25, .25, 1};
  for (const std::int64_t id : plan.train()) {
    CHECK(plan.probability(id) == expected[static_cast<std::size_t>(id)]);
  }
  CHECK_THROWS_AS(plan.probability(5), gs::out_of_range);
}

namespace {

struct throws_at {
  std::int64_t id = 0;
  std::uint32_t epoch = 0;
  bool due(std::int64_t candidate, std::uint32_t, std::uint32_t now) const {
    if (candidate == id && now == epoch) throw std::runtime_error("due");
    return false;
  }
};

}  // namespace

TEST_CASE("plan: a refresh rule that throws leaves no half of a plan behind") {
  using sieve_type = gs::basic_sieve<gs::loss_window, gs::poisson_selector, throws_at>;
  sieve_type sieve({.examples = 10000, .policy = gs::uniform{1.0}, .refresh = {5000, 1}});
  sieve.observe(ids{0}, floats{1});
  CHECK_THROWS_AS(sieve.plan(1), std::runtime_error);
  CHECK_THROWS_AS(sieve.plan(1), std::runtime_error);
  CHECK(sieve.epoch() == 0);
  CHECK(sieve.plan(2).size() == 10000);
  CHECK_THROWS_AS(sieve.plan(1), std::runtime_error);  // nor the plan before
  CHECK_FALSE(sieve.has_plan());
}

TEST_CASE("plan: a score that throws while quantiles are counted leaves no plan either") {
  gs::sieve sieve({.examples = 10,
                   .policy = gs::uniform{1.0},
                   .by = [](std::int64_t, float loss, std::uint32_t age, gs::group_id) {
                     if (age == 2) throw std::runtime_error("score");
                     return loss;
                   }});
  sieve.plan(0);
  sieve.observe(ids{0}, floats{1});
  CHECK(sieve.plan(1).selective());
  CHECK_THROWS_AS(sieve.plan(2), std::runtime_error);
  CHECK_FALSE(sieve.has_plan());
  CHECK(sieve.plan(3).size() == 10);
}

TEST_CASE("plan: batches larger than any plan are one batch") {
  gs::sieve all({.examples = 3, .policy = gs::uniform{1.0}});
  const gs::plan_view plan = all.plan(0);
  const std::size_t huge = ~std::size_t{0};
  CHECK(plan.batch_count(huge) == 1);
  CHECK(plan.batches(huge)[0].size() == 3);
  CHECK_THROWS_AS(plan.batches(2)[2], gs::out_of_range);
}
