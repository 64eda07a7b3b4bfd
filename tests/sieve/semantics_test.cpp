// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a pick means, one question of the design's table each, in the table's order. Plans:
//! plan_semantics_test. The row "clocks never decide" has no test: no header reads a clock.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"
#include "support/take_all.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using support::probabilities;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using positions = std::vector<std::uint32_t>;
using ids = std::vector<std::int64_t>;

floats history_of(const gs::sieve& sieve) {
  floats losses;
  std::vector<gs::loss_key> keys(sieve.history().size());
  sieve.history().write_sorted_keys(keys);
  for (const gs::loss_key key : keys) losses.push_back(gs::to_loss(key));
  return losses;
}

//! All that a caller can see of a sieve with a ledger and a queue.
struct observed {
  std::uint64_t step;
  std::uint32_t epoch;
  gs::work_counters work;
  double keep_rate;
  floats history;
  std::uint64_t rejected;
  std::vector<std::pair<gs::loss_key, std::uint32_t>> ledger;
  std::size_t queued;

  explicit observed(gs::sieve& sieve)
      : step(sieve.step()),
        epoch(sieve.epoch()),
        work(sieve.work()),
        keep_rate(sieve.keep_rate()),
        history(history_of(sieve)),
        rejected(sieve.history().rejected()),
        queued(sieve.queue().size()) {
    for (const gs::ledger_entry& e : std::as_const(sieve).ledger().entries()) {
      ledger.emplace_back(e.key, e.visits);
    }
  }
  friend bool operator==(const observed& a, const observed& b) {
    return a.step == b.step && a.epoch == b.epoch && a.work == b.work &&
           !(a.keep_rate < b.keep_rate || b.keep_rate < a.keep_rate) && a.history == b.history &&
           a.rejected == b.rejected && a.ledger == b.ledger && a.queued == b.queued;
  }
};

}  // namespace

TEST_CASE("order: the history takes the batch, then the batch is decided") {
  support::sieve_of_all sieve({.policy = gs::power{1.0}, .history = 4});
  sieve.pick(floats{1, 2, 3, 4});
  CHECK(probabilities(sieve, {5, 3}) == floats{0.75f, 0.0f});  // against 3, 4, 5, 3
}

TEST_CASE("order: on request the batch is decided, then the history takes it") {
  support::sieve_of_all sieve(
      {.policy = gs::power{1.0}, .history = 4, .order = gs::update_order::decide_then_update});
  sieve.pick(floats{1, 2, 3, 4});
  CHECK(probabilities(sieve, {5, 3}) == floats{1.0f, 0.5f});  // against 1, 2, 3, 4
  CHECK(probabilities(sieve, {5, 3}) == floats{0.75f, 0.0f});
}

TEST_CASE("percentile: strict, the share of the history below the loss") {
  support::sieve_of_all sieve({.policy = gs::power{1.0}, .history = 4});
  CHECK(probabilities(sieve, {1, 1, 2, 2}) == floats{0, 0, 0.5f, 0.5f});
  CHECK(probabilities(sieve, {7, 7, 7, 7}) == floats{0, 0, 0, 0});
}

TEST_CASE("window not full: everything is selected until it is") {
  gs::sieve sieve({.policy = gs::uniform{0.0}, .history = 8});
  const gs::sieve::selection first = sieve.pick(support::ramp(7));
  CHECK(to_vector(first.positions()) == positions{0, 1, 2, 3, 4, 5, 6});
  CHECK(to_vector(first.probabilities()) == floats(7, 1.0f));
  CHECK(sieve.keep_rate() == Approx(1.0));
  CHECK(sieve.pick(floats{8}).empty());  // the eighth fills it, so it is decided already
  CHECK(sieve.keep_rate() == Approx(0.0));
}

TEST_CASE("window not full: deciding first, the batch that fills it is still all selected") {
  gs::sieve sieve(
      {.policy = gs::uniform{0.0}, .history = 8, .order = gs::update_order::decide_then_update});
  CHECK(sieve.pick(support::ramp(8)).size() == 8);
  CHECK(sieve.pick(floats{8}).empty());
}

TEST_CASE("window not full: a smaller min_fill decides against what is there") {
  support::sieve_of_all sieve({.policy = gs::power{1.0}, .history = 8, .min_fill = 3});
  CHECK(probabilities(sieve, {1, 2}) == floats{1, 1});
  CHECK(probabilities(sieve, {3}) == floats{2 / 3.0f});
  CHECK(probabilities(sieve, {0, 9}) == floats{0, 0.8f});
  CHECK(probabilities(sieve, {4, 5, 6, 7})[3] == 0.75f);  // full: 2, 3, 0, 9, 4, 5, 6, 7
}

