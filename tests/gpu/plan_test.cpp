// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/device_rule.hpp>
#include <gradsieve/gpu/planner.hpp>
#include <gradsieve/sieve.hpp>

#include "gpu/parity.hpp"

#include <random>

namespace gs = gradsieve;

namespace {

//! Nothing of what it spares is drawn, so what is due is to be refreshed.
const gs::curve interval = gs::band{0.6, 0.8, 0.0};

//! A sieve on the host, and what plans the same on the device from a copy of its ledger.
struct two_planners {
  explicit two_planners(const gs::sieve_options& options,
                        std::uint32_t segment = std::uint32_t{1} << 31)
      : host(options), state(std::vector<gs::gpu::sieve_state>(1)) {
    const auto history = static_cast<std::uint32_t>(options.history);
    const auto examples = static_cast<std::uint64_t>(options.examples);
    device::check(ledger.allocate(examples));
    device::check(planner.allocate(examples, history, 3, segment));
    device::check(rule.reserve(history));
    device::check(rule.assign(host.compiled()));
  }

  void copy_ledger() {
    std::vector<std::uint64_t> words;
    for (const gs::ledger_entry& entry : host.ledger().entries()) {
      words.push_back(gs::gpu::detail::to_word(entry));
    }
    device::check(ledger.write(words));
  }

  void plan(std::uint32_t epoch) {
    const gs::sieve_options& options = host.options();
    const gs::draw_key draws{options.seed, epoch, gs::purpose::plan, options.replica};
    const bool active = options.active({epoch, epoch, epoch, options.total_epochs});
    device::check(planner.plan(ledger.ref(), rule.view(), host.compiled().guarded_rank(),
                               options.refresh, draws, active, state.data(), nullptr));
  }

  //! Begins with what the host has counted.
  void take_counters() {
    gs::gpu::sieve_state counters = state[0];
    counters.work = host.work();
    state.assign({counters});
  }

  //! Plans on both sides and compares all of it.
  void expect_equal(std::uint32_t epoch) {
    copy_ledger();
    plan(epoch);
    const gs::plan_view expected = host.plan(epoch);
    gs::gpu::plan_state got;
    device::check(planner.read(got));
    CAPTURE(epoch, host.ledger().size());
    REQUIRE(got.ready == 1);
    REQUIRE(got.epoch == epoch);
    REQUIRE((got.selective != 0) == expected.selective());
    REQUIRE(got.train == expected.size());
    REQUIRE(got.refresh == expected.refresh().size());
    REQUIRE(got.forced == expected.forced());
    const gs::gpu::planned there = planner.view();
    const auto train = device::copy(there.train, got.train);
    REQUIRE(std::equal(train.begin(), train.end(), expected.train().begin()));
    const auto refresh = device::copy(there.refresh, got.refresh);
    REQUIRE(std::equal(refresh.begin(), refresh.end(), expected.refresh().begin()));
    expect_probabilities(expected, train, device::copy(there.keys, got.train));
    expect_batches(expected);
    const gs::work_counters work = host.work();
    REQUIRE(state[0].work == work);
    REQUIRE(state[0].epoch == epoch);
  }

  gs::sieve host;
  gs::gpu::device_ledger ledger;
  gs::gpu::device_planner planner;
  gs::gpu::device_rule rule;
  device::array<gs::gpu::sieve_state> state;

 private:
  void expect_probabilities(const gs::plan_view& expected, const std::vector<std::int64_t>& train,
                            const std::vector<gs::loss_key>& keys) const {
    const auto history = static_cast<std::uint32_t>(host.options().history);
    const auto slots = device::copy(planner.view().window, history + 2);
    const gs::window_view window{slots.data(), history};
    bool same = true;
    for (std::size_t i = 0; i < train.size(); ++i) {
      const double p = expected.selective()
                           ? gs::to_probability(host.compiled().view().mass_of(window, keys[i]))
                           : 1.0;
      same = same && p == expected.probability(train[i]);
      same = same && (expected.selective() || keys[i] == gs::key_always);
    }
    REQUIRE(same);
  }

