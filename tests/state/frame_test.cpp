// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/sieve.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using support::bytes;
using support::frame;

namespace {

using ids = std::vector<std::int64_t>;

double wave(double percentile) { return 0.5 + 0.5 * std::sin(9.0 * percentile); }

gs::loss_window some_window() {
  gs::loss_window window(4);
  window.push({0.5f, 3.0f, -1.0f});
  window.push({0.5f, 2.0f, support::nan_f()});  // wraps the ring
  return window;
}

gs::loss_ledger some_ledger() {
  gs::loss_ledger ledger(3);
  ledger.observe(ids{0, 2}, std::vector{1.5f, support::nan_f()}, 4099);
  ledger.select(ids{2});
  return ledger;
}

gs::batch_queue some_queue() {
  gs::batch_queue queue({.batch_size = 3});
  queue.push(ids{1, 2, 3, 4}, 5);
  queue.next();
  queue.push(ids{16777217, (std::int64_t{1} << 32) + 1, (std::int64_t{1} << 53) + 1}, 9);
  return queue;
}

const gs::sieve_options small_options = {.examples = 6,
                                         .policy = gs::power{1.0, 0.2},
                                         .history = 4,
                                         .max_batch = 8,
                                         .seed = 3,
                                         .queue = {.batch_size = 3}};

gs::sieve some_sieve() {
  gs::sieve s(small_options);
  s.pick(ids{0, 1, 2, 3, 4}, std::vector{0.1f, 0.4f, 0.2f, 0.3f, 0.5f});
  s.pick(ids{5, 1}, std::vector{0.6f, 0.1f});
  s.queue().next();
  s.plan(2);
  return s;
}

//! Why `state` is refused; "accepted" when it is not.
template <class Part>
std::string reason(Part part, const bytes& state) {
  try {
    part.load(state);
  } catch (const gs::state_error& error) {
    return error.what();
  }
  return "accepted";
}

bytes window_frame(std::uint64_t capacity, std::uint64_t count,
                   const std::vector<gs::loss_key>& keys) {
  return frame(gs::state_kind::window, [&](gs::byte_writer& out) {
    out.put(capacity);
    out.put(std::uint64_t{0});
    out.put(count);
    for (const gs::loss_key key : keys) out.put(key);
  });
}

constexpr std::uint64_t huge = std::uint64_t{1} << 60;

}  // namespace

TEST_CASE("frame: the layout is magic, kind, version, size, payload, FNV-1a") {
  const bytes state =
      frame(gs::state_kind::rule, [](gs::byte_writer& out) { out.put(std::uint8_t{0x61}); });
  REQUIRE(state.size() == 8 + 4 + 4 + 8 + 1 + 8);
  const std::uint8_t head[] = {'g', 'r', 's', 'i', 'e', 'v', 'e', 0x1a, 3, 0, 0, 0,   1,
                               0,   0,   0,   1,   0,   0,   0,   0,    0, 0, 0, 0x61};
  for (std::size_t i = 0; i < sizeof head; ++i) {
    CHECK(std::to_integer<std::uint8_t>(state[i]) == head[i]);
  }
  // The published FNV-1a values of "" and "a".
  CHECK(gs::detail::checksum(nullptr, 0) == 0xcbf29ce484222325u);
  CHECK(gs::detail::checksum(state.data() + 24, 1) == 0xaf63dc4c8601ec8cu);
}

TEST_CASE("frame: a window comes back: entries, their age, what was rejected") {
  const gs::loss_window saved = some_window();
  gs::loss_window loaded(4);
  loaded.push({9, 8});
  loaded.load(saved.save());
  CHECK(loaded.save() == saved.save());
  CHECK(loaded.rejected() == 1);
  gs::loss_window on = saved;
  for (const float loss : {7.0f, 0.25f, 1.0f, 1.0f, 6.0f}) {
    on.push({loss});
    loaded.push({loss});
    CHECK(loaded.percentile(1.0f) == Approx(on.percentile(1.0f)));
    CHECK(loaded.save() == on.save());
  }
  gs::loss_window partly(4), again(4);
  partly.push({2, 1});
  again.load(partly.save());
  CHECK(again.size() == 2);
  CHECK(again.save() == partly.save());
}