TEST_CASE("batch larger than the history: its last finite losses fill the window") {
  support::sieve_of_all sieve({.policy = gs::power{1.0}, .history = 4});
  CHECK(probabilities(sieve, {1, 2, 3, 4, 5, 6}) == floats{0, 0, 0, 0.25f, 0.5f, 0.75f});

  gs::sieve plain({.history = 4});
  plain.pick(floats{1, 2, 3, support::nan_f(), 5, 6});  // of the last four, three are finite
  CHECK(history_of(plain) == floats{3, 5, 6});
  plain.pick(floats{7, 8, 9, 10, 11});
  CHECK(history_of(plain) == floats{8, 9, 10, 11});
}

TEST_CASE("NaN, infinite loss: skipped, counted, never in the history") {
  const float bad =
      GENERATE(support::nan_f(), support::infinity_f(), support::negative_infinity_f());
  gs::sieve sieve({.examples = 4, .policy = gs::uniform{1.0}, .history = 4});
  sieve.pick(floats{1, 2, 3, 4});
  sieve.ledger().set_loss(1, 0.5f);
  const gs::sieve::selection picked = sieve.pick(ids{0, 1, 2}, floats{5, bad, 6});
  CHECK(to_vector(picked.positions()) == positions{0, 2});
  CHECK(to_vector(picked.ids()) == ids{0, 2});
  CHECK(history_of(sieve) == floats{3, 4, 5, 6});
  CHECK(sieve.work().non_finite == 1);
  // In the ledger a visit, but the last loss that made sense stays.
  CHECK(sieve.ledger().at(1).loss() == 0.5f);
  CHECK(sieve.ledger().at(1).seen() == 1);
  CHECK(sieve.ledger().at(1).selected() == 0);
}

TEST_CASE("NaN, infinite loss: skipped also while everything else is selected") {
  gs::sieve sieve({.history = 1024});
  CHECK(to_vector(sieve.pick(floats{1, support::nan_f(), 2}).positions()) == positions{0, 2});
  gs::sieve off({.history = 2, .active = gs::never{}});
  CHECK(to_vector(off.pick(floats{1, support::nan_f(), 2}).positions()) == positions{0, 2});
}

TEST_CASE("NaN, infinite loss: selected on request, with probability 1") {
  const float bad =
      GENERATE(support::nan_f(), support::infinity_f(), support::negative_infinity_f());
  gs::sieve sieve(
      {.policy = gs::uniform{0.0}, .history = 2, .on_non_finite = gs::non_finite::select});
  sieve.pick(floats{3, 4});
  const gs::sieve::selection picked = sieve.pick(floats{1, bad});
  CHECK(to_vector(picked.positions()) == positions{1});
  CHECK(to_vector(picked.probabilities()) == floats{1});
  CHECK(history_of(sieve) == floats{1, 4});
  CHECK(sieve.work().non_finite == 1);
}

TEST_CASE("NaN, infinite loss: raised on request, and nothing changed") {
  const gs::sieve_options options{.examples = 8,
                                  .policy = gs::power{1.0, 0.1},
                                  .history = 4,
                                  .seed = 3,
                                  .on_non_finite = gs::non_finite::raise,
                                  .queue = {.batch_size = 4}};
  gs::sieve sieve(options), twin(options);
  const ids some = {0, 1, 2, 3};
  sieve.pick(some, floats{1, 2, 3, 4});
  twin.pick(some, floats{1, 2, 3, 4});
  const observed before(sieve);
  const floats bad = {7, 8, support::nan_f(), 9};
  CHECK_THROWS_AS(sieve.pick(some, bad), gs::non_finite_loss);
  CHECK_THROWS_WITH(sieve.pick(some, bad), contains("position 2"));
  CHECK_THROWS_AS(sieve.observe(some, bad), gs::non_finite_loss);
  CHECK_THROWS_AS(sieve.refresh(some, bad), gs::non_finite_loss);
  CHECK_THROWS_AS(sieve.record(some, bad), gs::non_finite_loss);
  CHECK_THROWS_AS(sieve.weights(bad), gs::non_finite_loss);
  CHECK_THROWS_AS(sieve.weights(some, bad), gs::non_finite_loss);
  CHECK(observed(sieve) == before);
  for (std::uint32_t round = 0; round < 20; ++round) {
    const floats losses = support::random_losses(4, round);
    CHECK(to_vector(sieve.pick(some, losses).positions()) ==
          to_vector(twin.pick(some, losses).positions()));
  }
  CHECK(observed(sieve) == observed(twin));
}

