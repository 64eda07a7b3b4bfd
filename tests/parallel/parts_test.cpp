// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/parallel/parts.hpp>

#include <string>

#include "catch.hpp"
#include "support/executors.hpp"

using gradsieve::task_body;
using gradsieve::detail::executor_ref;
using gradsieve::detail::parts;

TEST_CASE("parts: each number is in one part, and lengths differ by one at most") {
  auto run = support::in_order(support::order::ascending);
  for (const std::uint64_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 1001u}) {
    for (const std::uint64_t least : {1u, 7u, 100u, 5000u}) {
      const parts all(size, executor_ref(run), least);
      CHECK(all.begin(0) == 0);
      CHECK(all.end(all.count() - 1) == size);
      CHECK(all.count() == std::clamp<std::uint64_t>(size / least, 1, 16));
      for (std::size_t part = 0; part < all.count(); ++part) {
        const std::uint64_t length = all.end(part) - all.begin(part);
        CHECK((length == size / all.count() || length == size / all.count() + 1));
      }
    }
  }
}

TEST_CASE("parts: without an executor there is one, but for counters that would overflow") {
  gradsieve::serial alone;
  CHECK(parts(std::uint64_t{1} << 31).count() == 1);
  CHECK(parts(std::uint64_t{1} << 31, executor_ref(alone), 1).count() == 1);
  const parts many(std::uint64_t{1} << 35);
  CHECK(many.count() == 16);
  std::uint64_t next = 0;
  many.for_each([&](std::size_t part) {
    CHECK(many.begin(part) == next);
    next = many.end(part);
    CHECK(next - many.begin(part) < std::uint64_t{1} << 32);
  });
  CHECK(next == many.size());
}

TEST_CASE("parts: all are worked on, in the executor's order or by its threads", "[threads]") {
  for (const std::size_t threads : {0u, 1u, 3u, 16u}) {
    auto shuffled = support::in_order(support::order::shuffled);
    auto pool = support::on_threads(threads);
    const parts all(16, threads == 0 ? executor_ref(shuffled) : executor_ref(pool), 1);
    std::vector<int> visits(16);
    all.for_each([&](std::size_t part) { ++visits[part]; });
    CHECK(visits == std::vector<int>(16, 1));
  }
}

TEST_CASE("serial: runs every task") {
  std::string order;
  auto body = [&](std::size_t task) { order += static_cast<char>('0' + task); };
  gradsieve::serial{}(4, task_body(body));
  CHECK(order == "0123");
}

TEST_CASE("parts: of several errors the first part's reaches the caller, when all have ended",
          "[threads]") {
  for (const bool threads : {false, true}) {
    auto backwards = support::in_order(support::order::descending);
    auto pool = support::on_threads(4);
    const parts all(16, threads ? executor_ref(pool) : executor_ref(backwards), 1);
    std::atomic<int> ended{0};
    const auto work = [&](std::size_t part) {
      ++ended;
      if (part >= 5) throw std::runtime_error("part " + std::to_string(part));
    };
    CHECK_THROWS_WITH(all.for_each(work), "part 5");
    CHECK(ended == 16);
  }
}

TEST_CASE("parts: an executor that leaves a task out or runs one twice is found out") {
  const auto message = [](auto run) -> std::string {
    const parts all(4, executor_ref(run), 1);
    try {
      all.for_each([](std::size_t) {});
    } catch (const gradsieve::invalid_argument& error) {
      return error.what();
    }
    return "no error";
  };
  CHECK(message([](std::size_t tasks, const task_body& body) {
          for (std::size_t i = 0; i + 1 < tasks; ++i) body(i);
        }) == "executor: task 3 of 4 was run 0 times");
  CHECK(message([](std::size_t, const task_body& body) {
          for (const std::size_t i : {0u, 1u, 1u, 2u, 3u}) body(i);
        }) == "executor: task 1 of 4 was run 2 times");
  CHECK(message([](std::size_t tasks, const task_body& body) {
          for (std::size_t i = 1; i <= tasks; ++i) body(i);
        }) == "executor: task 0 of 4 was run 0 times");
}

TEST_CASE("parts: a task that is run twice works once") {
  auto twice = [](std::size_t tasks, const task_body& body) {
    for (std::size_t i = 0; i < 2 * tasks; ++i) body(i % tasks);
  };
  const parts all(4, executor_ref(twice), 1);
  int works = 0;
  CHECK_THROWS_AS(all.for_each([&](std::size_t) { ++works; }), gradsieve::invalid_argument);
  CHECK(works == 4);
}

TEST_CASE("parts: what an executor throws reaches the caller") {
  auto refuses = [](std::size_t, const task_body&) { throw std::runtime_error("no threads"); };
  const parts all(4, executor_ref(refuses), 1);
  CHECK_THROWS_WITH(all.for_each([](std::size_t) {}), "no threads");
}
