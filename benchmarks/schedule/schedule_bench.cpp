// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What schedules cost: whether selection is on, asked once a step, and which losses are
//! stale, asked of every example that might be: against the same conditions written out.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/schedule/staleness.hpp>

namespace {

// Selection is on after an epoch, for seven eighths of the training, but for each fourth step.

constexpr std::uint64_t steps = 65536, steps_an_epoch = 1024;

template <class IsOn>
void active(benchmark::State& state, IsOn is_on) {
  double asked = 0;
  std::uint64_t on = 0;
  for (auto _ : state) {
    on = 0;
    for (std::uint64_t step = 0; step < steps; ++step) {
      const gradsieve::progress at{static_cast<std::uint32_t>(step / steps_an_epoch), step, step,
                                   steps};
      on += std::uint64_t{is_on(at)};
    }
    benchmark::DoNotOptimize(on);
    asked += static_cast<double>(steps);
  }
  bench::per_example(state, asked);
  if (on != (steps * 7 / 8 - steps_an_epoch) * 3 / 4) {
    bench::fail(state, "it is on for " + std::to_string(on) + " steps");
  }
}

void activity(benchmark::State& state) {
  using namespace gradsieve;
  const auto when = (after_epochs{1} && between{0, 0.875} && !every_nth{4}).resolved(steps);
  active(state, when);
}

volatile std::uint32_t first_epoch = 1, nth = 4;  // known only at run time
volatile double share = 0.875;

void conditions(benchmark::State& state) {
  const std::uint32_t first = first_epoch, n = nth;
  const double end = share;
  active(state, [=](const gradsieve::progress& at) {
    return at.epoch >= first &&
           static_cast<double>(at.done) < end * static_cast<double>(at.total) && at.step % n != 0;
  });
}

// A loss is stale after eight epochs, and at its example's turn, every 16 epochs.

constexpr std::size_t n = 65536;
constexpr std::uint32_t epoch = 40, oldest = 8, turns = 16;

template <class Due>
void due(benchmark::State& state, Due is_due) {
  std::vector<std::uint32_t> ages(n);
  for (std::size_t id = 0; id < n; ++id)
    ages[id] = static_cast<std::uint32_t>(bench::word_at(id) % 10);
  double asked = 0;
  std::uint64_t stale = 0;
  for (auto _ : state) {
    stale = 0;
    for (std::size_t id = 0; id < n; ++id) {
      stale += std::uint64_t{is_due(static_cast<std::int64_t>(id), ages[id])};
    }
    benchmark::DoNotOptimize(stale);
    asked += static_cast<double>(n);
  }
  bench::per_example(state, asked);
  // A fifth by age, a 16th of the others by turn.
  const auto examples = static_cast<double>(n);
  if (!bench::plausible(static_cast<double>(stale) / examples, 0.2 + 0.8 / turns, examples,
                        examples)) {
    bench::fail(state, std::to_string(stale) + " losses are stale");
  }
}

void staleness(benchmark::State& state) {
  const auto rule = gradsieve::max_age{oldest} || gradsieve::staggered{turns};
  due(state, [&](std::int64_t id, std::uint32_t age) { return rule.due(id, age, epoch); });
}

volatile std::uint32_t most = oldest, period = turns;  // known only at run time

void age_or_turn(benchmark::State& state) {
  const std::uint32_t age_limit = most, every = period, now = epoch;
  due(state, [=](std::int64_t id, std::uint32_t age) {
    return age >= age_limit || gradsieve::detail::hash_id(id) % every == now % every;
  });
}

const bench::suite all([](const bench::request&) {
  bench::add("active", "gradsieve", {{"N", steps}}, &activity);
  bench::add("active", "conditions", {{"N", steps}}, &conditions);
  bench::add("due", "gradsieve", {{"N", n}}, &staleness);
  bench::add("due", "conditions", {{"N", n}}, &age_or_turn);
});

}  // namespace