TEST_CASE("frame: a ledger comes back, its size too") {
  const gs::loss_ledger saved = some_ledger();
  gs::loss_ledger loaded(99);
  loaded.load(saved.save());
  REQUIRE(loaded.size() == 3);
  CHECK(loaded.at(0).loss() == Approx(1.5));
  CHECK(loaded.at(0).epoch() == 3);
  CHECK(loaded.at(2).seen() == 1);
  CHECK(loaded.at(2).selected() == 1);
  CHECK_FALSE(loaded.at(1).has_loss());
  CHECK(loaded.save() == saved.save());
  loaded.load(gs::loss_ledger().save());
  CHECK(loaded.size() == 0);
}

TEST_CASE("frame: a rule comes back and decides as before, of every shape") {
  const gs::curve policy = GENERATE(gs::curve(gs::power{2.5}), gs::curve(gs::band{0.7, 1.0, 0.1}),
                                    gs::curve(&wave), gs::curve(gs::uniform{0.0}));
  const gs::rule saved = gs::compile(policy, 16);
  gs::rule loaded = gs::compile(gs::power{1.0}, 64);
  loaded.load(saved.save());
  CHECK(loaded.save() == saved.save());
  CHECK(loaded.shape() == saved.shape());
  CHECK(loaded.mean_probability() == Approx(saved.mean_probability()));
  gs::loss_window window(16);
  window.push(support::ramp(16));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const gs::loss_key key = gs::to_key(static_cast<float>(i % 35) / 2);
    const std::uint32_t word = gs::draw({1}, i);
    REQUIRE(loaded.view().selects(window.view(), key, word) ==
            saved.view().selects(window.view(), key, word));
  }
  gs::rule empty;
  empty.load(saved.save());
  CHECK(empty.save() == saved.save());
  empty.load(gs::rule().save());
  CHECK(empty.size() == 0);
}

TEST_CASE("frame: a queue comes back: ids as wide as they are, steps, counters, what was flushed") {
  gs::batch_queue saved = some_queue();
  saved.flush();
  saved.push(ids{8}, 11);
  gs::batch_queue loaded({.batch_size = 3});
  loaded.push(ids{7, 7}, 2);
  loaded.load(saved.save());
  CHECK(loaded.save() == saved.save());
  CHECK(loaded.handed_out() == 3);
  for (int i = 0; i < 4; ++i) {
    const gs::queued_batch a = saved.next(), b = loaded.next();
    CHECK(support::to_vector(a.ids()) == support::to_vector(b.ids()));
    CHECK(a.oldest_step() == b.oldest_step());
  }
  CHECK(loaded.save() == saved.save());
}

TEST_CASE("frame: a sieve comes back and is the same again when saved") {
  gs::sieve saved = some_sieve();
  gs::sieve loaded(small_options);
  loaded.load(saved.save());
  CHECK(loaded.save() == saved.save());
  CHECK(loaded.work() == saved.work());
  CHECK(loaded.keep_rate() == Approx(saved.keep_rate()));
  CHECK(loaded.step() == 2);
  CHECK(loaded.epoch() == 2);
  CHECK(loaded.queue().size() == saved.queue().size());
}

TEST_CASE("frame: every flipped bit, every truncation and every added byte is refused") {
  gs::loss_window window(4);
  window.push({7});
  CHECK(support::damages_accepted(window, some_window().save()) == 0);
  gs::loss_ledger ledger(2);
  CHECK(support::damages_accepted(ledger, some_ledger().save()) == 0);
  gs::rule rule = gs::compile(gs::uniform{0.5}, 3);
  CHECK(support::damages_accepted(rule, gs::compile(gs::power{2.0}, 5).save()) == 0);
  gs::batch_queue queue({.batch_size = 3});
  queue.push(ids{4});
  CHECK(support::damages_accepted(queue, some_queue().save()) == 0);
  gs::sieve sieve(small_options);
  sieve.pick(ids{1}, std::vector{0.5f});
  CHECK(support::damages_accepted(sieve, some_sieve().save()) == 0);
}

