// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Mistakes that public implementations of these methods contain; none of them here.
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/select/successive.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;
using positions = std::vector<std::uint32_t>;

//! `n` different ids below `bound`, in random order.
ids sample(support::random_source& random, std::int64_t bound, std::size_t n) {
  ids all = support::ids_from(0, static_cast<std::size_t>(bound));
  for (std::size_t i = 0; i < n; ++i) std::swap(all[i], all[i + random.below(all.size() - i)]);
  all.resize(n);
  return all;
}

}  // namespace

// Seen in Selective-Backprop's code: a filtered array zipped with an unfiltered one.
TEST_CASE("pitfall: cached losses given to the wrong example, once their ages differ") {
  constexpr std::int64_t examples = 60;
  gs::sieve sieve(
      {.examples = examples, .policy = gs::step{0.5}, .history = 16, .refresh = gs::max_age{2}});
  support::random_source random(1);
  std::map<std::int64_t, std::pair<float, std::uint32_t>> known;  // id -> loss, epoch
  std::size_t stale = 0, cached = 0;
  for (std::uint32_t epoch = 0; epoch < 12; ++epoch) {
    sieve.begin_epoch(epoch);
    for (int step = 0; step < 3; ++step) {
      const ids batch = sample(random, examples, 16);
      const positions due = to_vector(sieve.due(batch));
      positions expected_due;
      for (std::uint32_t i = 0; i < batch.size(); ++i) {
        const auto entry = known.find(batch[i]);
        if (entry == known.end() || epoch - entry->second.second >= 2) expected_due.push_back(i);
      }
      REQUIRE(due == expected_due);
      ids forwarded;
      floats losses;
      for (const std::uint32_t position : due) {
        forwarded.push_back(batch[position]);
        losses.push_back(random.unit());
        known[batch[position]] = {losses.back(), epoch};
      }
      sieve.refresh(forwarded, losses);
      const gs::sieve::selection picked = sieve.pick_cached(batch);
      // The history now holds the batch's 16 cached losses: the upper half is selected.
      floats sorted;
      for (const std::int64_t id : batch) sorted.push_back(known[id].first);
      std::sort(sorted.begin(), sorted.end());
      ids expected;
      for (const std::int64_t id : batch) {
        if (known[id].first >= sorted[8]) expected.push_back(id);
      }
      REQUIRE(to_vector(picked.ids()) == expected);
      stale += due.size();
      cached += batch.size() - due.size();
    }
  }
  CHECK(stale > 100);
  CHECK(cached > 100);
}

TEST_CASE("pitfall: ages out of step, when only some of a batch are visited") {
  gs::sieve sieve({.examples = 6, .refresh = gs::max_age{2}});
  const ids all = support::ids_from(0, 6);
  sieve.refresh(all, support::ramp(6));
  sieve.begin_epoch(1);
  sieve.refresh(ids{1, 4}, floats{1, 1});
  sieve.begin_epoch(2);
  CHECK(to_vector(sieve.due(all)) == positions{0, 2, 3, 5});
  sieve.pick_cached(all);  // deciding on cached losses is no visit
  CHECK(to_vector(sieve.due(all)) == positions{0, 2, 3, 5});
  sieve.begin_epoch(3);
  CHECK(sieve.due(all).size() == 6);
}

TEST_CASE("pitfall: a queue drained by one batch per forward batch, so that it lags") {
  gs::sieve sieve({.examples = 64, .queue = {.batch_size = 4}});
  std::size_t trained = 0;
  for (int step = 0; step < 10; ++step) {
    sieve.pick(support::ids_from(0, 22), support::ramp(22));
    while (const auto batch = sieve.queue().next()) trained += batch.size();
    CHECK(sieve.queue().size() < 4);
  }
  CHECK(trained == 220);
}

TEST_CASE("pitfall: a queue that is not drained, or is dropped, at the epoch's end") {
  for (const auto last : {gs::last_batch::carry, gs::last_batch::partial}) {
    gs::sieve sieve({.examples = 10, .queue = {.batch_size = 4, .last = last}});
    std::size_t trained = 0;
    for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
      sieve.begin_epoch(epoch);
      while (const auto batch = sieve.queue().next()) trained += batch.size();
      sieve.pick(support::ids_from(0, 10), support::ramp(10));
      while (const auto batch = sieve.queue().next()) trained += batch.size();
    }
    sieve.queue().flush();
    while (const auto batch = sieve.queue().next()) trained += batch.size();
    CHECK(trained == 40);
    CHECK(sieve.queue().dropped() == 0);
  }
}

TEST_CASE("pitfall: NaN kept in the window") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 4});
  sieve.pick(floats{1, 2, 3, 4});
  sieve.pick(floats(100, support::nan_f()));
  sieve.pick(floats{support::negative_nan_f(), support::infinity_f()});
  CHECK(sieve.history().size() == 4);
  CHECK(sieve.history().percentile(2.5f) == 0.5);
  CHECK(sieve.history().rejected() == 102);
}

