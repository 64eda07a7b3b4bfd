// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The object as a trainer meets it: parts of one's own, schedules, queue, Stale-SB, weights.
#include <gradsieve/gradsieve.hpp>

#include <array>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;
using positions = std::vector<std::uint32_t>;

//! A history of one's own: percentiles against two fixed losses, 1 and 3.
struct two_losses {
  std::size_t pushed = 0;

  void push_keys(std::span<const gs::loss_key> keys) { pushed += keys.size(); }
  std::size_t size() const { return 2; }
  std::size_t capacity() const { return 2; }
  void write_sorted_keys(std::span<gs::loss_key> out) const {
    out[0] = gs::to_key(1.0f);
    out[1] = gs::to_key(3.0f);
  }
};

//! A selector of one's own: whatever has probability 1.
struct certain_only {
  std::size_t select(const gs::rule_view& rule, const gs::window_view& window, const gs::draw_key&,
                     const gs::selector_batch& batch, std::span<std::uint32_t> out) const {
    std::size_t n = 0;
    for (std::uint32_t i = 0; i < batch.keys.size(); ++i) {
      if (rule.mass_of(window, batch.keys[i]) == gs::full_mass) out[n++] = i;
    }
    return n;
  }
  void inclusion(const gs::rule_view&, const gs::window_view&, const gs::selector_batch&,
                 std::span<const std::uint32_t>, std::span<float> out) const {
    std::fill(out.begin(), out.end(), 1.0f);
  }
};

//! A staleness rule of one's own: even ids, in their own time.
struct even_ids {
  std::uint32_t age = 2;

  bool due(std::int64_t id, std::uint32_t now, std::uint32_t) const {
    return id % 2 == 0 && now >= age;
  }
};

}  // namespace

TEST_CASE("sieve: a history, a selector and a staleness rule of one's own") {
  gs::basic_sieve<two_losses, certain_only, even_ids> sieve(
      {.examples = 6, .policy = gs::power{1.0}, .refresh = even_ids{.age = 1}}, two_losses{});
  const ids all = support::ids_from(0, 6);
  CHECK(to_vector(sieve.pick(all, floats{0, 1, 2, 3, 4, 5}).positions()) == positions{4, 5});
  CHECK(sieve.history().pushed == 6);
  CHECK(sieve.compiled().size() == 2);
  sieve.begin_epoch(1);
  CHECK(to_vector(sieve.due(all)) == positions{0, 2, 4});
  // A rule that cannot say whether it revisits is trusted, though the policy is 0 somewhere.
  const gs::plan_view plan = sieve.plan(1);
  CHECK(plan.forced() == 3);
}

TEST_CASE("sieve: a history of one's own that never fills selects everything") {
  struct empty_history {
    void push_keys(std::span<const gs::loss_key>) {}
    std::size_t size() const { return 0; }
    std::size_t capacity() const { return 4; }
    void write_sorted_keys(std::span<gs::loss_key>) const {}
  };
  gs::basic_sieve<empty_history> sieve({.policy = gs::uniform{0.0}, .min_fill = 1},
                                       empty_history{});
  CHECK(sieve.pick(floats{1, 2, 3}).size() == 3);
}

TEST_CASE("sieve: a policy of one's own") {
  gs::sieve sieve(
      {.policy = [](double percentile) { return percentile < 0.5 ? 0.0 : 1.0; }, .history = 4});
  CHECK(to_vector(sieve.pick(floats{4, 1, 3, 2}).positions()) == positions{0, 2});
}

TEST_CASE("sieve: losses of every type and container") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  const positions upper = {1, 3};
  const double doubles[] = {1, 3, 2, 4};
  const std::array<gs::bfloat16_bits, 4> halves = {{{0x3f80}, {0x4040}, {0x4000}, {0x4080}}};
  const floats singles = {1, 3, 2, 4};
  CHECK(to_vector(sieve.pick(doubles).positions()) == upper);
  CHECK(to_vector(sieve.pick(halves).positions()) == upper);
  CHECK(to_vector(sieve.pick(singles).positions()) == upper);
  CHECK(to_vector(sieve.pick(std::span(singles)).positions()) == upper);
  CHECK(to_vector(sieve.pick(std::array{1.0f, 3.0f, 2.0f, 4.0f}).positions()) == upper);
}