TEST_CASE("frame: each kind of damage is called by its name") {
  const gs::loss_window window(4);
  const bytes sound = some_window().save();
  CHECK(reason(window, sound) == "accepted");
  CHECK_THAT(reason(window, {}), contains("not a gradsieve state"));
  CHECK_THAT(reason(window, bytes(64)), contains("not a gradsieve state"));
  bytes damaged = sound;
  damaged[0] = std::byte{'G'};
  CHECK_THAT(reason(window, damaged), contains("not a gradsieve state"));
  damaged = sound;
  damaged[12] = std::byte{2};
  CHECK_THAT(reason(window, damaged), contains("version 2 is newer than 1"));
  damaged = sound;
  damaged.pop_back();
  CHECK_THAT(reason(window, damaged), contains("truncated"));
  damaged.resize(10);
  CHECK_THAT(reason(window, damaged), contains("truncated"));
  damaged = sound;
  damaged.resize(sound.size() + 3);
  CHECK_THAT(reason(window, damaged), contains("3 bytes too many"));
  damaged = sound;
  damaged[23] = std::byte{0x7f};  // a payload of 2^62 bytes
  CHECK_THAT(reason(window, damaged), contains("truncated") && contains("announced"));
  damaged = sound;
  damaged[30] ^= std::byte{1};
  CHECK_THAT(reason(window, damaged), contains("checksum"));
}

TEST_CASE("frame: the state of another kind of object is refused, by both kinds") {
  const gs::loss_window window(4);
  CHECK_THAT(reason(window, some_ledger().save()), contains("kind 2") && contains("kind 1"));
  CHECK_THAT(reason(some_ledger(), some_window().save()), contains("kind 1") && contains("kind 2"));
  CHECK_THAT(reason(gs::rule(), some_queue().save()), contains("kind 4") && contains("kind 3"));
  CHECK_THAT(reason(some_queue(), some_sieve().save()), contains("kind 5") && contains("kind 4"));
  CHECK_THAT(reason(some_sieve(), gs::rule().save()),
             contains("kind 3, rule") && contains("kind 5, sieve"));
}

namespace {

//! What comes first in the payload of `some_queue`.
void put_queue_options(gs::byte_writer& out) {
  const gs::queue_options options = some_queue().options();
  out.put(std::uint64_t{options.batch_size});
  out.put(options.last);
  out.put(std::uint64_t{options.backlog});
  out.put(options.max_age);
}

}  // namespace

TEST_CASE("frame: bytes of the payload that nobody reads are refused") {
  const bytes state = frame(gs::state_kind::rule, [](gs::byte_writer& out) {
    out.put(gs::ties::strict);
    out.put(std::uint64_t{0});
    out.put(std::uint64_t{0});  // no tables of groups
    out.put(std::uint16_t{0});
  });
  CHECK_THAT(reason(gs::rule(), state), contains("2 bytes of the payload"));
}

TEST_CASE("frame: counts beyond the bytes are refused before memory is taken, with the sum right") {
  CHECK_THAT(reason(gs::loss_window(4), window_frame(4, huge, {})),
             contains("history claims " + std::to_string(huge)));
  const auto count_alone = [](gs::state_kind kind) {
    return frame(kind, [](gs::byte_writer& out) { out.put(huge); });
  };
  CHECK_THAT(reason(some_ledger(), count_alone(gs::state_kind::ledger)),
             contains("ledger of " + std::to_string(huge)));
  const bytes rule = frame(gs::state_kind::rule, [](gs::byte_writer& out) {
    out.put(gs::ties::strict);
    out.put(huge);
  });
  CHECK_THAT(reason(gs::rule(), rule), contains("rule claims " + std::to_string(huge)));
  const bytes queue = frame(gs::state_kind::queue, [](gs::byte_writer& out) {
    put_queue_options(out);
    for (int i = 0; i < 4; ++i) out.put(std::uint64_t{0});
    out.put(huge);
  });
  CHECK_THAT(reason(some_queue(), queue), contains("queue of " + std::to_string(huge)));
}

