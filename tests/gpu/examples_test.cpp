// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

namespace {

//! A training on both sides, step by step; ids repeat, and some are retired.
template <class Selector = gs::poisson_selector>
struct training {
  using host_sieve = gs::basic_sieve<gs::loss_window, Selector>;
  using device_sieve = gs::gpu::basic_sieve<Selector>;
  static constexpr std::size_t most = 700;

  training(const gs::sieve_options& how, std::uint32_t seed, Selector selector = Selector())
      : options(how), selects(selector), host(fresh_host()), random(seed) {
    device::check(there.create(options, {.max_batch = most, .plans = true}, selector));
  }

  host_sieve fresh_host() const {
    return host_sieve(options, gs::loss_window(options.history), selects);
  }

  void draw_batch(std::size_t n) {
    ids.resize(n);
    const auto examples = static_cast<std::uint64_t>(options.examples);
    const std::uint64_t range = random() % 4 == 0 ? 5 : examples;
    for (std::int64_t& id : ids) id = static_cast<std::int64_t>(random() % range % examples);
    losses = parity::mixed(random, n);
    ids_there.assign(ids);
    losses_there.assign(losses);
  }

  void pick() {
    draw_batch(random() % most);
    const gs::pick_options where{.first_position = random() % 1000};
    const auto expected = host.pick(ids, losses, where);
    device::check(there.pick_ids(ids_there.data(), losses_there.data(), ids.size(), out.data(),
                                 count.data(), nullptr, where));
    REQUIRE(count[0] == expected.ids().size());
    const auto got = out.first(count[0]);
    REQUIRE(std::equal(got.begin(), got.end(), expected.ids().begin()));
  }

  void visit(int kind) {
    draw_batch(random() % most);
    const std::size_t n = ids.size();
    if (kind == 0) {
      host.observe(ids, losses);
      device::check(there.observe(ids_there.data(), losses_there.data(), n));
    } else if (kind == 1) {
      host.refresh(ids, losses);
      device::check(there.refresh(ids_there.data(), losses_there.data(), n));
    } else {
      host.record(ids, losses);
      device::check(there.record(ids_there.data(), losses_there.data(), n));
    }
  }

  void retire() {
    draw_batch(3);
    const device::array<std::uint32_t> ages(3);
    device::check(there.ages(ids_there.data(), 3, ages.data()));
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(ages[i] == host.ledger().age(ids[i], host.epoch()));
    }
    host.retire(ids);
    device::check(there.retire(ids_there.data(), ids.size()));
  }

  void plan(std::uint32_t epoch) {
    const gs::plan_view expected = host.plan(epoch);
    device::check(there.plan(epoch));
    gs::gpu::plan_state state;
    device::check(there.read_plan(state));
    REQUIRE(state.train == expected.size());
    const auto train = device::copy(there.last_plan().train, state.train);
    REQUIRE(std::equal(train.begin(), train.end(), expected.train().begin()));
    const std::size_t size = 64;
    std::size_t first = 0;
    for (const auto batch : expected.batches(size)) {
      device::check(there.plan_batch(first, size, out.data(), count.data()));
      REQUIRE(count[0] == batch.size());
      const auto got = out.first(batch.size());
      REQUIRE(std::equal(got.begin(), got.end(), batch.begin()));
      first += size;
      if (first >= 2 * size) break;
    }
  }

  std::vector<std::byte> saved() {
    std::vector<std::byte> bytes;
    device::check(there.save(bytes));
    return bytes;
  }

  //! The device goes on from the host's bytes, the host from the device's.
  void change_sides() {
    const std::vector<std::byte> bytes = saved();
    device::check(there.load(host.save()));
    host = fresh_host();
    host.load(bytes);
  }

  void step(std::uint32_t& epoch) {
    const auto what = random() % 10;
    if (what < 4) {
      pick();
    } else if (what < 7) {
      visit(static_cast<int>(what - 4));
    } else if (what == 7 && random() % 3 == 0) {
      retire();
    } else if (what == 8) {
      epoch += static_cast<std::uint32_t>(random() % 2);
      plan(epoch);
    } else {
      epoch += static_cast<std::uint32_t>(random() % 2);
      host.begin_epoch(epoch);
      device::check(there.begin_epoch(epoch));
    }
  }