TEST_CASE("sieve: the same options select the same examples") {
  const gs::sieve_options options{.policy = gs::power{2.0}, .history = 64, .seed = 21};
  gs::sieve a(options), b(options);
  gs::sieve_options other_seed = options, other_replica = options, by_id = options;
  other_seed.seed = 22;
  other_replica.replica = 1;
  by_id.keying = gs::draw_by::id;
  gs::sieve c(other_seed), d(other_replica), e(by_id);
  positions all_a, all_c, all_d, all_e;
  const ids own = support::ids_from(0, 64);
  const auto append = [](positions& to, std::span<const std::uint32_t> from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (std::uint32_t step = 0; step < 20; ++step) {
    const floats losses = support::random_losses(64, step);
    const positions picked = to_vector(a.pick(losses).positions());
    CHECK(to_vector(b.pick(losses).positions()) == picked);
    append(all_a, picked);
    append(all_c, c.pick(losses).positions());
    append(all_d, d.pick(losses).positions());
    append(all_e, e.pick(own, losses).positions());
  }
  CHECK(all_a != all_c);
  CHECK(all_a != all_d);
  CHECK(all_a != all_e);
}

TEST_CASE("sieve: pinned, the same seed selects the same ids in this version and the next") {
  gs::sieve sieve({.examples = 16, .policy = gs::power{1.0, 0.1}, .history = 16, .seed = 2026});
  const ids all = support::ids_from(0, 16);
  const floats losses = support::ramp(16);
  CHECK(to_vector(sieve.pick(all, losses).ids()) == ids{0, 6, 7, 10, 11, 12, 14, 15});
  CHECK(to_vector(sieve.pick(all, losses).ids()) == ids{7, 9, 10, 11, 12, 14, 15});
  CHECK(to_vector(sieve.plan(1).train()) == ids{4, 6, 8, 9, 11, 13, 14, 15});
  ids order;
  for (const auto batch : sieve.plan(1).batches(4)) {
    order.insert(order.end(), batch.begin(), batch.end());
  }
  CHECK(order == ids{14, 13, 15, 6, 9, 11, 4, 8});
}

TEST_CASE("sieve: every pick and every weighing is a step with draws of its own") {
  gs::sieve sieve({.examples = 64, .policy = gs::uniform{0.5}, .history = 64});
  const floats losses = support::ramp(64);
  const positions first = to_vector(sieve.pick(losses).positions());
  const positions second = to_vector(sieve.pick(losses).positions());
  CHECK(first != second);
  CHECK(sieve.step() == 2);
  sieve.weights(losses);
  CHECK(sieve.step() == 3);
  sieve.pick(support::ids_from(0, 64), losses);
  sieve.pick_cached(support::ids_from(0, 64));
  CHECK(sieve.step() == 5);
  sieve.observe(ids{1}, floats{1});
  sieve.refresh(ids{1}, floats{1});
  sieve.due(ids{1});
  sieve.plan(1);
  CHECK(sieve.step() == 5);
}

TEST_CASE("sieve: draws keyed by id do not depend on the place in the batch") {
  gs::sieve_options options{.policy = gs::uniform{0.5}, .history = 8, .seed = 3};
  options.keying = gs::draw_by::id;
  gs::sieve forwards(options), backwards(options);
  ids up = support::ids_from(100, 64), down(up.rbegin(), up.rend());
  for (int step = 0; step < 10; ++step) {
    const ids a = to_vector(forwards.pick(up, floats(64, 1.0f)).ids());
    ids b = to_vector(backwards.pick(down, floats(64, 1.0f), {.first_position = 5}).ids());
    std::reverse(b.begin(), b.end());
    CHECK(a == b);
  }
}

TEST_CASE("sieve: draws keyed by position do not depend on the id") {
  const gs::sieve_options options{.policy = gs::uniform{0.5}, .history = 8, .seed = 3};
  gs::sieve a(options), b(options);
  const floats losses(64, 1.0f);
  for (int step = 0; step < 10; ++step) {
    CHECK(to_vector(a.pick(support::ids_from(7, 64), losses).positions()) ==
          to_vector(b.pick(losses).positions()));
  }
}

TEST_CASE("sieve: selection is on when the schedule says so") {
  gs::sieve sieve({.policy = gs::uniform{0.0},
                   .history = 2,
                   .active = gs::activity(gs::after_epochs{1}) && gs::every_nth{2}});
  const floats losses = {1, 2};
  CHECK_FALSE(sieve.active());
  CHECK(sieve.pick(losses).size() == 2);
  CHECK(sieve.pick(losses).size() == 2);
  CHECK(sieve.keep_rate() == Approx(1.0));
  sieve.begin_epoch(1);
  CHECK(sieve.epoch() == 1);
  CHECK(sieve.active());
  CHECK(sieve.pick(losses).empty());
  CHECK_FALSE(sieve.active());
  CHECK(sieve.pick(losses).size() == 2);
  CHECK(sieve.pick(losses).empty());
}

TEST_CASE("sieve: between counts epochs, or steps when their number is given") {
  gs::sieve epochs({.active = gs::between{0.25, 0.75}, .total_epochs = 4});
  for (std::uint32_t epoch = 0; epoch < 6; ++epoch) {
    epochs.begin_epoch(epoch);
    CHECK(epochs.active() == (epoch == 1 || epoch == 2));
  }
  gs::sieve steps({.active = gs::between{0.25, 0.75}, .total_epochs = 1000, .total_steps = 4});
  for (int step = 0; step < 6; ++step) {
    CHECK(steps.active() == (step == 1 || step == 2));
    steps.pick(floats{1});
  }
}

TEST_CASE("sieve: keep_rate is the share selected while selection was on") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  CHECK(sieve.keep_rate() == Approx(1.0));
  sieve.pick(floats{1, 2});
  CHECK(sieve.keep_rate() == Approx(1.0));
  sieve.pick(floats{3, 4});  // both: percentiles .5 and .75
  CHECK(sieve.keep_rate() == Approx(1.0));
  sieve.pick(floats{1, 2, 3, 4});
  CHECK(sieve.keep_rate() == Approx(4.0 / 6.0));
}