TEST_CASE("frame: a window of another capacity, with too many losses or one not finite") {
  gs::loss_window window = some_window();
  CHECK_THAT(reason(gs::loss_window(5), window.save()),
             contains("history of 4") && contains("has 5"));
  CHECK(support::refuses(window, window_frame(4, 5, {1, 2, 3, 4, 5})));
  CHECK_THAT(reason(window, window_frame(4, 5, {1, 2, 3, 4, 5})), contains("5 losses for 4"));
  for (const gs::loss_key key : {gs::key_below, gs::key_above, gs::key_always, gs::key_never}) {
    CHECK(support::refuses(window, window_frame(4, 2, {1, key})));
    CHECK_THAT(reason(window, window_frame(4, 2, {1, key})), contains("not finite"));
  }
}

TEST_CASE("frame: a ledger whose loss is not finite, a rule that is no table") {
  const bytes ledger = frame(gs::state_kind::ledger, [](gs::byte_writer& out) {
    out.put(std::uint64_t{1});
    out.put(gs::key_above);
    out.put(std::uint32_t{0});
  });
  CHECK_THAT(reason(some_ledger(), ledger), contains("not finite"));
  const auto table = [](const std::vector<std::uint64_t>& masses) {
    return frame(gs::state_kind::rule, [&](gs::byte_writer& out) {
      out.put(gs::ties::strict);
      out.put(std::span<const std::uint64_t>(masses));
      out.put(std::uint64_t{0});  // no tables of groups
    });
  };
  gs::rule rule = gs::compile(gs::power{1.0}, 4);
  CHECK(support::refuses(rule, table({1})));
  CHECK(support::refuses(rule, table({0, gs::full_mass + 1})));
  CHECK_THAT(reason(rule, table({0, gs::full_mass + 1})), contains("table of 2"));
  CHECK(reason(rule, table({0, gs::full_mass})) == "accepted");
}

TEST_CASE("frame: a rule that loads an empty table is one that was never compiled") {
  gs::rule rule = gs::compile(gs::band{0.5, 1.0, 0.25}, 4);
  rule.load(gs::rule().save());
  CHECK(rule.size() == 0);
  CHECK(rule.shape() == gs::rule().shape());
  CHECK(rule.least_mass() == 0);
  const gs::sorted_window empty(0);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const std::uint32_t word = gs::draw({1}, i);
    REQUIRE(rule.view().selects(empty.view(), 0, word) ==
            gs::rule().view().selects(empty.view(), 0, word));
  }
  gs::rule averaged(gs::power{1.0}, 4, gs::ties::averaged);
  const bytes saved = averaged.save();
  averaged.load(frame(gs::state_kind::rule, [](gs::byte_writer& out) {
    out.put(gs::ties::averaged);
    out.put(std::uint64_t{0});
    out.put(std::uint64_t{0});  // no tables of groups
  }));
  averaged.load(saved);
  CHECK(averaged.save() == saved);
}

TEST_CASE("frame: a queue whose steps fall, or that holds more than its limit") {
  gs::batch_queue queue({.batch_size = 1, .backlog = 2});
  queue.push(ids{8});
  const auto state = [&](const std::vector<std::uint64_t>& steps) {
    return frame(gs::state_kind::queue, [&](gs::byte_writer& out) {
      out.put(std::uint64_t{1});
      out.put(gs::last_batch::carry);
      for (const std::uint64_t value : {2u, 0u, 0u, 9u, 0u, 0u}) out.put(value);
      out.put(std::uint64_t{steps.size()});
      for (const std::uint64_t step : steps) {
        out.put(std::uint64_t{42});
        out.put(step);
      }
    });
  };
  CHECK(reason(queue, state({5, 5})) == "accepted");
  CHECK(support::refuses(queue, state({5, 4})));
  CHECK_THAT(reason(queue, state({5, 4})), contains("of step 4, not in [5, 9]"));
  CHECK(support::refuses(queue, state({5, 6, 7})));
  CHECK_THAT(reason(queue, state({5, 6, 7})), contains("of 3 ids") && contains("limit of 2"));
}

