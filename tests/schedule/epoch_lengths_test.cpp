// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Expected lengths of planned epochs, against the age distribution worked out step by step
//! from `staleness::due`, and against real plans.
#include <gradsieve/gradsieve.hpp>

#include <cmath>
#include <string>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

//! A sieve whose ledger holds n distinct losses: id i has the loss i + 1.
gs::sieve with_losses(gs::sieve_options options) {
  gs::sieve sieve(options);
  const auto n = static_cast<std::size_t>(options.examples);
  sieve.ledger().observe(support::ids_from(0, n), support::ramp(n), 0);
  return sieve;
}

//! The same by another way: each example's probability from the ledger's own quantiles, and the
//! distribution of its age carried from epoch to epoch.
std::vector<double> step_by_step(const gs::sieve& sieve, std::uint32_t epochs) {
  const gs::sieve_options& options = sieve.options();
  gs::sorted_window window(options.history);
  gs::key_quantiles workspace;
  sieve.ledger().quantiles(window.resize(options.history), workspace);
  const gs::loss_key guard = window.view().slots[sieve.compiled().guarded_rank()];
  std::vector<double> lengths(epochs);
  for (std::int64_t id = 0; id < options.examples; ++id) {
    const gs::loss_key key = sieve.ledger().at(id).key;
    const double p = gs::to_probability(sieve.compiled().view().mass_of(window.view(), key));
    std::vector<double> of_age(std::size_t{epochs} + 1);
    of_age[0] = 1;
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      const bool all = epoch == 0 || !options.active({epoch, epoch, epoch, options.total_epochs});
      double visited = 0;
      for (std::uint32_t age = epochs; age-- > 0;) {
        const bool due = options.refresh.due(id, age, epoch) && key <= guard;
        const double now = of_age[age] * (all || due ? 1 : p);
        visited += now;
        of_age[age + 1] = of_age[age] - now;
      }
      of_age[0] = 0;
      of_age[1] = visited;  // one epoch old when the next one is planned
      lengths[epoch] += visited;
    }
  }
  return lengths;
}

struct expectation {
  std::string name;
  gs::sieve_options options;
};

std::vector<expectation> many() {
  std::vector<expectation> all;
  const std::vector<std::pair<std::string, gs::staleness>> rules = {
      {"never_stale", gs::never_stale{}},
      {"max_age 1", gs::max_age{1}},
      {"max_age 2", gs::max_age{2}},
      {"max_age 5", gs::max_age{5}},
      {"max_age 4095", gs::max_age{4095}},
      {"every_n_epochs 1", gs::every_n_epochs{1}},
      {"every_n_epochs 4", gs::every_n_epochs{4}},
      {"max_age 3 || every_n_epochs 7", gs::max_age{3} || gs::every_n_epochs{7}}};
  const std::vector<std::pair<std::string, gs::curve>> policies = {
      {"power 2", gs::power{2.0}},
      {"power 1, floor .3", gs::power{1.0, 0.3}},
      {"band .75", gs::band{.cap = 0.75, .beta = 1.0, .floor = 0.125}},
      {"uniform 1", gs::uniform{1.0}},
      {"uniform 0", gs::uniform{0.0}}};
  for (const auto& [refresh_name, refresh] : rules) {
    for (const auto& [policy_name, policy] : policies) {
      all.push_back({policy_name + ", " + refresh_name,
                     {.examples = 96, .policy = policy, .history = 32, .refresh = refresh}});
    }
  }
  return all;
}

void check_against_step_by_step(const gs::sieve& sieve, std::uint32_t epochs) {
  const gs::epoch_lengths expected(sieve, epochs);
  const std::vector<double> lengths = step_by_step(sieve, epochs);
  REQUIRE(expected.examples().size() == epochs);
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    CAPTURE(epoch);
    CHECK(expected.examples()[epoch] == Approx(lengths[epoch]).epsilon(1e-9));
  }
}

}  // namespace

TEST_CASE("epoch_lengths: equal to the age distribution carried from epoch to epoch") {
  for (const expectation& each : many()) {
    CAPTURE(each.name);
    check_against_step_by_step(with_losses(each.options), 18);
  }
}

TEST_CASE("epoch_lengths: after full epochs, and in the middle of a run") {
  for (const gs::activity& active :
       {gs::activity(gs::after_epochs{3}), gs::activity(gs::between{0.25, 0.75}),
        !gs::activity(gs::every_nth{5}), gs::activity(gs::never{})}) {
    check_against_step_by_step(with_losses({.examples = 96,
                                            .policy = gs::power{2.0},
                                            .history = 32,
                                            .active = active,
                                            .refresh = gs::max_age{4} || gs::every_n_epochs{6},
                                            .total_epochs = 20}),
                               20);
  }
}

