// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/ledger.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "gpu/parity.hpp"
#include "support/special_values.hpp"

#include <random>

namespace gs = gradsieve;
using gs::gpu::visit_kind;

namespace {

std::vector<std::uint64_t> words_of(const gs::loss_ledger& ledger) {
  std::vector<std::uint64_t> words;
  for (const gs::ledger_entry& entry : ledger.entries()) {
    words.push_back(gs::gpu::detail::to_word(entry));
  }
  return words;
}

//! A ledger on either side, and the counters that a sieve would have.
struct two_ledgers {
  explicit two_ledgers(std::int64_t examples)
      : host(examples), state(std::vector<gs::gpu::sieve_state>(1)) {
    device::check(there.allocate(static_cast<std::uint64_t>(examples)));
  }

  void begin_epoch(std::uint32_t now) {
    epoch = now;
    gs::gpu::sieve_state counters = state[0];
    counters.epoch = now;
    state.assign({counters});
  }
  void observe(const std::vector<std::int64_t>& ids, const std::vector<float>& losses,
               visit_kind kind = visit_kind::train,
               std::uint32_t piece = gs::gpu::detail::most_codes) {
    const device::array<std::int64_t> ids_there(ids);
    const device::array<float> losses_there(losses);
    device::check(there.observe(state.data(), ids_there.data(), losses_there.data(), ids.size(),
                                kind, nullptr, nullptr, piece));
    std::vector<std::int64_t> known;
    std::vector<float> of_known;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] < 0 || ids[i] >= host.size()) continue;
      known.push_back(ids[i]);
      of_known.push_back(losses[i]);
    }
    host.observe(known, of_known, epoch);
    if (kind == visit_kind::train) host.select(known);
  }
  void select(const std::vector<std::int64_t>& ids, std::uint32_t count) {
    const device::array<std::int64_t> ids_there(ids);
    const device::array<std::uint32_t> count_there(std::vector<std::uint32_t>{count});
    device::check(there.select(ids_there.data(), count_there.data(),
                               static_cast<std::uint32_t>(ids.size()), nullptr));
    host.select(std::vector<std::int64_t>(ids.begin(), ids.begin() + count));
  }
  void retire(const std::vector<std::int64_t>& ids) {
    const device::array<std::int64_t> ids_there(ids);
    device::check(there.retire(state.data(), ids_there.data(),
                               static_cast<std::uint32_t>(ids.size()), nullptr));
    host.retire(ids);
  }
  bool equal() const {
    std::vector<std::uint64_t> words(static_cast<std::size_t>(host.size()));
    device::check(there.read(words));
    return words == words_of(host);
  }

  gs::loss_ledger host;
  gs::gpu::device_ledger there;
  device::array<gs::gpu::sieve_state> state;
  std::uint32_t epoch = 0;
};

//! A few ids over and over, so that most of a batch are duplicates; losses of every kind.
void draw_batch(std::mt19937& random, std::size_t n, std::int64_t examples,
                std::vector<std::int64_t>& ids, std::vector<float>& losses) {
  ids.resize(n);
  losses.resize(n);
  const auto range = static_cast<std::uint64_t>(examples);
  const std::uint64_t few = random() % 2 == 0 ? range : 1 + random() % 5;
  for (std::size_t i = 0; i < n; ++i) {
    ids[i] = static_cast<std::int64_t>(random() % few);
    const auto kind = random() % 20;
    losses[i] = kind == 0   ? support::nan_f()
                : kind == 1 ? support::negative_nan_f()
                : kind == 2 ? support::infinity_f()
                : kind == 3 ? support::negative_infinity_f()
                : kind == 4 ? -0.0f
                : kind == 5 ? std::numeric_limits<float>::max()
                : kind == 6 ? std::numeric_limits<float>::lowest()
                            : static_cast<float>(random() % 1000) - 300.0f;
  }
}

}  // namespace

TEST_CASE("a ledger's word is its entry's bytes", "[gpu][ledger]") {
  const gs::ledger_entry entry{gs::to_key(-3.5f), 0xdeadbeefu};
  CHECK(gs::gpu::detail::to_word(entry) == std::bit_cast<std::uint64_t>(entry));
  const gs::ledger_entry back = gs::gpu::detail::to_entry(gs::gpu::detail::to_word(entry));
  CHECK(back.key == entry.key);
  CHECK(back.visits == entry.visits);
}