TEST_CASE("sieve: a pick with ids updates the ledger") {
  gs::sieve sieve({.examples = 4, .policy = gs::step{0.5}, .history = 4});
  sieve.begin_epoch(7);
  CHECK(to_vector(sieve.pick(ids{3, 2, 1, 0}, floats{1, 2, 3, 4}).ids()) == ids{1, 0});
  for (std::int64_t id = 0; id < 4; ++id) {
    const gs::ledger_entry& entry = sieve.ledger().at(id);
    CHECK(entry.loss() == static_cast<float>(4 - id));
    CHECK(entry.epoch() == 7);
    CHECK(entry.seen() == 1);
    CHECK(entry.selected() == (id < 2 ? 1u : 0u));
  }
}

TEST_CASE("sieve: observe counts a visit and a selection, refresh a visit") {
  gs::sieve sieve({.examples = 4});
  sieve.begin_epoch(2);
  sieve.observe(ids{1}, floats{5});
  sieve.refresh(ids{2}, floats{6});
  CHECK(sieve.ledger().at(1).loss() == 5.0f);
  CHECK(sieve.ledger().at(1).seen() == 1);
  CHECK(sieve.ledger().at(1).selected() == 1);
  CHECK(sieve.ledger().at(1).epoch() == 2);
  CHECK(sieve.ledger().at(2).loss() == 6.0f);
  CHECK(sieve.ledger().at(2).seen() == 1);
  CHECK(sieve.ledger().at(2).selected() == 0);
  CHECK(sieve.history().size() == 0);  // the window is for picks
}

