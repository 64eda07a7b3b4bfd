// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A run that is stopped and resumed at any of its calls equals the run that was not.
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/sieve.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::bytes;

namespace {

using ids = std::vector<std::int64_t>;

constexpr std::int64_t examples = 60;
constexpr std::size_t epochs = 4, batches = 6, batch_size = 10;

//! A loss of an example at a time: ties are common, a few are NaN.
float loss_of(std::int64_t id, std::uint64_t time) {
  support::random_source source(static_cast<std::uint64_t>(id) * 1000003 + time);
  if (source.below(23) == 0) return support::nan_f();
  return static_cast<float>(source.below(12)) * 0.25f;
}

std::vector<float> losses_of(std::span<const std::int64_t> of, std::uint64_t time) {
  std::vector<float> losses;
  for (const std::int64_t id : of) losses.push_back(loss_of(id, time));
  return losses;
}

std::int64_t bits_of(float value) { return static_cast<std::int64_t>(gs::float_bits(value)); }

//! A trainer that makes one call of its sieve at a time and remembers only numbers.
template <class Sieve>
struct picking {
  std::uint64_t at = 0;  // call number: 3 to a batch
  static constexpr std::uint64_t calls = epochs * batches * 3;

  ids call(Sieve& sieve) {
    const std::uint64_t now = at++, batch = now / 3;
    if (batch % batches == 0 && now % 3 == 0) {
      sieve.begin_epoch(static_cast<std::uint32_t>(batch / batches));
    }
    if (now % 3 != 0) return support::to_vector(sieve.queue().next().ids());
    const ids offered =
        support::ids_from(static_cast<std::int64_t>(batch % batches * batch_size), batch_size);
    const auto selection = sieve.pick(offered, losses_of(offered, now), {.first_position = now});
    ids seen = support::to_vector(selection.ids());
    for (const float p : selection.probabilities()) seen.push_back(bits_of(p));
    return seen;
  }
};

//! Plans, then trains a batch of the plan to a call; stops in the middle of an epoch go on with
//! `first_batch`.
template <class Sieve>
struct planning {
  std::uint32_t epoch = 0;
  std::size_t batch = 0;
  std::uint64_t at = 0;
  static constexpr std::uint64_t calls = 30;

  ids call(Sieve& sieve) {
    ++at;
    const gs::plan_view plan = sieve.plan(epoch);
    auto rest = plan.batches(7, gs::last_batch::partial, batch);
    ids seen;
    if (batch == 0) seen = support::to_vector(plan.train());
    if (rest.size() == 0) {
      const ids stale = support::to_vector(plan.refresh());
      sieve.refresh(stale, losses_of(stale, at));
      seen.insert(seen.end(), stale.begin(), stale.end());
      ++epoch;
      batch = 0;
      return seen;
    }
    const ids trained = support::to_vector(*rest.begin());
    sieve.observe(trained, losses_of(trained, at));
    ++batch;
    seen.insert(seen.end(), trained.begin(), trained.end());
    return seen;
  }
};

//! Classes with policies of their own, scores, examples that are retired on the way, batches filled
//! up: plans, picks from fresh and from kept losses, weights and a queue take turns.
struct teaching {
  std::uint64_t at = 0;
  planning<gs::sieve> plans = {};
  static constexpr std::uint64_t calls = 75;

  ids call(gs::sieve& sieve) {
    const std::uint64_t now = at++;
    if (now == 0) {
      std::vector<int> classes;
      for (std::int64_t id = 0; id < examples; ++id) classes.push_back(static_cast<int>(id % 3));
      sieve.assign_groups(classes);
    }
    if (now % 13 == 5) sieve.retire(ids{static_cast<std::int64_t>(now * 7 % examples)});
    const ids offered = support::ids_from(static_cast<std::int64_t>(now * 9 % 50), batch_size);
    switch (now % 5) {
      case 0: return seen(sieve.pick(offered, losses_of(offered, now)));
      case 1: return seen(sieve.pick_cached(offered));
      case 2: return support::to_vector(sieve.queue().next().ids());
      case 3: {
        ids all;
        for (const float w : sieve.weights(offered, losses_of(offered, now))) {
          all.push_back(bits_of(w));
        }
        return all;
      }
      default: return plans.call(sieve);
    }
  }

  static ids seen(const gs::sieve::selection& selection) {
    ids all = support::to_vector(selection.ids());
    for (const float p : selection.probabilities()) all.push_back(bits_of(p));
    return all;
  }
};

float aged(std::int64_t id, float loss, std::uint32_t age, gs::group_id group) {
  return loss + static_cast<float>(age) * 0.5f + static_cast<float>((id + group) % 4);
}

//! Runs without a stop, keeping what every call gave and a saved state before it; then resumes from
//! each of these in a fresh sieve.
template <class Trainer, class Make>
void check_resume(Make make) {
  auto whole = make();
  Trainer trainer;
  std::vector<std::pair<Trainer, bytes>> stops;
  std::vector<ids> log;
  std::size_t handed = 0;
  for (std::uint64_t i = 0; i < Trainer::calls; ++i) {
    stops.emplace_back(trainer, whole.save());
    log.push_back(trainer.call(whole));
    handed += log.back().size();
  }
  REQUIRE(handed > 100);
  const bytes last = whole.save();
  for (std::size_t stop = 0; stop < stops.size(); ++stop) {
    auto resumed = make();
    resumed.load(stops[stop].second);
    REQUIRE(resumed.save() == stops[stop].second);
    Trainer again = stops[stop].first;
    for (std::size_t i = stop; i < log.size(); ++i) REQUIRE(again.call(resumed) == log[i]);
    REQUIRE(resumed.save() == last);
    REQUIRE(resumed.work() == whole.work());
  }
}

gs::sieve_options picking_options() {
  return {.examples = examples,
          .policy = gs::power{2.0, 0.05},
          .history = 32,
          .max_batch = batch_size,
          .seed = 5,
          .queue = {.batch_size = 4}};
}

void check_picking(const gs::sieve_options& options) {
  check_resume<picking<gs::sieve>>([&] { return gs::sieve(options); });
}

void check_planning(const gs::sieve_options& options) {
  check_resume<planning<gs::sieve>>([&] { return gs::sieve(options); });
}

}  // namespace

