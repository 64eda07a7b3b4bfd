// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve tells whoever watches it, and when.
#include <gradsieve/gradsieve.hpp>

#include <stdexcept>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;
using positions = std::vector<std::uint32_t>;
using keys = std::vector<gs::loss_key>;

struct told {
  keys offered;
  positions selected;
  bool selective;
};

struct notebook {
  std::vector<told> decisions;

  void decided(const gs::decision& made) {
    decisions.push_back({to_vector(made.keys), to_vector(made.selected), made.selective});
  }
};

struct faulty {
  void decided(const gs::decision&) { throw std::runtime_error("the observer failed"); }
};

struct const_counter {
  int* calls;
  void decided(const gs::decision&) const { ++*calls; }
};

struct not_an_observer {};

static_assert(gs::decision_observer<notebook>);
static_assert(gs::decision_observer<const const_counter>);
static_assert(!gs::decision_observer<const notebook>);
static_assert(!gs::decision_observer<not_an_observer>);

template <class Observer>
concept temporary_can_watch = requires(gs::sieve& sieve) {
  sieve.watch(Observer{});
};
static_assert(!temporary_can_watch<notebook>);
static_assert(!temporary_can_watch<const const_counter>);

}  // namespace

TEST_CASE("watch: a pick is told once, with its keys and the positions selected") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  notebook notes;
  sieve.watch(notes);
  CHECK(sieve.pick(floats{1, 2}).size() == 2);  // the window is not full yet
  const positions picked = to_vector(sieve.pick(floats{4, 1, 3, 2}).positions());
  REQUIRE(notes.decisions.size() == 2);
  CHECK(notes.decisions[0].selected == positions{0, 1});
  CHECK_FALSE(notes.decisions[0].selective);
  CHECK(notes.decisions[1].offered ==
        keys{gs::to_key(4.0f), gs::to_key(1.0f), gs::to_key(3.0f), gs::to_key(2.0f)});
  CHECK(notes.decisions[1].selected == picked);
  CHECK(picked == positions{0, 2});
  CHECK(notes.decisions[1].selective);
}

TEST_CASE("watch: an empty batch is told, too") {
  gs::sieve sieve({.policy = gs::power{}, .history = 1});
  notebook notes;
  sieve.watch(notes);
  sieve.pick(floats{});
  REQUIRE(notes.decisions.size() == 1);
  CHECK(notes.decisions[0].offered.empty());
  CHECK(notes.decisions[0].selected.empty());
}

TEST_CASE("watch: a loss that is not finite is told as no loss") {
  const float nan = support::nan_f();
  for (const auto rule : {gs::non_finite::skip, gs::non_finite::select}) {
    gs::sieve sieve({.policy = gs::uniform{1.0}, .history = 2, .on_non_finite = rule});
    notebook notes;
    sieve.watch(notes);
    sieve.pick(floats{1, nan, 2});
    const bool kept = rule == gs::non_finite::select;
    CHECK(notes.decisions.at(0).offered[1] == (kept ? gs::key_always : gs::key_never));
    CHECK(notes.decisions.at(0).selected == (kept ? positions{0, 1, 2} : positions{0, 2}));
  }
}

TEST_CASE("watch: a pick from the ledger is told with the ledger's losses") {
  gs::sieve sieve({.examples = 4, .policy = gs::uniform{1.0}, .history = 2});
  sieve.record(ids{1, 2}, floats{5, 6});
  notebook notes;
  sieve.watch(notes);
  sieve.pick_cached(ids{2, 3, 1});
  REQUIRE(notes.decisions.size() == 1);
  CHECK(notes.decisions[0].offered == keys{gs::to_key(6.0f), gs::key_always, gs::to_key(5.0f)});
}

TEST_CASE("watch: a weighing keeps everything but what is skipped, and was no choice") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 2});
  notebook notes;
  sieve.watch(notes);
  const floats weights = to_vector(sieve.weights(floats{1, support::nan_f(), 2, 3}));
  CHECK(weights[0] == 0.0f);  // the policy's doing, but nothing is dropped
  REQUIRE(notes.decisions.size() == 1);
  CHECK(notes.decisions[0].offered.size() == 4);
  CHECK(notes.decisions[0].selected == positions{0, 2, 3});
  CHECK_FALSE(notes.decisions[0].selective);
  sieve.weights(floats{});
  CHECK(notes.decisions.size() == 2);
}