TEST_CASE("codes are above every key that a ledger holds, in the order of positions",
          "[gpu][ledger]") {
  using gs::gpu::detail::code_of;
  const std::uint32_t last = gs::gpu::detail::most_codes - 1;
  CHECK(last == 0x7fffff);
  CHECK(code_of(0) > gs::to_key(std::numeric_limits<float>::max()));
  CHECK(code_of(0) > gs::key_retired);
  CHECK(code_of(last) == std::numeric_limits<gs::loss_key>::max());
  for (const std::uint32_t at : {0u, 1u, 255u, 4096u, last - 1}) {
    CHECK(code_of(at) < code_of(at + 1));
    CHECK_FALSE(gs::is_finite(code_of(at)));
  }
}

TEST_CASE("ids have 64 bits, and none is known outside the ledger", "[gpu][ledger]") {
  const std::int64_t examples = (std::int64_t{1} << 33) + 5;
  const gs::gpu::detail::ledger_ref ledger{nullptr, static_cast<std::uint64_t>(examples)};
  CHECK(ledger.knows(0));
  CHECK(ledger.knows(examples - 1));
  CHECK_FALSE(ledger.knows(examples));
  CHECK_FALSE(ledger.knows(-1));
  CHECK_FALSE(ledger.knows(std::numeric_limits<std::int64_t>::min()));
  CHECK(ledger.knows(std::int64_t{1} << 32));
}

TEST_CASE("a new ledger has seen nothing", "[gpu][ledger]") {
  CHECK(two_ledgers(0).equal());
  CHECK(two_ledgers(1).equal());
  CHECK(two_ledgers(1000).equal());
}

TEST_CASE("of several losses for one id the last finite one wins, each counts as a visit",
          "[gpu][ledger]") {
  two_ledgers both(3);
  both.begin_epoch(7);
  const float nan = support::nan_f();
  both.observe({2, 0, 2, 2, 0, 2}, {1, nan, 5, 3, nan, nan});
  REQUIRE(both.equal());
  CHECK(both.host.at(2).loss() == 3);
  CHECK(both.host.at(2).seen() == 4);
  CHECK_FALSE(both.host.at(0).has_loss());
}

TEST_CASE("hundreds of random batches leave the host's ledger, whatever the order of threads",
          "[gpu][ledger]") {
  const int seed = GENERATE(1, 2, 3, 4);
  const parity::any_order scope(static_cast<std::uint64_t>(seed));
  std::mt19937 random(static_cast<unsigned>(seed));
  two_ledgers both(97);
  std::vector<std::int64_t> ids;
  std::vector<float> losses;
  for (std::uint32_t step = 0; step < 150; ++step) {
    both.begin_epoch(random() % 3 == 0 ? static_cast<std::uint32_t>(random()) : step);
    draw_batch(random, random() % 600, both.host.size(), ids, losses);
    const auto kind = static_cast<visit_kind>(random() % 4);
    both.observe(ids, losses, kind, random() % 4 == 0 ? 100 : gs::gpu::detail::most_codes);
    if (!ids.empty()) both.select(ids, static_cast<std::uint32_t>(random() % (ids.size() + 1)));
    if (step % 30 == 29) both.retire({ids.begin(), ids.begin() + (ids.size() < 2 ? 0 : 2)});
    REQUIRE(both.equal());
  }
  CHECK(both.host.retired() > 0);
}

TEST_CASE("visits and selections saturate, epochs are modulo 4096", "[gpu][ledger]") {
  two_ledgers both(2);
  both.begin_epoch(4096 + 17);
  const std::vector<std::int64_t> ids(700, 1);
  for (int i = 0; i < 2; ++i) both.observe(ids, std::vector<float>(ids.size(), 0.5f));
  REQUIRE(both.equal());
  CHECK(both.host.at(1).seen() == 1023);
  CHECK(both.host.at(1).selected() == 1023);
  CHECK(both.host.at(1).epoch() == 17);
  both.begin_epoch(18);
  both.observe({1}, {2.0f});
  both.select({1}, 1);
  CHECK(both.equal());
  CHECK(both.host.at(1).loss() == 2.0f);
}

