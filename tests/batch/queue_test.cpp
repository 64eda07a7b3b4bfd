// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/batch/queue.hpp>

#include <deque>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"

namespace gs = gradsieve;
using ids = std::vector<std::int64_t>;

namespace {

//! What the queue promises, said as plainly as possible.
struct model {
  struct entry {
    std::int64_t id;
    std::uint64_t step;
  };
  struct batch {
    ids taken;
    std::uint64_t oldest = 0;
  };

  gs::queue_options options;
  std::deque<entry> held = {};
  std::uint64_t now = 0, dropped = 0, handed_out = 0;
  std::size_t flushed = 0;

  void push(const ids& more, std::uint64_t step) {
    now = step;
    for (const std::int64_t id : more) held.push_back({id, step});
    while (options.backlog != 0 && held.size() > options.backlog) drop_oldest();
  }
  void drop_oldest() {
    pop();
    ++dropped;
  }
  void pop() {
    held.pop_front();
    if (flushed != 0) --flushed;
  }
  void flush() { flushed = held.size(); }
  batch next() {
    while (options.max_age != 0 && !held.empty() && held.front().step + options.max_age < now) {
      drop_oldest();
    }
    std::size_t n = options.batch_size;
    if (flushed != 0 && flushed < n) n = flushed;
    if (held.size() < n) return {};
    batch out;
    if (n != 0) out.oldest = held.front().step;
    for (; n != 0; --n) {
      out.taken.push_back(held.front().id);
      pop();
      ++handed_out;
    }
    return out;
  }
  void end_epoch() {
    if (options.last == gs::last_batch::partial) flush();
    if (options.last != gs::last_batch::drop) return;
    for (std::size_t n = held.size() % options.batch_size; n != 0; --n) {
      held.pop_back();
      ++dropped;
    }
    flushed = std::min(flushed, held.size());
  }
};

void push_all(gs::batch_queue& queue, const ids& more, std::uint64_t step = 0) {
  queue.push(more, step);
}

ids next_ids(gs::batch_queue& queue) { return support::to_vector(queue.next().ids()); }

}  // namespace

TEST_CASE("queue: does what a plain deque does, over random operations") {
  const auto last = GENERATE(gs::last_batch::carry, gs::last_batch::drop, gs::last_batch::partial);
  const std::size_t backlog = GENERATE(0u, 7u, 40u);
  const std::uint64_t max_age = GENERATE(0u, 1u, 3u);
  const std::size_t batch_size = GENERATE(1u, 4u, 7u);
  const gs::queue_options options{batch_size, last, backlog, max_age};
  support::random_source random(backlog * 100 + max_age * 10 + batch_size);
  gs::batch_queue queue(options);
  model plain{options};
  std::int64_t id = std::int64_t{1} << 40;
  std::uint64_t step = 0;

  const auto compare_next = [&] {
    const model::batch expected = plain.next();
    const gs::queued_batch batch = queue.next();
    REQUIRE(bool{batch} == !expected.taken.empty());
    REQUIRE(support::to_vector(batch.ids()) == expected.taken);
    REQUIRE(batch.size() == expected.taken.size());
    REQUIRE(batch.oldest_step() == expected.oldest);
  };
  for (int i = 0; i < 2000; ++i) {
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        ids more(random.below(12));
        for (std::int64_t& value : more) value = id++;
        step += random.below(2);
        queue.push(more, step);
        plain.push(more, step);
        break;
      }
      case 4:
        if (random.below(4) == 0) {
          queue.flush();
          plain.flush();
        }
        break;
      case 5:
        queue.end_epoch();
        plain.end_epoch();
        break;
      default: compare_next();
    }
    REQUIRE(queue.size() == plain.held.size());
    REQUIRE(queue.dropped() == plain.dropped);
    REQUIRE(queue.handed_out() == plain.handed_out);
  }
}