TEST_CASE("pitfall: NaN ranks highest") {
  const float bad = GENERATE(support::nan_f(), support::negative_nan_f(), support::infinity_f());
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  sieve.pick(floats{1, 2, 3, 4});
  for (int step = 0; step < 20; ++step) {
    CHECK(to_vector(sieve.pick(floats{bad, 1, 2, 3, 4}).positions()) == positions{3, 4});
  }
}

// Strict percentiles rank equal losses 0; a floor, or a plan's max_age, keeps them in training.
TEST_CASE("pitfall: equal losses never selected") {
  const floats equal(64, 2.0f);
  gs::sieve strict({.policy = gs::power{1.0}, .history = 64});
  strict.pick(equal);
  CHECK(strict.pick(equal).empty());

  gs::sieve floor({.policy = gs::power{1.0, 0.25}, .history = 64});
  floor.pick(equal);
  std::size_t selected = 0;
  for (int step = 0; step < 100; ++step) selected += floor.pick(equal).size();
  CHECK(selected > 1400);
  CHECK(selected < 1800);

  gs::sieve plan({.examples = 64, .policy = gs::power{1.0}, .refresh = gs::max_age{3}});
  plan.observe(support::ids_from(0, 64), equal);
  CHECK(plan.plan(2).size() == 0);
  CHECK(plan.plan(3).size() == 64);
}

TEST_CASE("pitfall: a window primed by nothing") {
  gs::sieve sieve({.policy = gs::power{1.0},
                   .history = 4,
                   .min_fill = 1,
                   .order = gs::update_order::decide_then_update});
  CHECK(sieve.pick(floats{1, 2}).size() == 2);  // no percentile without a history
  gs::sieve bad({.policy = gs::uniform{0.0},
                 .history = 4,
                 .min_fill = 1,
                 .order = gs::update_order::decide_then_update});
  CHECK(bad.pick(floats{support::nan_f()}).empty());
  CHECK(bad.history().size() == 0);
  CHECK(bad.pick(floats{1}).size() == 1);  // as with the first batch, there was no loss before it
}

TEST_CASE("pitfall: a batch larger than the window") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  CHECK(to_vector(sieve.pick(support::ramp(100)).positions()) == positions{98, 99});
}

TEST_CASE("pitfall: nothing selected") {
  gs::sieve sieve(
      {.examples = 8, .policy = gs::uniform{0.0}, .history = 4, .queue = {.batch_size = 2}});
  const gs::sieve::selection none = sieve.pick(support::ids_from(0, 8), support::ramp(8));
  CHECK(none.empty());
  CHECK(none.offered() == 8);
  CHECK(none.positions().empty());
  CHECK(none.ids().empty());
  CHECK(none.probabilities().empty());
  CHECK(none.weights(gs::normalisation::mean_one).empty());
  CHECK_FALSE(sieve.queue().next());
}

TEST_CASE("pitfall: one example for a batch normalisation") {
  gs::sieve sieve({.examples = 8,
                   .policy = gs::uniform{0.1},
                   .history = 4,
                   .seed = 1,
                   .queue = {.batch_size = 4}});
  for (int step = 0; step < 200; ++step) {
    sieve.pick(support::ids_from(0, 8), support::ramp(8));
    while (const auto batch = sieve.queue().next()) CHECK(batch.size() == 4);
  }
  CHECK(sieve.queue().handed_out() > 0);
}

TEST_CASE("pitfall: a mean over the selected that silently changes the learning rate") {
  gs::sieve sieve({.policy = gs::power{1.0, 0.2}, .history = 64});
  for (int step = 0; step < 10; ++step) {
    const gs::sieve::selection picked = sieve.pick(support::ramp(64));
    double sum = 0;
    for (const float w : picked.weights(gs::normalisation::mean_one)) sum += double{w};
    CHECK(sum == Approx(static_cast<double>(picked.size())));
  }
}

// By epochs, a schedule ends where it should, however few steps an epoch has left.
TEST_CASE("pitfall: step-based schedules that overrun when epochs shrink") {
  gs::sieve sieve(
      {.policy = gs::power{1.0}, .history = 4, .active = gs::between{0.0, 0.5}, .total_epochs = 4});
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    sieve.begin_epoch(epoch);
    for (std::uint32_t step = 0; step < 16u >> epoch; ++step) {
      CHECK(sieve.active() == (epoch < 2));
      sieve.pick(support::ramp(4));
    }
  }
}