TEST_CASE("watch: a plan is told when it is made, in parts, in the order of ids") {
  constexpr std::int64_t n = 2 * 4096 + 5;
  gs::sieve sieve({.examples = n,
                   .policy = gs::power{1.0, 0.1},
                   .history = 64,
                   .active = gs::after_epochs{1},
                   .refresh = gs::max_age{2}});
  notebook notes;
  sieve.watch(notes);
  sieve.plan(0);
  REQUIRE(notes.decisions.size() == 3);
  CHECK(notes.decisions[2].offered == keys(5, gs::key_always));
  CHECK(notes.decisions[2].selected == positions{0, 1, 2, 3, 4});
  CHECK_FALSE(notes.decisions[2].selective);
  sieve.plan(0);
  CHECK(notes.decisions.size() == 3);

  // Id 7 has no loss; ids from 8000 on were visited now and are not overdue, the others are.
  const floats losses = support::random_losses(static_cast<std::size_t>(n), 1);
  for (std::int64_t id = 0; id < n; ++id) {
    if (id == 7) continue;
    sieve.begin_epoch(id < 8000 ? 0 : 2);
    sieve.record(ids{id}, floats{losses[static_cast<std::size_t>(id)]});
  }
  const ids train = to_vector(sieve.plan(2).train());
  REQUIRE(notes.decisions.size() == 6);
  ids selected;
  for (std::size_t part = 0; part < 3; ++part) {
    const told& made = notes.decisions[3 + part];
    CHECK(made.selective);
    CHECK(made.offered.size() == (part < 2 ? 4096u : 5u));
    for (std::size_t i = 0; i < made.offered.size(); ++i) {
      const std::size_t id = part * 4096 + i;
      const auto expected = id == 7 ? gs::key_always : gs::to_key(losses[id]);
      if (made.offered[i] != expected) FAIL_CHECK("the key of id " << id);
    }
    for (const std::uint32_t position : made.selected) {
      selected.push_back(static_cast<std::int64_t>(part * 4096 + position));
    }
  }
  CHECK(selected == train);
  CHECK(train.size() < static_cast<std::size_t>(n));
}

TEST_CASE("watch: the last observer alone is told, until unwatch") {
  gs::sieve sieve({.history = 2});
  notebook first;
  int calls = 0;
  const const_counter second{&calls};
  sieve.watch(first);
  sieve.pick(floats{1});
  sieve.watch(second);
  sieve.pick(floats{1});
  CHECK(first.decisions.size() == 1);
  CHECK(calls == 1);
  sieve.unwatch();
  sieve.pick(floats{1});
  sieve.weights(floats{1});
  CHECK(first.decisions.size() == 1);
  CHECK(calls == 1);
}

TEST_CASE("watch: what observe, refresh and record take is no decision") {
  gs::sieve sieve({.examples = 2});
  notebook notes;
  sieve.watch(notes);
  sieve.observe(ids{0}, floats{1});
  sieve.refresh(ids{0}, floats{1});
  sieve.record(ids{0}, floats{1});
  sieve.due(ids{0});
  CHECK(notes.decisions.empty());
}

TEST_CASE("watch: an observer is no part of a state, and stays through a load") {
  const gs::sieve_options options{
      .examples = 64, .policy = gs::power{}, .history = 16, .seed = 4, .refresh = gs::max_age{2}};
  gs::sieve watched(options), plain(options);
  notebook notes;
  watched.watch(notes);
  const ids all = support::ids_from(0, 64);
  for (std::uint32_t step = 0; step < 3; ++step) {
    const floats losses = support::random_losses(64, step);
    CHECK(to_vector(watched.pick(all, losses).ids()) == to_vector(plain.pick(all, losses).ids()));
    CHECK(to_vector(watched.weights(all, losses)) == to_vector(plain.weights(all, losses)));
    CHECK(to_vector(watched.plan(step).train()) == to_vector(plain.plan(step).train()));
  }
  CHECK(watched.save() == plain.save());
  const std::size_t before = notes.decisions.size();
  watched.load(plain.save());
  watched.pick(all, support::random_losses(64, 9));
  CHECK(notes.decisions.size() == before + 1);
}

TEST_CASE("watch: when the observer throws, the step is done all the same") {
  const gs::sieve_options options{.examples = 64,
                                  .policy = gs::power{1.0, 0.1},
                                  .history = 16,
                                  .seed = 5,
                                  .queue = {.batch_size = 8}};
  gs::sieve watched(options), plain(options);
  faulty observer;
  watched.watch(observer);
  const ids all = support::ids_from(0, 64);
  for (std::uint32_t step = 0; step < 4; ++step) {
    const floats losses = support::random_losses(64, step);
    CHECK_THROWS_WITH(watched.pick(all, losses), contains("the observer failed"));
    plain.pick(all, losses);
    CHECK_THROWS_WITH(watched.weights(all, losses), contains("the observer failed"));
    plain.weights(all, losses);
    CHECK_THROWS_WITH(watched.plan(step + 1), contains("the observer failed"));
    plain.plan(step + 1);
    CHECK(watched.save() == plain.save());
    CHECK(watched.work() == plain.work());
    // The plan is there, and is told no more.
    CHECK(to_vector(watched.plan(step + 1).train()) == to_vector(plain.plan(step + 1).train()));
  }
}