TEST_CASE("queue: full batches only, in the order they came") {
  gs::batch_queue queue({.batch_size = 3});
  push_all(queue, {1, 2});
  CHECK_FALSE(queue.next());
  CHECK(queue.size() == 2);
  push_all(queue, {3, 4, 5, 6, 7}, 9);
  CHECK(next_ids(queue) == ids{1, 2, 3});
  const gs::queued_batch second = queue.next();
  CHECK(support::to_vector(second.ids()) == ids{4, 5, 6});
  CHECK(second.oldest_step() == 9);
  CHECK_FALSE(queue.next());
  CHECK(queue.size() == 1);
  CHECK(queue.handed_out() == 6);
  CHECK(queue.dropped() == 0);
}

TEST_CASE("queue: the oldest step is that of the batch's first id") {
  gs::batch_queue queue({.batch_size = 2});
  push_all(queue, {1}, 4);
  push_all(queue, {2, 3}, 5);
  push_all(queue, {4}, 6);
  CHECK(queue.next().oldest_step() == 4);
  CHECK(queue.next().oldest_step() == 5);
}

TEST_CASE("queue: carry keeps the rest for the next epoch") {
  gs::batch_queue queue({.batch_size = 3, .last = gs::last_batch::carry});
  push_all(queue, {1, 2});
  queue.end_epoch();
  CHECK_FALSE(queue.next());
  push_all(queue, {3});
  CHECK(next_ids(queue) == ids{1, 2, 3});
}

TEST_CASE("queue: drop leaves out the rest, never a full batch, and counts") {
  gs::batch_queue queue({.batch_size = 3, .last = gs::last_batch::drop});
  push_all(queue, {1, 2, 3, 4, 5});
  queue.end_epoch();
  CHECK(queue.dropped() == 2);
  CHECK(next_ids(queue) == ids{1, 2, 3});
  CHECK_FALSE(queue.next());
  push_all(queue, {6, 7, 8});
  CHECK(next_ids(queue) == ids{6, 7, 8});
}

TEST_CASE("queue: partial hands out the rest as one short batch") {
  gs::batch_queue queue({.batch_size = 3, .last = gs::last_batch::partial});
  push_all(queue, {1, 2, 3, 4, 5});
  queue.end_epoch();
  CHECK(next_ids(queue) == ids{1, 2, 3});
  CHECK(next_ids(queue) == ids{4, 5});
  CHECK_FALSE(queue.next());
  CHECK(queue.dropped() == 0);
  push_all(queue, {6});
  CHECK_FALSE(queue.next());  // once
}

TEST_CASE("queue: flush works under every rule for the last batch") {
  const auto last = GENERATE(gs::last_batch::carry, gs::last_batch::drop, gs::last_batch::partial);
  gs::batch_queue queue({.batch_size = 3, .last = last});
  push_all(queue, {1, 2});
  queue.flush();
  CHECK(next_ids(queue) == ids{1, 2});
  push_all(queue, {3});
  CHECK_FALSE(queue.next());
}

// "Lets `next` hand out what is left": ids that come after the flush are not what was left.
TEST_CASE("queue: flushing an empty queue does not shorten a later batch") {
  gs::batch_queue queue({.batch_size = 3, .last = gs::last_batch::partial});
  push_all(queue, {1, 2, 3});
  CHECK(next_ids(queue) == ids{1, 2, 3});
  queue.end_epoch();
  push_all(queue, {4});
  CHECK_FALSE(queue.next());
}

TEST_CASE("queue: partial hands out the old epoch's rest, also once more ids came") {
  gs::batch_queue queue({.batch_size = 3, .last = gs::last_batch::partial});
  push_all(queue, {1, 2});
  queue.end_epoch();
  push_all(queue, {3, 4});
  CHECK(next_ids(queue) == ids{1, 2});
  CHECK_FALSE(queue.next());
  push_all(queue, {5});
  CHECK(next_ids(queue) == ids{3, 4, 5});
}

TEST_CASE("queue: a backlog limit drops the oldest") {
  gs::batch_queue queue({.batch_size = 2, .backlog = 3});
  push_all(queue, {1, 2, 3, 4, 5});
  CHECK(queue.size() == 3);
  CHECK(queue.dropped() == 2);
  CHECK(next_ids(queue) == ids{3, 4});
  CHECK_FALSE(queue.next());
}