TEST_CASE("resume: picks with ids and a queue, stopped at every call, also in mid-queue") {
  check_picking(picking_options());
}

TEST_CASE("resume: deciding first, updating then") {
  gs::sieve_options options = picking_options();
  options.order = gs::update_order::decide_then_update;
  check_picking(options);
}

TEST_CASE("resume: while the window fills, under a smaller min_fill") {
  gs::sieve_options options = picking_options();
  options.history = 128;
  options.min_fill = 3;
  check_picking(options);
}

TEST_CASE("resume: averaged ties, of each form of rule") {
  gs::sieve_options options = picking_options();
  options.tied = gs::ties::averaged;
  check_picking(options);
  options.policy = gs::band{0.7, 1.0, 0.1};
  check_picking(options);
}

TEST_CASE("resume: draws keyed by id, a schedule by steps, a queue that drops and ages") {
  gs::sieve_options options = picking_options();
  options.keying = gs::draw_by::id;
  options.total_steps = epochs * batches;
  options.active = gs::between{0.25, 0.9};
  options.queue = {.batch_size = 4, .last = gs::last_batch::drop, .backlog = 9, .max_age = 2};
  check_picking(options);
  options.queue = {.batch_size = 4, .last = gs::last_batch::partial};
  check_picking(options);
}

TEST_CASE("resume: a selector of exactly k") {
  using sieve = gs::basic_sieve<gs::loss_window, gs::exactly_k_selector>;
  check_resume<picking<sieve>>(
      [] { return sieve(picking_options(), gs::loss_window(32), gs::exactly_k_selector(3)); });
}

TEST_CASE("resume: plans, stopped at every batch of an epoch") {
  gs::sieve_options options = picking_options();
  options.queue = {};
  check_planning(options);
  options.policy = gs::band{0.7, 1.0, 0.0};
  options.refresh = gs::max_age{2} || gs::staggered{3};
  options.tied = gs::ties::averaged;
  check_planning(options);
}

TEST_CASE("resume: a plan that is not finished is the saved one, though the losses moved on") {
  gs::sieve_options options = picking_options();
  options.queue = {};
  gs::sieve s(options);
  const ids all = support::ids_from(0, examples);
  s.observe(all, losses_of(all, 1));
  const ids planned = support::to_vector(s.plan(1).train());
  s.observe(all, losses_of(all, 2));
  gs::sieve resumed(options);
  resumed.load(s.save());
  CHECK(support::to_vector(resumed.plan(1).train()) == planned);
  CHECK(resumed.plan(1).selective());
  CHECK(resumed.work() == s.work());
  CHECK(support::to_vector(resumed.plan(2).train()) == support::to_vector(s.plan(2).train()));
  CHECK(resumed.save() == s.save());
}

TEST_CASE("resume: classes with policies of their own, scores, retired examples, min_batch") {
  gs::sieve_options options = picking_options();
  options.refresh = gs::max_age{2};
  options.min_batch = 4;
  options.by = &aged;
  options.per_group = {gs::power{2.0}, gs::band{0.7, 1.0, 0.1}, gs::uniform{0.25}};
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  options.tied = tied;
  check_resume<teaching>([&] { return gs::sieve(options); });

  // What this is about is in the saved bytes: without any of it the run is another one.
  const auto log_of = [](const gs::sieve_options& of) {
    gs::sieve sieve(of);
    teaching trainer;
    ids all;
    for (std::uint64_t i = 0; i < teaching::calls; ++i) {
      const ids seen = trainer.call(sieve);
      all.insert(all.end(), seen.begin(), seen.end());
    }
    return all;
  };
  const ids log = log_of(options);
  gs::sieve_options unscored = options, unfilled = options, alike = options;
  unscored.by = {};
  unfilled.min_batch = 0;
  alike.per_group = {gs::power{2.0}, gs::power{2.0}, gs::power{2.0}};
  CHECK(log_of(unscored) != log);
  CHECK(log_of(unfilled) != log);
  CHECK(log_of(alike) != log);
}

TEST_CASE("resume: weights alone") {
  gs::sieve_options options = picking_options();
  options.queue = {};
  gs::sieve whole(options);
  const ids all = support::ids_from(0, examples);
  for (std::uint64_t step = 0; step < 10; ++step) {
    gs::sieve resumed(options);
    resumed.load(whole.save());
    const auto a = support::to_vector(resumed.weights(all, losses_of(all, step)));
    const auto b = support::to_vector(whole.weights(all, losses_of(all, step)));
    REQUIRE(a == b);
    REQUIRE(resumed.save() == whole.save());
  }
}

TEST_CASE("resume: a ledger that grew comes back as large as it was") {
  gs::sieve_options options = picking_options();
  gs::sieve s(options);
  s.ledger().grow(examples + 40);
  s.pick(ids{99}, std::vector{0.5f});
  gs::sieve resumed(options);
  resumed.load(s.save());
  CHECK(resumed.ledger().size() == 100);
  CHECK(resumed.ledger().at(99).loss() == Approx(0.5));
  CHECK(resumed.save() == s.save());
}