  gs::sieve_options options;
  Selector selects;
  host_sieve host;
  device_sieve there;
  std::mt19937 random;
  std::vector<std::int64_t> ids;
  std::vector<float> losses;
  device::array<std::int64_t> ids_there{most}, out{most};
  device::array<float> losses_there{most};
  device::array<std::uint32_t> count{1};
};

gs::sieve_options options_of(const gs::curve& policy) {
  return {.examples = 600,
          .policy = policy,
          .history = 50,
          .seed = 21,
          .active = gs::after_epochs{1},
          .refresh = gs::max_age{3} || gs::staggered{7}};
}

}  // namespace

TEST_CASE("a training on the device is the host's, also when it changes sides in the middle",
          "[gpu][examples][patient]") {
  const gs::curve& policy = *GENERATE(&parity::monotone, &parity::interval, &parity::general);
  const auto keying = GENERATE(gs::draw_by::position, gs::draw_by::id);
  const auto bad = GENERATE(gs::non_finite::skip, gs::non_finite::select);
  const auto order =
      GENERATE(gs::update_order::update_then_decide, gs::update_order::decide_then_update);
  const std::uint32_t seed = GENERATE(1u, 2u);
  CAPTURE(static_cast<int>(keying), static_cast<int>(bad), static_cast<int>(order), seed);
  const parity::any_order scope(seed);
  gs::sieve_options options = options_of(policy);
  options.keying = keying;
  options.on_non_finite = bad;
  options.order = order;
  training<> both(options, seed);
  std::uint32_t epoch = 4093 * (seed - 1);
  for (int step = 0; step < 60; ++step) {
    CAPTURE(step);
    both.step(epoch);
    if (step % 20 == 13) both.change_sides();
    if (step % 15 == 0) REQUIRE(both.saved() == both.host.save());
  }
  CHECK(both.saved() == both.host.save());
  CHECK(both.host.ledger().retired() > 0);
}

TEST_CASE("hundreds of steps, loaded back and forth", "[gpu][examples]") {
  training<> both(options_of(parity::interval), 5);
  std::uint32_t epoch = 0;
  for (int step = 0; step < 400; ++step) {
    CAPTURE(step);
    both.step(epoch);
    if (both.random() % 16 == 0) both.change_sides();
  }
  CHECK(both.saved() == both.host.save());
}

TEST_CASE("other selectors know the ledger as well", "[gpu][examples]") {
  training<gs::exactly_k_selector> both(options_of(parity::monotone), 3,
                                        gs::exactly_k_selector(40));
  std::uint32_t epoch = 0;
  for (int step = 0; step < 100; ++step) {
    CAPTURE(step);
    both.step(epoch);
    if (step == 50) both.change_sides();
  }
  CHECK(both.saved() == both.host.save());
}

TEST_CASE("a pick passes over ids that do not exist", "[gpu][examples]") {
  gs::sieve_options options = options_of([](double) { return 1.0; });
  options.active = gs::always{};
  training<> both(options, 1);
  const device::array<std::int64_t> ids(std::vector<std::int64_t>{5, -1, 600, 7});
  const device::array<float> losses(std::vector<float>{1, 2, 3, 4});
  device::check(
      both.there.pick_ids(ids.data(), losses.data(), 4, both.out.data(), both.count.data()));
  REQUIRE(both.count[0] == 2);
  CHECK(both.out.first(2) == std::vector<std::int64_t>{5, 7});
  gs::gpu::sieve_state state;
  device::check(both.there.read_state(state));
  CHECK(state.faults == 2);
  CHECK(state.filled == 2);
}