TEST_CASE("ages are epochs since the last visit, modulo 4096", "[gpu][ledger]") {
  two_ledgers both(300);
  both.begin_epoch(4095);
  both.observe({0, 1, 299}, {1, 2, 3});
  both.begin_epoch(4098);
  both.observe({1}, {2});
  std::vector<std::int64_t> ids = {0, 1, 299, 2, 300, -1};
  const device::array<std::int64_t> ids_there(ids);
  const device::array<std::uint32_t> ages(ids.size());
  device::check(
      both.there.ages(both.state.data(), ids_there.data(), ids.size(), ages.data(), nullptr));
  const std::uint32_t none = gs::gpu::no_age;
  CHECK(ages.values() == std::vector<std::uint32_t>{3, 0, 3, 2, none, none});
  CHECK(both.host.age(2, 4098) == 2);
}

TEST_CASE("a retired example stays so, and its visits still count", "[gpu][ledger]") {
  two_ledgers both(4);
  both.observe({0, 1, 2, 3}, {1, 2, 3, 4});
  both.retire({2, 2, 0});
  both.observe({2, 0, 2, 1}, {9, 9, 9, 9});
  REQUIRE(both.equal());
  CHECK(both.host.at(2).retired());
  CHECK(both.host.at(2).seen() == 3);
}

TEST_CASE("ids that do not exist change nothing and are counted", "[gpu][ledger]") {
  two_ledgers both(5);
  both.observe({4, -1, 5, 2, std::int64_t{1} << 32, std::int64_t{1} << 62}, {1, 2, 3, 4, 5, 6});
  REQUIRE(both.equal());
  CHECK(both.state[0].faults == 4);
  CHECK(both.state[0].work.forwards == 2);
  const device::array<std::int64_t> ids(std::vector<std::int64_t>{7, 1, -3});
  device::check(both.there.retire(both.state.data(), ids.data(), 3, nullptr));
  both.host.retire(std::vector<int>{1});
  device::check(both.there.select(ids.data(), nullptr, 3, nullptr));
  both.host.select(std::vector<int>{1});
  CHECK(both.equal());
  CHECK(both.state[0].faults == 6);
}

TEST_CASE("each kind of visit counts its work", "[gpu][ledger]") {
  const auto kind =
      GENERATE(visit_kind::pick, visit_kind::train, visit_kind::refresh, visit_kind::record);
  two_ledgers both(300);
  std::vector<std::int64_t> ids(290);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int64_t>(i);
  std::vector<float> losses(ids.size(), 1.0f);
  losses[3] = support::nan_f();
  losses[200] = support::infinity_f();
  both.observe(ids, losses, kind);
  REQUIRE(both.equal());
  const gs::work_counters work = both.state[0].work;
  const bool forwarded = kind == visit_kind::train || kind == visit_kind::refresh;
  CHECK(work.forwards == (forwarded ? 290 : 0));
  CHECK(work.backwards == (kind == visit_kind::train ? 290 : 0));
  CHECK(work.refreshed == (kind == visit_kind::refresh ? 290 : 0));
  CHECK(work.non_finite == (kind == visit_kind::pick ? 0 : 2));
}

TEST_CASE("losses of every type are recorded by the same keys", "[gpu][ledger]") {
  two_ledgers both(3);
  const device::array<std::int64_t> ids(std::vector<std::int64_t>{0, 1, 2});
  const std::vector<double> losses = {1e300, 0.1, -2.0};
  const device::array<double> losses_there(losses);
  device::check(both.there.observe(both.state.data(), ids.data(), losses_there.data(), 3,
                                   visit_kind::record, nullptr));
  both.host.observe(std::vector<int>{0, 1, 2}, losses, 0);
  CHECK(both.equal());
}

TEST_CASE("a pick is handed the keys of the batch, but of what is left out", "[gpu][ledger]") {
  two_ledgers both(4);
  both.retire({1});
  const float nan = support::nan_f();
  const device::array<std::int64_t> ids(std::vector<std::int64_t>{0, 1, 9, 1, 3, 0});
  const device::array<float> losses(std::vector<float>{1, 2, 3, nan, nan, -0.0f});
  const device::array<gs::loss_key> keys(6);
  device::check(both.there.observe(both.state.data(), ids.data(), losses.data(), 6,
                                   visit_kind::pick, nullptr, keys.data(), 4));
  const gs::loss_key out = gs::key_retired;
  CHECK(keys.values() == std::vector<gs::loss_key>{gs::to_key(1.0f), out, out, out, gs::to_key(nan),
                                                   gs::to_key(0.0f)});
  CHECK(both.state[0].rejected == 3);
  CHECK(both.state[0].work.non_finite == 1);
  both.host.observe(std::vector<int>{0, 1, 1, 3, 0}, std::vector<float>{1, 2, nan, nan, 0}, 0);
  CHECK(both.equal());
}