TEST_CASE("frame: a queue of other batches, flushed beyond its ids, or from a step to come") {
  const auto state = [](std::uint64_t flushed, std::uint64_t now, std::uint64_t step) {
    return frame(gs::state_kind::queue, [=](gs::byte_writer& out) {
      put_queue_options(out);
      for (const std::uint64_t value : {flushed, now}) out.put(value);
      for (const std::uint64_t value : {0u, 0u, 1u, 42u}) out.put(value);
      out.put(step);
    });
  };
  gs::batch_queue queue = some_queue();
  CHECK(reason(queue, state(1, 5, 5)) == "accepted");
  CHECK(support::refuses(queue, state(2, 5, 5)));
  CHECK_THAT(reason(queue, state(2, 5, 5)), contains("2 of them flushed"));
  CHECK(support::refuses(queue, state(0, 4, 5)));
  CHECK_THAT(reason(queue, state(0, 4, 5)), contains("of step 5, not in [0, 4]"));
  CHECK_THAT(reason(gs::batch_queue({.batch_size = 4}), queue.save()),
             contains("batches of 3") && contains("has 4"));
}

TEST_CASE("frame: a sieve of other options names the first that differs") {
  const bytes state = some_sieve().save();
  const auto with = [&](auto change) {
    gs::sieve_options options = small_options;
    change(options);
    gs::sieve other(options);
    CHECK(support::refuses(other, state));
    return reason(other, state);
  };
  using options = gs::sieve_options;
  CHECK_THAT(with([](options& o) { o.seed = 4; }), contains("seed 3") && contains("has 4"));
  CHECK_THAT(with([](options& o) { o.replica = 1; }), contains("replica"));
  CHECK_THAT(with([](options& o) { o.order = gs::update_order::decide_then_update; }),
             contains("update order"));
  CHECK_THAT(with([](options& o) { o.keying = gs::draw_by::id; }), contains("keying"));
  CHECK_THAT(with([](options& o) { o.tied = gs::ties::averaged; }), contains("ties"));
  CHECK_THAT(with([](options& o) { o.on_non_finite = gs::non_finite::select; }), contains("NaN"));
  CHECK_THAT(with([](options& o) { o.min_fill = 2; }), contains("min_fill"));
  CHECK_THAT(with([](options& o) { o.total_epochs = 9; }), contains("total_epochs"));
  CHECK_THAT(with([](options& o) { o.total_steps = 9; }), contains("total_steps"));
  CHECK_THAT(with([](options& o) { o.active = gs::after_epochs{1}; }), contains("active"));
  CHECK_THAT(with([](options& o) { o.refresh = gs::max_age{3}; }), contains("refresh"));
  CHECK_THAT(with([](options& o) { o.history = 5; }), contains("history of 4") && contains("5"));
  CHECK_THAT(with([](options& o) { o.queue.batch_size = 4; }), contains("batches of 3"));
  CHECK_THAT(with([](options& o) { o.queue.batch_size = 0; }), contains("with a queue"));
  CHECK_THAT(with([](options& o) { o.queue.last = gs::last_batch::drop; }), contains("last-batch"));
  CHECK_THAT(with([](options& o) { o.queue.backlog = 100; }), contains("backlog"));
  CHECK_THAT(with([](options& o) { o.examples = 0; }), contains("with a ledger"));
  CHECK_THAT(with([](options& o) { o.examples = 100; }), contains("has 100"));
}

TEST_CASE("frame: a loaded sieve uses the saved table, whatever its own policy") {
  const gs::sieve saved = some_sieve();
  gs::sieve_options options = small_options;
  options.policy = gs::uniform{1.0};
  gs::sieve loaded(options);
  loaded.load(saved.save());
  CHECK(support::to_vector(loaded.compiled().masses()) ==
        support::to_vector(saved.compiled().masses()));
}

namespace {

//! Whether a plan of four examples with these ids, keys and number of forced ones is refused.
bool refuses_plan(const ids& train, const std::vector<gs::loss_key>& keys,
                  std::uint64_t forced = 0) {
  gs::byte_writer out;
  out.put(true);
  out.put(true);
  out.put(std::uint32_t{1});
  out.put(forced);
  out.put(std::span<const std::int64_t>(train));
  out.put(std::span<const std::int64_t>());
  out.put(std::span<const gs::loss_key>(keys));
  gs::byte_reader in(out.view());
  gs::detail::plan_state plan;
  try {
    plan.read(in, 4, {});
  } catch (const gs::state_error&) {
    return plan.train.empty() && !plan.ready;
  }
  return false;
}

}  // namespace