  void expect_batches(const gs::plan_view& expected) const {
    const std::uint32_t size = 300;
    const device::array<std::int64_t> ids(size);
    const device::array<std::uint32_t> count(1);
    const device::array<float> probabilities(size);
    const gs::draw_key order{host.options().seed, 0, gs::purpose::order, host.options().replica};
    const auto batch_from = [&](std::uint64_t from) {
      device::check(planner.batch(rule.view(), order, from, size, ids.data(), count.data(),
                                  probabilities.data(), nullptr));
    };
    std::uint64_t from = 0;
    for (const auto batch : expected.batches(size)) {
      batch_from(from);
      REQUIRE(count[0] == batch.size());
      const auto got = ids.first(batch.size());
      REQUIRE(std::equal(got.begin(), got.end(), batch.begin()));
      const auto p = probabilities.first(batch.size());
      REQUIRE(std::equal(got.begin(), got.end(), p.begin(), [&](std::int64_t id, float there) {
        return there == static_cast<float>(expected.probability(id));
      }));
      from += size;
      if (from > 1000) break;
    }
    batch_from(expected.size());
    REQUIRE(count[0] == 0);
  }
};

//! Gives some examples losses, at several epochs, with ties and some who never get a finite one.
void train_some(std::mt19937& random, gs::sieve& sieve, std::uint32_t epoch) {
  sieve.begin_epoch(epoch);
  std::vector<std::int64_t> ids;
  std::vector<float> losses;
  const auto examples = static_cast<std::uint64_t>(sieve.ledger().size());
  for (std::uint64_t i = 0; i < examples / 2; ++i) {
    ids.push_back(static_cast<std::int64_t>(random() % examples));
    const auto kind = random() % 16;
    losses.push_back(kind == 0   ? std::numeric_limits<float>::quiet_NaN()
                     : kind < 6  ? static_cast<float>(random() % 20)
                     : kind < 8  ? -0.25f
                     : kind == 8 ? std::bit_cast<float>(static_cast<std::uint32_t>(random()))
                                 : static_cast<float>(random()) * 1e-9f);
  }
  sieve.observe(ids, losses);
}

gs::sieve_options options_of(const gs::curve& policy, std::int64_t examples, std::size_t history) {
  return {.examples = examples,
          .policy = policy,
          .history = history,
          .seed = 11,
          .refresh = gs::max_age{4} || gs::staggered{5}};
}

}  // namespace

TEST_CASE("a plan equals the host's for each rule, any window and any size",
          "[gpu][plan][patient]") {
  const gs::curve& policy = *GENERATE(&parity::monotone, &interval, &parity::general);
  const std::size_t history = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{300});
  const std::int64_t examples = GENERATE(1, 5, 1000, 4099);
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  CAPTURE(history, examples, static_cast<int>(tied));
  const parity::any_order scope(static_cast<std::uint64_t>(examples) + history);
  std::mt19937 random(static_cast<unsigned>(examples));
  gs::sieve_options options = options_of(policy, examples, history);
  options.tied = tied;
  two_planners both(options);
  for (std::uint32_t epoch = 4094; epoch < 4098; ++epoch) {
    train_some(random, both.host, epoch);
    both.take_counters();
    both.expect_equal(epoch);
  }
}

TEST_CASE("more tiles than blocks, and more launches than one, give the same plan", "[gpu][plan]") {
  const std::uint32_t segment = GENERATE(4096u, 8192u, 5000u, 30000u);
  const parity::any_order scope(segment);
  std::mt19937 random(segment);
  two_planners both(options_of(interval, 29000, 100), segment);
  bool spared = false;
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    train_some(random, both.host, 2 * epoch);
    both.take_counters();
    both.expect_equal(2 * epoch + 1);
    spared = spared || !both.host.plan(2 * epoch + 1).refresh().empty();
  }
  CHECK(spared);
}

TEST_CASE("quantiles are exact for the longest window, for equal losses and for all floats",
          "[gpu][plan]") {
  const int kind = GENERATE(0, 1, 2, 3);
  two_planners both(options_of(parity::monotone, 5000, kind == 3 ? 4096 : 1000));
  std::mt19937 random(5);
  for (std::int64_t id = 0; id < both.host.ledger().size(); ++id) {
    const auto bits = static_cast<std::uint32_t>(random());
    const float any = std::bit_cast<float>(bits);
    const float loss = kind == 0 ? 3.0f : kind == 1 ? static_cast<float>(id) * 0x1p-149f : any;
    if (gs::is_finite(gs::to_key(loss))) both.host.ledger().set_loss(id, loss);
  }
  both.expect_equal(1);
}

TEST_CASE("without any loss, or with selection off, all but the retired are trained",
          "[gpu][plan]") {
  gs::sieve_options options = options_of(interval, 5000, 10);
  options.active = gs::after_epochs{2};
  two_planners both(options);
  both.host.retire(std::vector<int>{0, 17, 4096, 4999});
  const parity::any_order scope(1);
  both.expect_equal(0);
  both.expect_equal(5);  // on, but nothing is known
  std::mt19937 random(1);
  train_some(random, both.host, 1);
  both.take_counters();
  both.expect_equal(1);
  CHECK(both.host.plan(1).size() == 4996);
  both.expect_equal(2);
  CHECK(both.host.plan(2).selective());
}

TEST_CASE("the examples retired are not planned, nor offered", "[gpu][plan]") {
  two_planners both(options_of(parity::general, 3000, 50));
  std::mt19937 random(3);
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    train_some(random, both.host, epoch);
    std::vector<std::int64_t> out;
    for (int i = 0; i < 300; ++i) out.push_back(static_cast<std::int64_t>(random() % 3000));
    both.host.retire(out);
    both.take_counters();
    both.expect_equal(epoch);
  }
}

