// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A plan is the same whoever runs its tasks.
#include <gradsieve/gradsieve.hpp>

#include <stdexcept>

#include "catch.hpp"
#include "support/executors.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

constexpr std::int64_t examples = 50'023;
constexpr std::uint32_t epoch = 9;

//! Examples seen in different epochs, some never, some retired, some with losses that are equal.
gs::detail::example_book make_book(const gs::score& by) {
  gs::detail::example_book book(examples, by);
  const std::vector<float> losses = support::random_losses(examples);
  for (std::int64_t id = 0; id < examples; ++id) {
    if (id % 11 == 3) continue;
    const float loss = losses[static_cast<std::size_t>(id)];
    book.ledger().observe(std::vector{id}, std::vector{id % 7 == 1 ? 0.25f : loss * loss},
                          static_cast<std::uint32_t>(id % 9));
  }
  std::vector<std::int64_t> retired;
  for (std::int64_t id = 5; id < examples; id += 13) retired.push_back(id);
  book.ledger().retire(retired);
  std::vector<int> labels(examples);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = i % 5 == 0;
  book.assign_groups(labels, 2);
  return book;
}

struct outcome {
  std::vector<std::int64_t> train, refresh;
  std::vector<gs::loss_key> keys, quantiles;
  std::uint64_t forced = 0;
  bool selective = false, ready = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

constexpr gs::draw_key drawn{7, epoch, gs::purpose::plan, 1};

template <class Refresh>
outcome plan(gs::detail::planner& planner, const gs::detail::example_book& book,
             const gs::rule& compiled, const Refresh& refresh,
             const gs::detail::executor_ref& run = {}, std::uint64_t least = 1) {
  gs::detail::plan_state made;
  planner.plan(book, compiled, refresh, drawn, made, run, least);
  const gs::window_view window = planner.window();
  return {to_vector(made.train),
          to_vector(made.refresh),
          to_vector(made.keys),
          std::vector(window.slots + 1, window.slots + 1 + window.size),
          made.forced,
          made.selective,
          made.ready};
}

//! Says that an example is due, or fails at one.
struct fails_at {
  std::int64_t at = -1;
  bool due(std::int64_t id, std::uint32_t age, std::uint32_t) const {
    if (id == at) throw std::runtime_error("id " + std::to_string(id));
    return age > 5;
  }
};

}  // namespace

TEST_CASE("plan: the same in any number of tasks, in any order") {
  constexpr std::size_t h = 200;
  struct kind {
    const char* name;
    gs::score by;
    gs::rule compiled;
    gs::staleness refresh;
  };
  const kind kinds[] = {
      {"power", {}, gs::compile(gs::power{2.0}, h), gs::max_age{7}},
      {"band", {}, gs::compile(gs::band{.cap = 0.6}, h), gs::max_age{4} || gs::staggered{20}},
      {"no refresh", {}, gs::compile(gs::power{1.0, 0.1}, h), gs::never_stale{}},
      {"score",
       [](std::int64_t id, float loss, std::uint32_t age, gs::group_id group) {
         return id % 100 == 0 ? NAN : loss * static_cast<float>(age + group);
       },
       gs::compile(gs::power{2.0}, h), gs::max_age{7}},
  };
  for (const kind& one : kinds) {
    const gs::detail::example_book book = make_book(one.by);
    gs::detail::planner alone(h), parallel(h);
    const outcome expected = plan(alone, book, one.compiled, one.refresh);
    CHECK(expected.selective);
    CHECK(expected.ready);
    CHECK(expected.forced > 0);
    CHECK(std::is_sorted(expected.train.begin(), expected.train.end()));
    for (const std::uint64_t tasks : {1u, 2u, 3u, 7u, 16u}) {
      for (const support::order how : support::orders) {
        INFO(one.name << ", " << tasks << " tasks");
        auto run = support::in_order(how);
        CHECK(plan(parallel, book, one.compiled, one.refresh, gs::detail::executor_ref(run),
                   examples / tasks) == expected);
      }
    }
  }
}