TEST_CASE("negative losses: only order matters") {
  gs::sieve plain({.policy = gs::power{1.0}, .history = 64, .seed = 4});
  gs::sieve lowered({.policy = gs::power{1.0}, .history = 64, .seed = 4});
  std::size_t selected = 0;
  for (std::uint32_t round = 0; round < 20; ++round) {
    const floats losses = support::random_losses(50, round);
    floats shifted = losses;
    for (float& loss : shifted) loss = 8.0f * loss - 4.0f;
    const positions expected = to_vector(plain.pick(losses).positions());
    CHECK(to_vector(lowered.pick(shifted).positions()) == expected);
    selected += expected.size();
  }
  CHECK(selected > 0);
  CHECK(selected < 1000);
}

TEST_CASE("duplicate ids in a batch: the last one's loss stays, each is a visit") {
  gs::sieve sieve({.examples = 6});
  sieve.pick(ids{3, 5, 3, 3, 5}, floats{1, 2, 3, 4, support::nan_f()});
  CHECK(sieve.ledger().at(3).loss() == 4.0f);
  CHECK(sieve.ledger().at(3).seen() == 3);
  CHECK(sieve.ledger().at(3).selected() == 3);
  CHECK(sieve.ledger().at(5).loss() == 2.0f);
  CHECK(sieve.ledger().at(5).seen() == 2);
  CHECK(sieve.ledger().at(5).selected() == 1);
  CHECK_FALSE(sieve.ledger().at(4).has_loss());
}

// Neighbours beyond 2^24 are one and the same as floats; here each has a draw of its own.
TEST_CASE("ids: never through a float, and of any integer type") {
  const std::int64_t base = GENERATE(std::int64_t{0}, std::int64_t{1} << 24);
  const gs::sieve_options options{
      .policy = gs::uniform{0.5}, .history = 4, .seed = 5, .keying = gs::draw_by::id};
  gs::sieve of64(options), of32(options), unsigned64(options);
  const ids wide = support::ids_from(base - (base != 0 ? 31 : 0), 64);
  const std::vector<std::int32_t> narrow(wide.begin(), wide.end());
  const std::vector<std::uint64_t> natural(wide.begin(), wide.end());
  const gs::rule rule = gs::compile(gs::uniform{0.5}, 4);
  const floats losses = support::ramp(64);
  const gs::sorted_window window = support::ladder(4);
  for (std::uint32_t step = 0; step < 20; ++step) {
    ids expected;
    for (const std::int64_t id : wide) {
      const gs::draw_key key{5, step, gs::purpose::pick_by_id, 0};
      const std::uint32_t word = gs::draw(key, static_cast<std::uint64_t>(id));
      if (rule.view().selects(window.view(), 0, word)) expected.push_back(id);
    }
    CHECK(to_vector(of64.pick(wide, losses).ids()) == expected);
    CHECK(to_vector(of32.pick(narrow, losses).ids()) == expected);
    CHECK(to_vector(unsigned64.pick(natural, losses).ids()) == expected);
  }
}

TEST_CASE("positions: 32 bits, ascending, within the batch") {
  gs::sieve sieve({.policy = gs::uniform{0.5}, .history = 8});
  for (std::uint32_t step = 0; step < 30; ++step) {
    const auto chosen = sieve.pick(support::random_losses(100, step)).positions();
    static_assert(std::same_as<decltype(chosen), const std::span<const std::uint32_t>>);
    CHECK(std::adjacent_find(chosen.begin(), chosen.end(), std::greater_equal<>()) == chosen.end());
    CHECK(chosen.back() < 100);
  }
}

// 2x2 tables, one degree of freedom each, n = 20000 steps, alpha = 1e-4.
TEST_CASE("Poisson: selections are independent across positions and steps") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 8, .seed = 6});
  constexpr std::size_t width = 8;
  const floats losses = support::ramp(width);  // the window always holds exactly these
  support::contingency neighbours[width], steps[width];
  std::vector<char> before(width);
  std::vector<char> now(width);
  for (std::uint32_t step = 0; step < 20000; ++step) {
    std::swap(before, now);
    std::fill(now.begin(), now.end(), char{0});
    const gs::sieve::selection picked = sieve.pick(losses);
    for (const std::uint32_t position : picked.positions()) now[position] = 1;
    for (std::size_t i = 1; i < width; ++i) {
      neighbours[i].add(now[i], now[i % (width - 1) + 1]);
      if (step != 0) steps[i].add(before[i], now[i]);
    }
  }
  for (std::size_t i = 1; i < width; ++i) {
    CAPTURE(i, neighbours[i].independence().statistic, steps[i].independence().statistic);
    CHECK(neighbours[i].independence().plausible());
    CHECK(steps[i].independence().plausible());
  }
}