TEST_CASE("queue: max_age drops what is older than so many steps") {
  gs::batch_queue queue({.batch_size = 2, .max_age = 2});
  push_all(queue, {1}, 0);
  push_all(queue, {2}, 1);
  push_all(queue, {3, 4}, 3);
  CHECK(next_ids(queue) == ids{2, 3});  // 1 is 3 steps old, 2 exactly 2
  CHECK(queue.dropped() == 1);
}

TEST_CASE("queue: the ring wraps and grows without losing the order") {
  gs::batch_queue queue({.batch_size = 4});
  queue.reserve(8);
  std::int64_t pushed = 0, expected = 0;
  for (const std::size_t n : {5u, 3u, 4u, 4u, 7u, 30u, 2u, 100u}) {
    queue.push(support::ids_from(pushed, n));
    pushed += static_cast<std::int64_t>(n);
    for (int batches = 0; batches < 2; ++batches) {
      for (const std::int64_t id : queue.next().ids()) CHECK(id == expected++);
    }
  }
  while (const auto batch = queue.next()) {
    for (const std::int64_t id : batch.ids()) CHECK(id == expected++);
  }
  CHECK(pushed - expected == static_cast<std::int64_t>(queue.size()));
}

TEST_CASE("queue: an empty push and a default batch are harmless") {
  gs::batch_queue queue({.batch_size = 2});
  queue.push({});
  CHECK_FALSE(queue.next());
  queue.flush();
  CHECK_FALSE(queue.next());
  CHECK_FALSE(gs::queued_batch{});
  CHECK(gs::queued_batch{}.ids().empty());
}

TEST_CASE("batch_count: a short last batch counts under partial alone") {
  using last = gs::last_batch;
  CHECK(gs::batch_count(10, 4, last::partial) == 3);
  CHECK(gs::batch_count(10, 4, last::drop) == 2);
  CHECK(gs::batch_count(10, 4, last::carry) == 2);
  CHECK(gs::batch_count(8, 4, last::partial) == 2);
  CHECK(gs::batch_count(8, 4, last::drop) == 2);
  CHECK(gs::batch_count(0, 4, last::partial) == 0);
  CHECK(gs::batch_count(3, 4, last::partial) == 1);
  CHECK(gs::batch_count(3, ~std::size_t{0}, last::drop) == 0);
}

TEST_CASE("batch_count: a batch size of 0 is refused") {
  CHECK_THROWS_AS(gs::batch_count(10, 0, gs::last_batch::drop), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::batch_count(10, 0, gs::last_batch::drop), contains("batch_size is 0"));
}

TEST_CASE("queue: options that cannot work are refused and the message names the values") {
  CHECK_THROWS_AS(gs::batch_queue({.batch_size = 0}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::batch_queue({.batch_size = 0}), contains("batch_size"));
  CHECK_THROWS_AS(gs::batch_queue({.batch_size = 128, .backlog = 100}), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::batch_queue({.batch_size = 128, .backlog = 100}),
                    contains("128") && contains("100"));
  CHECK_NOTHROW(gs::batch_queue({.batch_size = 128, .backlog = 128}));
}

TEST_CASE("queue: steps that run backwards are refused, and nothing is lost") {
  gs::batch_queue queue({.batch_size = 2, .max_age = 10});
  queue.push(ids{1, 2}, 1000);
  CHECK_THROWS_AS(queue.push(ids{3}), gs::invalid_argument);
  CHECK(queue.size() == 2);
  CHECK(queue.next());
  CHECK(queue.dropped() == 0);
}

TEST_CASE("queue: one without a batch size holds nothing, hands out nothing and can be saved") {
  gs::batch_queue none;
  CHECK_FALSE(none.next());
  none.end_epoch();
  none.flush();
  CHECK_FALSE(none.next());
  none.load(none.save());
  CHECK_FALSE(bool{none});
  gs::batch_queue some(gs::queue_options{.batch_size = 2});
  CHECK_THROWS_AS(none.load(some.save()), gs::state_error);
  CHECK_THROWS_AS(some.load(none.save()), gs::state_error);
}