TEST_CASE("a second call for an epoch keeps its plan, whatever the ledger learned since",
          "[gpu][plan]") {
  two_planners both(options_of(parity::monotone, 2000, 64));
  std::mt19937 random(4);
  train_some(random, both.host, 0);
  both.take_counters();
  both.expect_equal(1);
  train_some(random, both.host, 1);
  both.take_counters();
  both.expect_equal(1);
  gs::gpu::plan_state got;
  device::check(both.planner.read(got));
  CHECK(got.fresh == 0);
  both.expect_equal(2);
}

TEST_CASE("the tables of the quantiles are left clear", "[gpu][plan]") {
  two_planners both(options_of(parity::general, 3000, 200));
  std::mt19937 random(6);
  for (std::uint32_t epoch = 0; epoch < 6; ++epoch) {
    for (std::int64_t id = 0; id < 3000; ++id) {
      both.host.ledger().set_loss(id, static_cast<float>(random() % 997) * (epoch % 2 ? 1 : 1e-3f));
    }
    both.expect_equal(epoch);
  }
}

TEST_CASE("ids beyond 32 bits are decided by their own draws", "[gpu][plan]") {
  const std::uint64_t first = (std::uint64_t{1} << 34) + 4096;
  const std::uint32_t n = 4500, history = 64;
  const gs::rule compiled(interval, history);
  std::mt19937 random(9);
  std::vector<std::uint64_t> words;
  for (std::uint32_t i = 0; i < n; ++i) {
    gs::ledger_entry entry;
    entry.visit(gs::to_key(static_cast<float>(random() % 500)),
                static_cast<std::uint32_t>(random() % 9));
    words.push_back(gs::gpu::detail::to_word(entry));
  }
  std::vector<gs::loss_key> slots = {gs::key_below};
  for (std::uint32_t i = 0; i < history; ++i)
    slots.push_back(gs::to_key(7.5f * static_cast<float>(i)));
  slots.push_back(gs::key_above);

  gs::gpu::device_rule rule;
  device::check(rule.reserve(history));
  device::check(rule.assign(compiled));
  const device::array<std::uint64_t> words_there(words);
  const device::array<gs::loss_key> slots_there(slots), keys(n);
  const device::array<std::int64_t> train(n), refresh(n);
  const std::uint64_t before = std::uint64_t{1} << 33;  // trained by the launches before
  const std::vector<gs::gpu::plan_state> begun = {
      {.train = 0, .forced = before, .epoch = 8, .selective = 1, .fresh = 1}};
  const device::array<gs::gpu::plan_state> plan(begun);
  const device::array<gs::gpu::sieve_state> state(std::vector<gs::gpu::sieve_state>(1));
  const device::array<std::uint64_t> tiles(std::vector<std::uint64_t>(4, 0));
  const gs::staleness stale = gs::max_age{6} || gs::staggered{4};
  const gs::draw_key draws{3, 8, gs::purpose::plan, 1};
  const gs::gpu::detail::plan_terms terms{draws, stale, history, compiled.guarded_rank()};
  rule.view().visit([&](const auto& form) {
    using form_type = std::remove_cvref_t<decltype(form)>;
    const gs::gpu::detail::plan_kernel<form_type> kernel{
        words_there.data(),
        first + n,
        terms,
        form,
        {train.data(), keys.data(), refresh.data(), const_cast<gs::loss_key*>(slots_there.data()),
         plan.data()},
        state.data(),
        {tiles.data(), tiles.data() + 2},
        first,
        n};
    device::check(gs::gpu::detail::launch(kernel, 2, nullptr));
  });

  std::vector<std::int64_t> expected, spared;
  const gs::window_view window{slots.data(), history};
  const gs::loss_key guard = slots[compiled.guarded_rank()];
  std::uint64_t forced = before;
  for (std::uint32_t i = 0; i < n; ++i) {
    const gs::ledger_entry entry = gs::gpu::detail::to_entry(words[i]);
    const auto id = static_cast<std::int64_t>(first + i);
    const bool due = stale.due(id, entry.age(8), 8), guarded = entry.key > guard;
    const gs::loss_key key = due && !guarded ? gs::key_always : entry.key;
    const bool selected =
        compiled.view().selects(window, key, gs::draw(draws, static_cast<std::uint64_t>(id)));
    if (selected) expected.push_back(id);
    if (due && guarded && !selected) spared.push_back(id);
    forced += due && !guarded ? 1 : 0;
  }
  CHECK(spared.size() > 100);
  const gs::gpu::plan_state made = plan[0];
  REQUIRE(made.train == expected.size());
  CHECK(train.first(expected.size()) == expected);
  REQUIRE(made.refresh == spared.size());
  CHECK(refresh.first(spared.size()) == spared);
  CHECK(made.forced == forced);
  CHECK(state[0].work.skipped == first + n - expected.size());
}