TEST_CASE("plan: spared ids of all parts are to be refreshed") {
  constexpr std::size_t h = 100;
  const gs::detail::example_book book = make_book({});
  const gs::rule compiled = gs::compile(gs::band{.cap = 0.5}, h);
  gs::detail::planner planner(h);
  const outcome expected = plan(planner, book, compiled, gs::staleness(gs::max_age{1}));
  CHECK(expected.refresh.size() > examples / 5);
  auto run = support::in_order(support::order::descending);
  CHECK(plan(planner, book, compiled, gs::staleness(gs::max_age{1}), gs::detail::executor_ref(run),
             1000) == expected);
}

TEST_CASE("plan: groups with policies of their own, in parts") {
  constexpr std::size_t h = 100;
  gs::sieve::options_type options{.examples = examples,
                                  .history = h,
                                  .refresh = gs::max_age{7},
                                  .per_group = {gs::power{2.0}, gs::uniform{0.25}}};
  const gs::sieve sieve(options);
  const gs::detail::example_book book = make_book({});
  gs::detail::planner planner(h);
  const outcome expected = plan(planner, book, sieve.compiled(), options.refresh);
  auto run = support::in_order(support::order::shuffled);
  CHECK(plan(planner, book, sieve.compiled(), options.refresh, gs::detail::executor_ref(run),
             3000) == expected);
}

TEST_CASE("plan: the same on any number of threads", "[threads]") {
  constexpr std::size_t h = 200;
  const gs::detail::example_book book = make_book({});
  const gs::rule compiled = gs::compile(gs::band{.cap = 0.6}, h);
  gs::detail::planner planner(h);
  const outcome expected = plan(planner, book, compiled, gs::staleness(gs::max_age{4}));
  for (const std::size_t threads : {1u, 2u, 3u, 7u, 16u}) {
    auto run = support::on_threads(threads);
    CHECK(plan(planner, book, compiled, gs::staleness(gs::max_age{4}),
               gs::detail::executor_ref(run), 3000) == expected);
  }
}

TEST_CASE("plan: an error in a task leaves no half of a plan behind", "[threads]") {
  constexpr std::size_t h = 100;
  const gs::detail::example_book book = make_book({});
  const gs::rule compiled = gs::compile(gs::power{2.0}, h);
  gs::detail::planner planner(h);
  const outcome expected = plan(planner, book, compiled, fails_at{});
  auto run = support::on_threads(3);
  gs::detail::plan_state made;
  CHECK_THROWS_WITH(planner.plan(book, compiled, fails_at{30'000}, drawn, made,
                                 gs::detail::executor_ref(run), 3000),
                    "id 30000");
  CHECK_FALSE(made.ready);
  CHECK(plan(planner, book, compiled, fails_at{}, gs::detail::executor_ref(run), 3000) == expected);
}

TEST_CASE("plan: a sieve and its saved state are the same with an executor", "[threads]") {
  constexpr std::int64_t many = (std::int64_t{2} << 20) + 4099;
  const gs::sieve::options_type options{.examples = many,
                                        .policy = gs::power{2.0},
                                        .history = 500,
                                        .seed = 3,
                                        .refresh = gs::max_age{7}};
  gs::sieve alone(options), parallel(options);
  const std::vector<float> losses = support::random_losses(static_cast<std::size_t>(many));
  for (gs::sieve* one : {&alone, &parallel})
    one->observe(support::ids_from(0, losses.size()), losses);

  std::size_t called = 0;
  const auto threads = support::on_threads(2);
  const auto run = [&](std::size_t tasks, const gs::task_body& body) {
    ++called;
    CHECK(tasks == 2);
    threads(tasks, body);
  };
  const gs::plan_view mine = parallel.plan(1, run), theirs = alone.plan(1);
  CHECK(called == 4);  // two that count, one that decides, one that joins
  CHECK(std::ranges::equal(mine.train(), theirs.train()));
  CHECK(parallel.save() == alone.save());
  CHECK(parallel.plan(1, run).train().data() == mine.train().data());
  CHECK(called == 4);  // the plan is there already
}