TEST_CASE("frame: books of more work than sums of two can hold are refused") {
  for (std::size_t counter = 0; counter < 7; ++counter) {
    for (const bool sound : {true, false}) {
      gs::byte_writer out;
      for (std::size_t i = 0; i < 7; ++i) {
        out.put(i != counter ? std::uint64_t{9} : (std::uint64_t{1} << 62) - std::uint64_t{sound});
      }
      gs::byte_reader in(out.view().data(), out.view().size());
      gs::detail::tally books;
      if (sound) {
        CHECK_NOTHROW(books.read(in));
      } else {
        CHECK_THROWS_WITH(books.read(in), contains("4611686018427387904 examples of work"));
      }
    }
  }
}

TEST_CASE("frame: a plan whose ids do not ascend within the ledger is refused") {
  CHECK_FALSE(refuses_plan({0, 1, 3}, {0, 0, 0}));
  CHECK(refuses_plan({0, 4}, {0, 0}));
  CHECK(refuses_plan({-1, 2}, {0, 0}));
  CHECK(refuses_plan({2, 1}, {0, 0}));
  CHECK(refuses_plan({1, 1}, {0, 0}));
}

TEST_CASE("frame: a plan with another number of keys, one of no loss, or too many forced") {
  CHECK_FALSE(refuses_plan({0, 1}, {-5, gs::key_always}, 2));
  CHECK(refuses_plan({0, 1}, {0}));
  CHECK(refuses_plan({0, 1}, {0, 0, 0}));
  for (const gs::loss_key key : {gs::key_below, gs::key_above, gs::key_never, gs::key_always - 1}) {
    CHECK(refuses_plan({0, 1}, {0, key}));
  }
  CHECK(refuses_plan({0, 1}, {0, gs::key_always}, 3));
}

TEST_CASE("frame: quantiles that are not a plan's are refused, and a ranked plan without them") {
  gs::sieve_options options = small_options;
  options.queue = {};
  gs::sieve sieve(options);
  sieve.observe(ids{0, 1}, std::vector{1.0f, 2.0f});
  REQUIRE(sieve.plan(1).selective());
  // They are the last in the payload, before the flag of the queue that is not there.
  const bytes state = sieve.save();
  const std::size_t before = state.size() - 8 - 1 - 4 * options.history - 8;
  const auto with = [&](const std::vector<gs::loss_key>& quantiles) {
    return frame(gs::state_kind::sieve, [&](gs::byte_writer& out) {
      for (std::size_t i = 24; i < before; ++i) out.put(static_cast<std::uint8_t>(state[i]));
      out.put(std::span<const gs::loss_key>(quantiles));
      out.put(false);
    });
  };
  CHECK(reason(sieve, with({1, 2, 2, 3})) == "accepted");
  CHECK(support::refuses(sieve, with({1, 2, 2})));
  CHECK(support::refuses(sieve, with({1, 2, 2, 3, 4})));
  CHECK(support::refuses(sieve, with({1, 3, 2, 3})));
  CHECK(support::refuses(sieve, with({1, 2, 2, gs::key_above})));
  CHECK_THAT(reason(sieve, with({1, 2, 2})), contains("quantiles of a plan, 3"));
  CHECK(support::refuses(sieve, with({})));
  CHECK_THAT(reason(sieve, with({})), contains("without the quantiles"));
}

TEST_CASE("frame: a part that writes something else the second time is refused") {
  struct fickle {
    mutable std::uint32_t written = 0;
    void write(gs::byte_writer& out) const {
      for (std::uint32_t i = 0; i <= written; ++i) out.put(std::uint64_t{i});
      ++written;
    }
  };
  const auto save = [] {
    return gs::save_state<std::vector<std::byte>>(gs::state_kind::sieve, fickle());
  };
  CHECK_THROWS_AS(save(), gs::state_error);
  CHECK_THROWS_WITH(save(), contains("8 bytes, then 16"));
}