TEST_CASE("weights: none by default, others by name") {
  gs::sieve sieve({.policy = gs::power{1.0, 0.25}, .history = 8, .seed = 1});
  const gs::sieve::selection picked = sieve.pick(support::ramp(8));
  REQUIRE(picked.size() >= 2);
  double sum = 0;
  for (const float p : picked.probabilities()) sum += 1 / double{p};
  const double count = static_cast<double>(picked.size());
  for (std::size_t i = 0; i < picked.size(); ++i) {
    const double p = double{picked.probabilities()[i]};
    CHECK(p == Approx(std::max(0.25, picked.positions()[i] / 8.0)));
    CHECK(picked.weights(gs::normalisation::none)[i] == 1.0f);
    CHECK(double{picked.weights(gs::normalisation::unbiased)[i]} == Approx(1 / p));
    CHECK(double{picked.weights(gs::normalisation::self_normalised)[i]} == Approx(1 / p / sum));
    CHECK(double{picked.weights(gs::normalisation::mean_one)[i]} == Approx(count / p / sum));
    CHECK(double{picked.weights(gs::normalisation::unbiased, {.cap = 2})[i]} ==
          Approx(std::min(2.0, 1 / p)));
  }
}

TEST_CASE("weights: unbiased needs a positive floor") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 8});
  const gs::sieve::selection all = sieve.pick(support::ramp(7));
  for (const float weight : all.weights(gs::normalisation::unbiased)) {  // the window is not full
    CHECK(weight == Approx(1.0f));  // 1 / 1, by -ffast-math one unit in the last place from it
  }
  const gs::sieve::selection picked = sieve.pick(support::ramp(8));
  CHECK_THROWS_AS(picked.weights(gs::normalisation::unbiased), gs::invalid_argument);
  CHECK_THROWS_WITH(picked.weights(gs::normalisation::unbiased), contains("floor"));
  CHECK_NOTHROW(picked.weights(gs::normalisation::mean_one));
  CHECK_THROWS_AS(picked.weights(gs::normalisation::none, {.cap = -1}), gs::invalid_argument);
}

// The estimate of the batch's sum has variance sum l^2 (1 - p) / p; over n = 4000 steps its mean
// lies within 4 standard errors but for alpha = 6e-5.
TEST_CASE("weights: unbiased means unbiased") {
  gs::sieve sieve({.policy = gs::power{2.0, 0.2}, .history = 16, .seed = 8});
  const floats losses = support::ramp(16);
  constexpr double steps = 4000;
  double estimate = 0;
  for (int step = 0; step < static_cast<int>(steps); ++step) {
    const gs::sieve::selection picked = sieve.pick(losses);
    const auto weights = picked.weights(gs::normalisation::unbiased);
    for (std::size_t i = 0; i < picked.size(); ++i) {
      estimate += double{weights[i]} * double{losses[picked.positions()[i]]};
    }
  }
  double variance = 0;
  for (std::size_t rank = 0; rank < 16; ++rank) {
    const double p = std::max(0.2, static_cast<double>(rank * rank) / 256.0);
    variance += static_cast<double>((rank + 1) * (rank + 1)) * (1 - p) / p;
  }
  CHECK(std::abs(estimate / steps - 136) < 4 * std::sqrt(variance / steps));
}

TEST_CASE("weights: weights alone are P over the batch's mean P, nothing is dropped") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 4});
  CHECK(to_vector(sieve.weights(floats{1, 2})) == floats{1, 1});  // not full yet
  const auto weights = sieve.weights(floats{3, 4, 2.5f, 5});      // percentiles .25 .5 0 .75
  const double mean = 0.375;
  CHECK(double{weights[0]} == Approx(0.25 / mean));
  CHECK(double{weights[1]} == Approx(0.5 / mean));
  CHECK(weights[2] == 0.0f);
  CHECK(double{weights[3]} == Approx(0.75 / mean));
  CHECK(to_vector(sieve.weights(floats{7, 7, 7, 7})) == floats{1, 1, 1, 1});  // no P at all
}