TEST_CASE("epoch_lengths: any number of examples for a history") {
  for (const std::int64_t n : {1, 2, 7, 31, 32, 33, 63, 64, 65, 1000}) {
    CAPTURE(n);
    check_against_step_by_step(
        with_losses(
            {.examples = n, .policy = gs::power{1.0}, .history = 32, .refresh = gs::max_age{3}}),
        8);
  }
}

// Ids whose turns fall evenly on the n epochs, as those of a large ledger do in the mean.
TEST_CASE("epoch_lengths: a group without examples, or none left at all, adds none") {
  gs::sieve sieve({.examples = 100,
                   .history = 16,
                   .refresh = gs::max_age{4},
                   .per_group = {gs::uniform{0.25}, gs::uniform{0.5}, gs::power{3.0}}});
  sieve.ledger().observe(support::ids_from(0, 100), support::ramp(100), 0);
  sieve.assign_groups(std::vector<int>(100, 1));
  gs::sieve alike(
      {.examples = 100, .policy = gs::uniform{0.5}, .history = 16, .refresh = gs::max_age{4}});
  alike.ledger().observe(support::ids_from(0, 100), support::ramp(100), 0);
  CHECK(gs::epoch_lengths(sieve, 6).total() == Approx(gs::epoch_lengths(alike, 6).total()));
  alike.retire(support::ids_from(0, 100));
  CHECK(gs::epoch_lengths(alike, 6).total() == 0);
}

TEST_CASE("epoch_lengths: staggered, alone and with an age") {
  for (const gs::staleness& refresh :
       {gs::staleness(gs::staggered{1}), gs::staleness(gs::staggered{5}),
        gs::staggered{5} || gs::max_age{3}, gs::staggered{5} || gs::every_n_epochs{3}}) {
    // Equal probabilities, so that it does not matter which id has which turn; the turns' exact
    // counts are those of these ids.
    gs::sieve sieve = with_losses(
        {.examples = 5000, .policy = gs::uniform{0.25}, .history = 32, .refresh = refresh});
    const gs::epoch_lengths expected(sieve, 16);
    const std::vector<double> lengths = step_by_step(sieve, 16);
    for (std::uint32_t epoch = 0; epoch < 16; ++epoch) {
      CAPTURE(epoch);
      // A turn has 1000 ids with a deviation of 28; of these 0.75 are not drawn anyway.
      CHECK(std::fabs(expected.examples()[epoch] - lengths[epoch]) < 4 * 28 * 0.75);
    }
  }
}

// A plan's size is a sum of independent draws, whose variance is at most n u (1 - u), u the mean
// share. 4.5 deviations, 5 rules of 60 epochs: alpha below 300 * 7e-6 = 2e-3 in all, seed fixed.
TEST_CASE("epoch_lengths: the lengths of real plans, when losses stay as they are") {
  constexpr std::int64_t n = 20'000;
  constexpr std::uint32_t epochs = 60;
  for (const gs::staleness& refresh :
       {gs::staleness(gs::max_age{4}), gs::staleness(gs::max_age{9}),
        gs::staleness(gs::every_n_epochs{5}), gs::staleness(gs::staggered{6}),
        gs::max_age{8} || gs::staggered{16}}) {
    gs::sieve sieve({.examples = n,
                     .policy = gs::power{2.0},
                     .history = 256,
                     .seed = 3,
                     .active = gs::after_epochs{2},
                     .refresh = refresh});
    const gs::epoch_lengths expected(sieve, epochs);
    double trained = 0;
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      const gs::plan_view plan = sieve.plan(epoch);
      std::vector<float> losses;
      // Scattered, so that a turn of `staggered` is not a rank.
      for (const std::int64_t id : plan.train())
        losses.push_back(static_cast<float>(id * 7919 % n));
      sieve.observe(plan.train(), losses);
      const double share = expected.examples()[epoch] / n;
      const double deviation = std::sqrt(n * share * (1 - share));
      CAPTURE(epoch, share);
      CHECK(std::fabs(static_cast<double>(plan.size()) - expected.examples()[epoch]) <=
            4.5 * deviation);
      trained += static_cast<double>(plan.size());
    }
    CHECK(trained == Approx(expected.total()).epsilon(0.005));
  }
}