// InfoBatch compares float epochs with ==, so that 0.875 of the epochs must be whole.
TEST_CASE("pitfall: == between float epochs") {
  for (const std::uint32_t total : {200u, 10u, 13u, 1u, 8u, 90u}) {
    gs::sieve sieve({.active = gs::between{0.0, 0.875}, .total_epochs = total});
    std::uint32_t on = 0;
    for (std::uint32_t epoch = 0; epoch < total; ++epoch) {
      sieve.begin_epoch(epoch);
      on += std::uint32_t{sieve.active()};
      // Off at the end, and once off never on again.
      CHECK(sieve.active() == (8 * epoch < 7 * total));
    }
    CHECK(on == (7 * total + 7) / 8);
  }
}

// fp32 holds integers up to 2^24, fp16 up to 2048: beyond, neighbours would share a draw.
TEST_CASE("pitfall: ids cast to the loss's type") {
  const std::int64_t base = GENERATE(2048, 16777216);
  gs::sieve sieve({.policy = gs::uniform{0.5}, .history = 2, .keying = gs::draw_by::id});
  const ids pair = {base, base + 1};
  const std::vector<gs::bfloat16_bits> losses = {{0x3f80}, {0x3f80}};
  int alike = 0;
  for (int step = 0; step < 200; ++step) {
    const gs::sieve::selection picked = sieve.pick(pair, losses);
    alike += picked.size() == 1 ? 0 : 1;
    for (const std::int64_t id : picked.ids()) CHECK((id == base || id == base + 1));
  }
  CHECK(alike > 50);
  CHECK(alike < 150);

  gs::sieve ledger({.examples = 4098});
  ledger.observe(std::vector<std::int32_t>{2048, 2049, 4097}, std::vector{1.0, 2.0, 3.0});
  CHECK(ledger.ledger().at(2048).loss() == 1.0f);
  CHECK(ledger.ledger().at(2049).loss() == 2.0f);
  CHECK(ledger.ledger().at(4097).loss() == 3.0f);
  CHECK_FALSE(ledger.ledger().at(4096).has_loss());
}

TEST_CASE("pitfall: counters of intended instead of executed work") {
  gs::sieve sieve({.examples = 8, .queue = {.batch_size = 8, .last = gs::last_batch::drop}});
  sieve.pick(support::ids_from(0, 7), support::ramp(7));
  sieve.begin_epoch(1);  // seven were selected, then dropped: none was trained
  CHECK(sieve.work() == gs::work_counters{.forwards = 7});
  CHECK(sieve.queue().dropped() == 7);

  gs::sieve plan({.examples = 8, .policy = gs::uniform{0.5}});
  plan.plan(0);  // eight are planned: none was trained
  CHECK(plan.work() == gs::work_counters{});
  plan.observe(ids{1, 2}, floats{1, 2});
  CHECK(plan.work() == gs::work_counters{.forwards = 2, .backwards = 2});
}

TEST_CASE("pitfall: a library that seeds the global generator") {
  std::srand(7);
  const int first = std::rand(), second = std::rand();
  std::srand(7);
  CHECK(std::rand() == first);
  gs::sieve sieve({.examples = 64, .policy = gs::power{1.0, 0.1}, .history = 64, .seed = 7});
  sieve.pick(support::ids_from(0, 64), support::ramp(64));
  for (const auto batch : sieve.plan(1).batches(8)) sieve.observe(batch, floats(batch.size()));
  CHECK(std::rand() == second);
}

// Selective-Backprop chases wrong labels, whose losses stay the highest.
TEST_CASE("pitfall: wrong labels picked again and again") {
  gs::sieve sieve({.policy = gs::band{0.75, 1.0, 0.0}, .history = 4});
  std::array<int, 4> picked{};
  for (int step = 0; step < 400; ++step) {
    // Percentiles 0, 1/4, 2/4, 3/4, so probabilities 0, 1/3, 2/3, 1.
    for (const std::uint32_t position : sieve.pick(floats{1, 2, 3, 4}).positions()) {
      ++picked[position];
    }
    // The wrong label lies above the cap, with percentile 1, and is never picked.
    gs::sieve guarded({.policy = gs::band{0.75, 1.0, 0.0},
                       .history = 4,
                       .seed = static_cast<std::uint64_t>(step),
                       .order = gs::update_order::decide_then_update});
    guarded.pick(floats{1, 2, 3, 4});
    CHECK(guarded.pick(floats{99}).empty());
  }
  // Within 3.9 standard errors, alpha = 1e-4, n = 400: 1/3 ± 0.092.
  CHECK(picked[0] == 0);
  CHECK(std::abs(picked[1] / 400.0 - 1 / 3.0) < 0.092);
  CHECK(std::abs(picked[2] / 400.0 - 2 / 3.0) < 0.092);
  CHECK(picked[3] == 400);
}