TEST_CASE("sieve: Stale-SB is due, refresh, pick_cached(ids)") {
  const gs::sieve_options options{.examples = 8,
                                  .policy = gs::power{1.0, 0.2},
                                  .history = 8,
                                  .seed = 5,
                                  .refresh = gs::max_age{2}};
  gs::sieve stale(options), fresh(options);
  const ids all = support::ids_from(0, 8);
  const floats losses = support::ramp(8);
  CHECK(stale.due(all).size() == 8);  // no loss yet
  stale.refresh(all, losses);
  const positions picked = to_vector(stale.pick_cached(all).positions());
  // The same decision as with a forward pass at the same step.
  CHECK(picked == to_vector(fresh.pick(all, losses).positions()));

  stale.begin_epoch(1);
  CHECK(stale.due(all).empty());
  stale.refresh(ids{3, 4}, floats{9, 9});
  stale.begin_epoch(2);
  CHECK(to_vector(stale.due(ids{7, 3, 0, 4})) == positions{0, 2});
  CHECK(stale.ledger().at(3).loss() == 9.0f);
  CHECK(stale.work().forwards == 10);
  CHECK(stale.work().refreshed == 10);
  CHECK(stale.work().backwards == picked.size());
}

TEST_CASE("sieve: a pick from the ledger selects what has no loss, unless that was NaN") {
  gs::sieve sieve({.examples = 4, .policy = gs::uniform{0.0}, .history = 2});
  sieve.pick(ids{0, 1}, floats{1, 2});
  sieve.refresh(ids{2}, floats{support::nan_f()});
  const gs::sieve::selection picked = sieve.pick_cached(ids{0, 1, 2, 3});
  CHECK(to_vector(picked.ids()) == ids{3});
  CHECK(to_vector(picked.probabilities()) == floats{1});
}

TEST_CASE("sieve: the queue gets what was selected, in order, with its step") {
  gs::sieve sieve(
      {.examples = 8, .policy = gs::step{0.5}, .history = 4, .queue = {.batch_size = 3}});
  sieve.pick(ids{0, 1, 2, 3}, floats{1, 2, 3, 4});  // 2, 3
  sieve.pick(ids{4, 5, 6, 7}, floats{4, 3, 2, 1});  // 4, 5
  const gs::queued_batch batch = sieve.queue().next();
  CHECK(to_vector(batch.ids()) == ids{2, 3, 4});
  CHECK(batch.oldest_step() == 0);
  CHECK(sieve.queue().size() == 1);
}

TEST_CASE("sieve: a queue refuses picks without ids, which it could never hand out") {
  gs::sieve sieve({.queue = {.batch_size = 2}});
  CHECK_THROWS_AS(sieve.pick(floats{1, 2, 3}), gs::invalid_argument);
  CHECK(sieve.work() == gs::work_counters{});
  CHECK(sieve.step() == 0);
}

TEST_CASE("sieve: ids need no ledger, and may then be any number") {
  gs::sieve sieve({.history = 8, .queue = {.batch_size = 2}});
  const ids some = {-5, std::int64_t{1} << 60};
  CHECK(to_vector(sieve.pick(some, floats{1, 2}).ids()) == some);
  CHECK(to_vector(sieve.queue().next().ids()) == some);
  CHECK(to_vector(sieve.weights(some, floats{1, 2})) == floats{1, 1});
}

TEST_CASE("sieve: weights alone update history and ledger, and drop nothing") {
  gs::sieve sieve({.examples = 4, .policy = gs::power{1.0}, .history = 4});
  const auto weights = sieve.weights(support::ids_from(0, 4), floats{4, 3, 2, support::nan_f()});
  CHECK(to_vector(weights) == floats{1, 1, 1, 0});  // three losses: the window is not full
  CHECK(sieve.history().size() == 3);
  CHECK(sieve.ledger().at(0).loss() == 4.0f);
  CHECK(sieve.ledger().at(0).selected() == 1);
  const auto later = sieve.weights(floats{5});  // against 4, 3, 2, 5: alone, so its own mean
  CHECK(to_vector(later) == floats{1});
  CHECK(sieve.work() == gs::work_counters{.forwards = 5, .backwards = 5, .non_finite = 1});
}