// The limit is the mean over the percentiles of p / (1 - (1 - p)^A).
TEST_CASE("epoch_lengths: settle where a truncated geometric gap puts them") {
  const auto settled = [](double beta, std::uint32_t age) {
    gs::sieve sieve({.examples = 100'000,
                     .policy = gs::power{beta},
                     .active = gs::after_epochs{1},
                     .refresh = gs::max_age{age}});
    // The ranks of hardly any probability stay in step: a mean over one period.
    double sum = 0;
    const gs::epoch_lengths expected(sieve, 60 * age);
    for (const double length : expected.examples().last(age)) sum += length;
    return sum / age / 100'000;
  };
  // The first ten epochs of trainings, which have not settled, measured .55 and .41.
  CHECK(settled(1, 3) == Approx(0.6046).margin(0.0005));
  CHECK(settled(2, 4) == Approx(0.4518).margin(0.0005));
}

TEST_CASE("epoch_lengths: what came due at once comes due at once again") {
  gs::sieve sieve({.examples = 1000, .policy = gs::uniform{0.25}, .refresh = gs::max_age{3}});
  const gs::epoch_lengths expected(sieve, 7);
  const double missed = 0.75 * 0.75 * 0.75;
  const double third = 0.25 + missed, others = 0.25 + missed * 0.25;
  CHECK(expected.examples()[0] == 1000.0);
  CHECK(expected.examples()[1] == Approx(250));
  CHECK(expected.examples()[2] == Approx(250));
  CHECK(expected.examples()[3] == Approx(1000 * third));
  CHECK(expected.examples()[4] == Approx(1000 * others));
  CHECK(expected.examples()[6] == Approx(1000 * (0.25 + missed * third)));
}

TEST_CASE("epoch_lengths: total and batches are those of plans of these lengths") {
  gs::sieve sieve({.examples = 1000, .policy = gs::uniform{1.0}});
  const gs::epoch_lengths expected(sieve, 3);
  CHECK(expected.total() == 3000.0);
  std::uint64_t planned = 0, full = 0;
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    planned += sieve.plan(epoch).batch_count(128);
    full += sieve.plan(epoch).batch_count(128, gs::last_batch::drop);
  }
  CHECK(expected.batches(128) == planned);
  CHECK(expected.batches(128, gs::last_batch::drop) == full);
  CHECK(expected.batches(128, gs::last_batch::carry) == 3000 / 128);
  CHECK(gs::epoch_lengths(sieve, 0).batches(128) == 0);
  CHECK(gs::epoch_lengths(sieve, 0).total() == 0.0);
}

TEST_CASE("epoch_lengths: a ledger that has grown counts as it is") {
  gs::sieve sieve({.examples = 10, .policy = gs::uniform{1.0}});
  sieve.ledger().grow(25);
  CHECK(gs::epoch_lengths(sieve, 2).total() == 50.0);
}

// 400 picks of 256 losses: a deviation of at most sqrt(n) / 2 = 160, 4.5 of them.
TEST_CASE("epoch_lengths: of n picked losses n times the mean probability are expected") {
  gs::sieve sieve({.policy = gs::power{2.0}, .seed = 4});
  for (std::uint32_t i = 0; i < 4; ++i) sieve.pick(support::random_losses(256, i));
  const std::uint64_t before = sieve.work().backwards;
  for (std::uint32_t i = 4; i < 404; ++i) sieve.pick(support::random_losses(256, i));
  const double expected = 400 * 256 * sieve.compiled().mean_probability();
  CHECK(std::fabs(static_cast<double>(sieve.work().backwards - before) - expected) < 4.5 * 160);
}

TEST_CASE("epoch_lengths: what is not known is refused, and the message says what") {
  const auto lengths = [](const gs::sieve_options& options) {
    return gs::epoch_lengths(gs::sieve(options), 3);
  };
  CHECK_THROWS_AS(lengths({}), gs::invalid_argument);
  CHECK_THROWS_WITH(lengths({}), contains(".examples"));
  const gs::sieve_options by_steps = {
      .examples = 4, .active = gs::between{0.0, 0.5}, .total_steps = 10};
  CHECK_THROWS_AS(lengths(by_steps), gs::invalid_argument);
  CHECK_THROWS_WITH(lengths(by_steps), contains("total_epochs"));
  for (const gs::staleness& rule :
       {gs::max_age{4} && gs::staggered{2}, !gs::staleness(gs::max_age{3}),
        gs::max_age{4} || gs::max_age{5}}) {
    CHECK_THROWS_AS(lengths({.examples = 4, .refresh = rule}), gs::invalid_argument);
    CHECK_THROWS_WITH(lengths({.examples = 4, .refresh = rule}), contains("max_age"));
  }
  gs::sieve sieve({.examples = 4});
  CHECK_THROWS_AS(gs::epoch_lengths(sieve, 3).batches(0), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::epoch_lengths(sieve, 3).batches(0), contains("batch_size is 0"));
}