TEST_CASE("a ledger that had grown on the host is loaded", "[gpu][examples]") {
  training<> both(options_of(parity::monotone), 4);
  both.host.ledger().grow(1500);
  both.host.observe(std::vector<int>{1499, 3}, std::vector<float>{2, 1});
  device::check(both.there.load(both.host.save()));
  CHECK(both.saved() == both.host.save());
  both.plan(2);
  CHECK(both.saved() == both.host.save());
}

TEST_CASE("a plan after a load does not go by what an earlier one left in the tiles",
          "[gpu][examples]") {
  const parity::any_order scope(GENERATE(1u, 2u, 3u, 4u));
  gs::sieve_options options = options_of(parity::monotone);
  options.examples = 13000;
  training<> both(options, 6);
  for (std::uint32_t epoch = 1; epoch < 5; ++epoch) {
    both.plan(epoch);
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 2000; ++i) ids.push_back(static_cast<std::int64_t>(both.random() % 13000));
    both.host.observe(ids, parity::mixed(both.random, ids.size()));
    device::check(both.there.load(both.host.save()));
  }
  CHECK(both.saved() == both.host.save());
}

TEST_CASE("without room for plans a loaded plan is kept for the host", "[gpu][examples]") {
  const gs::sieve_options options = options_of(parity::monotone);
  gs::sieve host(options);
  host.observe(std::vector<int>{1, 2}, std::vector<float>{2, 1});
  host.plan(3);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options));
  device::check(sieve.load(host.save()));
  std::vector<std::byte> bytes;
  device::check(sieve.save(bytes));
  CHECK(bytes == host.save());
  CHECK(sieve.plan(3) == cudaErrorInvalidValue);
  CHECK(std::string(sieve.message()).find("device_options::plans") != std::string::npos);
}

TEST_CASE("what a ledger or a plan cannot do is refused, and said", "[gpu][examples]") {
  const auto says = [](const gs::gpu::sieve& sieve, const char* text) {
    return std::string(sieve.message()).find(text) != std::string::npos;
  };
  gs::gpu::sieve sieve;
  const device::array<std::int64_t> ids(4);
  const device::array<float> losses(4);
  const device::array<std::uint32_t> count(1);
  CHECK(sieve.observe(ids.data(), losses.data(), 4) == cudaErrorInvalidValue);
  CHECK(says(sieve, "was not created"));
  device::check(sieve.create({.seed = 1}));
  CHECK(sieve.observe(ids.data(), losses.data(), 4) == cudaErrorInvalidValue);
  CHECK(says(sieve, "set .examples"));
  CHECK(sieve.retire(ids.data(), 4) == cudaErrorInvalidValue);
  CHECK(sieve.plan(0) == cudaErrorInvalidValue);

  device::check(sieve.create({.examples = 10, .policy = gs::power{}}, {.plans = true}));
  CHECK(sieve.plan(0) == cudaErrorInvalidValue);
  CHECK(says(sieve, "never revisits"));
  CHECK(sieve.observe(nullptr, losses.data(), 4) == cudaErrorInvalidValue);
  CHECK(says(sieve, "ids: null"));
  CHECK(sieve.record(ids.data(), static_cast<const float*>(nullptr), 4) == cudaErrorInvalidValue);
  CHECK(says(sieve, "losses: null"));
  CHECK(sieve.ages(ids.data(), 4, nullptr) == cudaErrorInvalidValue);
  CHECK(says(sieve, "ages: null"));
  CHECK(sieve.plan_batch(0, 4, nullptr, count.data()) == cudaErrorInvalidValue);
  CHECK(sieve.plan_batch(0, 0, nullptr, nullptr) == cudaErrorInvalidValue);
  CHECK(says(sieve, "count: null"));
  device::check(sieve.observe(static_cast<const std::int64_t*>(nullptr),
                              static_cast<const float*>(nullptr), 0));

  const gs::activity half = gs::between{0.0, 0.5};
  device::check(sieve.create(
      {.examples = 10, .policy = gs::power{.floor = 0.1}, .active = half, .total_steps = 100},
      {.plans = true}));
  CHECK(sieve.plan(0) == cudaErrorInvalidValue);
  CHECK(says(sieve, "total_epochs"));
}