TEST_CASE("sieve: weights alone have mean 1 over the batch") {
  gs::sieve sieve({.policy = gs::power{2.0, 0.05}, .history = 100});
  sieve.pick(support::random_losses(100, 1));
  for (std::uint32_t step = 0; step < 20; ++step) {
    double sum = 0;
    for (const float weight : sieve.weights(support::random_losses(50, step)))
      sum += double{weight};
    CHECK(sum == Approx(50).epsilon(1e-5));
  }
}

TEST_CASE("sieve: an empty batch is a step and selects nothing") {
  gs::sieve sieve({.examples = 4, .history = 2, .queue = {.batch_size = 2}});
  const gs::sieve::selection none = sieve.pick(ids{}, floats{});
  CHECK(none.empty());
  CHECK(none.ids().empty());
  CHECK(none.offered() == 0);
  CHECK(none.probabilities().empty());
  CHECK(none.weights(gs::normalisation::mean_one).empty());
  CHECK(sieve.pick_cached(ids{}).ids().empty());
  CHECK(sieve.weights(floats{}).empty());
  CHECK(sieve.due(ids{}).empty());
  sieve.observe(ids{}, floats{});
  CHECK(sieve.step() == 3);
  CHECK(sieve.work() == gs::work_counters{});
}

TEST_CASE("sieve: a batch beyond max_batch grows the buffers") {
  gs::sieve sieve({.examples = 1000, .history = 16, .max_batch = 4, .queue = {.batch_size = 8}});
  const ids all = support::ids_from(0, 1000);
  CHECK(sieve.pick(all, support::ramp(1000)).offered() == 1000);
  CHECK(sieve.due(all).empty());
  CHECK(sieve.weights(support::ramp(500)).size() == 500);
}

TEST_CASE("sieve: says what it was made from") {
  const gs::sieve sieve({.examples = 7, .history = 32, .seed = 9});
  CHECK(sieve.options().seed == 9);
  CHECK(sieve.history().capacity() == 32);
  CHECK(sieve.compiled().size() == 32);
  CHECK(sieve.ledger().size() == 7);
  CHECK(sieve.step() == 0);
  CHECK(sieve.epoch() == 0);
  CHECK(sieve.active());
}

TEST_CASE("ids and losses come as vectors, spans, std::array or C arrays alike") {
  const std::array<std::int64_t, 2> fixed{0, 1};
  const int c_array[2] = {0, 1};
  const std::array<double, 2> losses{1.0, 2.0};
  gradsieve::sieve sieve({.examples = 3, .refresh = gradsieve::max_age{2}});
  sieve.observe(fixed, losses);
  sieve.observe(c_array, losses);
  sieve.refresh(c_array, losses);
  CHECK(sieve.pick(c_array, losses).size() == 2);
  CHECK(sieve.pick_cached(fixed).size() == 2);
  CHECK(sieve.due(c_array).empty());
  CHECK(sieve.weights(fixed, losses).size() == 2);
  CHECK(sieve.ledger().at(1).seen() == 5);
}

TEST_CASE("sieve: ties are averaged while the window fills, too") {
  gs::sieve sieve(
      {.policy = gs::step{0.5}, .history = 8, .min_fill = 1, .tied = gs::ties::averaged});
  const gs::sieve::selection picked = sieve.pick(floats{1, 1, 1, 1});
  CHECK(sieve.history().size() == 4);
  for (const float p : picked.probabilities()) CHECK(p == 0.5f);
  std::size_t selected = picked.size();
  for (int step = 0; step < 64; ++step) {
    gs::sieve fresh({.policy = gs::step{0.5},
                     .history = 8,
                     .min_fill = 1,
                     .seed = static_cast<std::uint64_t>(step),
                     .tied = gs::ties::averaged});
    selected += fresh.pick(floats{1, 1, 1, 1}).size();
  }
  CHECK(selected > 64);
}