TEST_CASE("the last batch: carry, drop or partial, when a new epoch begins") {
  const auto rest_after = [](gs::last_batch last) {
    gs::sieve sieve({.examples = 8, .queue = {.batch_size = 4, .last = last}});
    sieve.pick(ids{0, 1, 2, 3, 4, 5}, support::ramp(6));
    CHECK(sieve.queue().next().size() == 4);
    CHECK_FALSE(sieve.queue().next());
    sieve.begin_epoch(0);  // no new epoch
    CHECK_FALSE(sieve.queue().next());
    CHECK(sieve.queue().size() == 2);
    sieve.begin_epoch(1);
    const ids rest = to_vector(sieve.queue().next().ids());
    sieve.pick(ids{6, 7}, floats{1, 2});
    const ids later = to_vector(sieve.queue().next().ids());
    return std::pair(rest, later);
  };
  CHECK(rest_after(gs::last_batch::carry) == std::pair(ids{}, ids{4, 5, 6, 7}));
  CHECK(rest_after(gs::last_batch::drop) == std::pair(ids{}, ids{}));
  CHECK(rest_after(gs::last_batch::partial) == std::pair(ids{4, 5}, ids{}));
}

TEST_CASE("work counters: what the queue hands out, not what was selected") {
  gs::sieve sieve({.examples = 10, .queue = {.batch_size = 4}});
  sieve.pick(support::ids_from(0, 10), support::ramp(10));
  CHECK(sieve.work() == gs::work_counters{.forwards = 10});
  REQUIRE(sieve.queue().next());
  CHECK(sieve.work() == gs::work_counters{.forwards = 14, .backwards = 4});
  sieve.record(ids{0, 1, 2, 3}, floats{9, 1, 1, 1});  // that batch's fresh losses
  CHECK(sieve.ledger().at(0).loss() == 9.0f);
  CHECK(sieve.work() == gs::work_counters{.forwards = 14, .backwards = 4});
  REQUIRE(sieve.queue().next());
  CHECK_FALSE(sieve.queue().next());
  CHECK(sieve.work() == gs::work_counters{.forwards = 18, .backwards = 8});
  sieve.observe(ids{8, 9}, floats{1, 1});  // trained outside of the queue
  CHECK(sieve.work() == gs::work_counters{.forwards = 20, .backwards = 10});
}

TEST_CASE("work counters: without a queue, what was selected, observed, refreshed, skipped") {
  gs::sieve sieve({.examples = 10, .policy = gs::step{0.5}, .history = 8});
  CHECK(sieve.work() == gs::work_counters{});
  sieve.pick(support::ids_from(0, 8), support::ramp(8));  // the upper half
  CHECK(sieve.work() == gs::work_counters{.forwards = 8, .backwards = 4, .skipped = 4});
  sieve.refresh(ids{8, 9}, floats{1, support::nan_f()});
  CHECK(sieve.work() ==
        gs::work_counters{
            .forwards = 10, .backwards = 4, .skipped = 4, .refreshed = 2, .non_finite = 1});
  sieve.observe(ids{8}, floats{1});
  CHECK(sieve.work().forwards == 11);
  CHECK(sieve.work().backwards == 5);
  sieve.pick_cached(ids{0, 1, 2});  // from the ledger: no forward
  CHECK(sieve.work().forwards == 11);
  CHECK(sieve.work().skipped + sieve.work().backwards == 5 + 4 + 3);
  sieve.weights(floats{1, 2, 3});
  CHECK(sieve.work().forwards == 14);
}

TEST_CASE("two halves = one whole: given the same window and step") {
  const gs::sieve_options options{.policy = gs::power{1.0},
                                  .history = 32,
                                  .seed = 9,
                                  .order = gs::update_order::decide_then_update};
  const floats primed = support::random_losses(32, 99);
  const floats losses = support::random_losses(45, 7);
  const std::uint64_t offset = GENERATE(0u, 6u);
  gs::sieve whole(options);
  whole.pick(primed);
  const positions expected = to_vector(whole.pick(losses, {.first_position = offset}).positions());
  for (std::size_t split = 0; split <= losses.size(); ++split) {
    gs::sieve left(options), right(options);
    left.pick(primed);
    right.pick(primed);
    const auto all = std::span(losses);
    positions halves =
        to_vector(left.pick(all.first(split), {.first_position = offset}).positions());
    const auto tail = right.pick(all.subspan(split), {.first_position = offset + split});
    for (const std::uint32_t position : tail.positions()) {
      halves.push_back(position + static_cast<std::uint32_t>(split));
    }
    REQUIRE(halves == expected);
  }
}