// Seen in Modyn. Of examples worth 1, 2, 3, 4 two are drawn one after another by these masses:
// weights 1 / (k n p) put the mean at 2.58 (2.579 in Modyn's own numbers), where 2.5 is right.
TEST_CASE("pitfall: with-replacement weights used for without-replacement draws") {
  constexpr std::size_t n = 4, k = 2;
  constexpr int trials = 40000;
  const std::vector<std::uint64_t> masses = {1, 4, 2, 3};
  std::array<double, n> p{}, approximate{};
  for (std::size_t i = 0; i < n; ++i) p[i] = static_cast<double>(masses[i]) / 10;
  gs::successive::approximate_inclusion(masses, k, approximate);
  floats exact, told, replaced;
  for (std::size_t i = 0; i < n; ++i) {
    double second = 0;
    for (std::size_t j = 0; j < n; ++j) second += j == i ? 0 : p[j] * p[i] / (1 - p[j]);
    exact.push_back(static_cast<float>(p[i] + second));
    told.push_back(static_cast<float>(approximate[i]));
    replaced.push_back(static_cast<float>(k * p[i]));
  }
  const auto mean = [&](const floats& inclusion) {
    gs::successive draw;
    double sum = 0;
    for (std::uint32_t trial = 0; trial < trials; ++trial) {
      std::array<std::uint32_t, k> drawn{};
      draw(masses, k, {17, trial}, drawn);
      floats weights(k);
      gs::write_weights(floats{inclusion[drawn[0]], inclusion[drawn[1]]},
                        gs::normalisation::unbiased, {}, weights);
      for (std::size_t i = 0; i < k; ++i) sum += double{weights[i]} * (drawn[i] + 1) / n;
    }
    return sum / trials;
  };
  // Standard errors of at most 0.0026; within 3.9 of them, alpha = 1e-4.
  CHECK(std::abs(mean(exact) - 2.5) < 0.0102);
  CHECK(std::abs(mean(told) - 2.5) < 0.0102);
  CHECK(std::abs(mean(replaced) - 2.5818) < 0.0102);

  // By systematic draws inclusion is in proportion to p, and the same weights are right.
  gs::basic_sieve<gs::loss_window, gs::exactly_k_selector> sieve(
      {.policy = [](double percentile) { return 0.2 + 0.8 * percentile; }, .history = 4},
      gs::loss_window(4), gs::exactly_k_selector(k));
  double sum = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const auto picked = sieve.pick(floats{1, 2, 3, 4});
    const auto weights = picked.weights(gs::normalisation::unbiased);
    for (std::size_t i = 0; i < picked.size(); ++i) {
      sum += double{weights[i]} * (picked.positions()[i] + 1) / n;
    }
  }
  CHECK(std::abs(sum / trials - 2.5) < 0.0102);
}

// A cached loss is of the augmentation, and of the mode, that its example was last forwarded under.
TEST_CASE("pitfall: stale losses from another augmentation or from train mode") {
  constexpr std::int64_t examples = 64;
  // Each augmentation turns the order of the losses round.
  const auto loss_of = [](std::int64_t id, std::uint32_t augmentation) {
    return static_cast<float>(augmentation % 2 == 0 ? id : examples - id);
  };
  const auto losses_of = [&](std::span<const std::int64_t> of, std::uint32_t augmentation) {
    floats losses;
    for (const std::int64_t id : of) losses.push_back(loss_of(id, augmentation));
    return losses;
  };
  const ids all = support::ids_from(0, examples);

  // Whoever forwards a batch is answered by that pass, whatever the ledger holds.
  gs::sieve fresh({.examples = examples, .policy = gs::step{0.5}, .history = examples});
  fresh.refresh(all, losses_of(all, 0));
  CHECK(to_vector(fresh.pick(all, losses_of(all, 1)).ids()) == support::ids_from(0, 32));

  // Whoever plans goes by the last pass of each example, and by none older than `max_age`.
  gs::sieve plans(
      {.examples = examples, .policy = gs::power{1.0}, .history = 16, .refresh = gs::max_age{2}});
  std::vector<std::uint32_t> seen(examples, 0);
  for (std::uint32_t epoch = 0; epoch < 12; ++epoch) {
    const auto plan = plans.plan(epoch);
    const ids trained = to_vector(plan.train());
    if (epoch > 0) {
      for (const std::int64_t id : all) {
        const std::uint32_t at = seen[static_cast<std::size_t>(id)];
        REQUIRE(plans.ranked_key(id, epoch) == gs::to_key(loss_of(id, at)));
        const bool due = epoch - at >= 2;
        REQUIRE((!due || std::find(trained.begin(), trained.end(), id) != trained.end()));
      }
    }
    plans.refresh(trained, floats(trained.size(), 1e9f));  // scored in another mode
    plans.observe(trained, losses_of(trained, epoch));     // the training's own loss stays
    for (const std::int64_t id : trained) seen[static_cast<std::size_t>(id)] = epoch;
  }
}
