// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The thread contract: a plain sieve's const calls from several threads, a shared sieve from
//! any. Run under ThreadSanitizer as well.
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/sieve/shared_sieve.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "catch.hpp"
#include "support/channel.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;
using support::to_vector;
using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

namespace {

static_assert(!std::is_copy_constructible_v<gs::shared_sieve>);
static_assert(!std::is_move_constructible_v<gs::shared_sieve>);
static_assert(std::is_copy_constructible_v<gs::shared_plan>);

template <class Plan>
concept viewed = requires(Plan plan) {
  std::forward<Plan>(plan).view();
};
static_assert(viewed<const gs::shared_plan&> && !viewed<gs::shared_plan>);

constexpr std::int64_t examples = 600;
constexpr std::size_t batch_size = 32;
constexpr std::uint32_t epochs = 8;

gs::sieve_options planned() {
  return {.examples = examples,
          .policy = gs::power{2.0},
          .history = 64,
          .seed = 5,
          .active = gs::after_epochs{1},
          .refresh = gs::max_age{4}};
}

//! What training on these examples in this epoch yields: a pure function.
floats train(const ids& batch, std::uint32_t epoch) {
  floats losses;
  for (const std::int64_t id : batch) {
    const gs::draw_key key{.seed = 1, .step = epoch, .use = gs::purpose::user};
    losses.push_back(
        static_cast<float>(gs::to_unit(gs::draw(key, static_cast<std::uint64_t>(id)))) /
        static_cast<float>(epoch + 1));
  }
  return losses;
}

struct work {
  ids batch;
  std::uint32_t epoch = 0;
};

//! All batches of a run on one thread, in which each plan is made when all but the last `late`
//! batches of the epoch before have been observed.
std::vector<ids> on_one_thread(std::size_t late) {
  gs::sieve sieve(planned());
  std::vector<ids> all;
  std::vector<work> waiting;
  const auto observe = [&](std::size_t keep) {
    while (waiting.size() > keep) {
      sieve.observe(waiting.front().batch, train(waiting.front().batch, waiting.front().epoch));
      waiting.erase(waiting.begin());
    }
  };
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const gs::plan_view plan = sieve.plan(epoch);
    observe(0);
    for (const auto batch : plan.batches(batch_size)) {
      all.push_back(to_vector(batch));
      waiting.push_back({all.back(), epoch});
    }
    observe(late);
  }
  return all;
}

//! The same with a loader and a trainer: the loader waits for those observations alone.
std::vector<ids> on_two_threads(std::size_t late) {
  gs::shared_sieve sieve(planned());
  support::channel<work> batches;
  support::channel<std::size_t> observed;
  std::vector<ids> all;
  std::thread loader([&] {
    std::size_t sent = 0, done = 0;
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      for (const auto batch : sieve.plan(epoch).batches(batch_size)) {
        all.push_back(to_vector(batch));
        batches.push({all.back(), epoch});
        ++sent;
      }
      while (done + late < sent) done = observed.pop();
    }
    batches.push({});
  });
  std::size_t done = 0;
  std::uint32_t epoch = 0;
  std::vector<work> waiting;
  const auto observe = [&](std::size_t keep) {
    while (waiting.size() > keep) {
      sieve.observe(waiting.front().batch, train(waiting.front().batch, waiting.front().epoch));
      waiting.erase(waiting.begin());
      observed.push(++done);
    }
  };
  for (work next = batches.pop(); !next.batch.empty(); next = batches.pop()) {
    if (next.epoch != epoch) observe(0);  // planned while these were still to be observed
    epoch = next.epoch;
    waiting.push_back(next);
    observe(late);
  }
  loader.join();
  return all;
}

//! Whether `call` waits for the end of another thread's call.
template <class Call>
bool waits(gs::shared_sieve& sieve, Call call) {
  std::atomic<bool> done = false;
  std::promise<void> inside;
  std::thread other;
  bool waited = false;
  sieve.with([&](gs::sieve&) {
    other = std::thread([&] {
      inside.set_value();
      call();
      done = true;
    });
    inside.get_future().wait();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    waited = !done;
  });
  other.join();
  return waited && done;
}

}  // namespace

TEST_CASE("shared_sieve: a loader and a trainer in a fixed order train the same ids in every run") {
  const std::size_t late = GENERATE(0u, 3u);
  const std::vector<ids> expected = on_one_thread(late);
  REQUIRE(expected.size() > epochs * examples / batch_size / 3);
  for (int run = 0; run < 5; ++run) CHECK(on_two_threads(late) == expected);
}

TEST_CASE("shared_sieve: observations of different examples commute") {
  const std::size_t threads = 4;
  gs::sieve plain(planned());
  gs::shared_sieve shared(planned());
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
    const gs::plan_view plan = plain.plan(epoch);
    for (const auto batch : plan.batches(batch_size)) {
      plain.observe(batch, train(to_vector(batch), epoch));
    }
    const gs::shared_plan plans = shared.plan(epoch);
    REQUIRE(to_vector(plans.view().train()) == to_vector(plan.train()));
    std::vector<std::thread> trainers;
    for (std::size_t first = 0; first < threads; ++first) {
      trainers.emplace_back([&, first] {
        const gs::shared_batches batches = plans.batches(batch_size);
        for (std::size_t i = first; i < batches.size(); i += threads) {
          const ids batch = to_vector(batches[i]);
          shared.observe(batch, train(batch, epoch));
        }
      });
    }
    for (std::thread& each : trainers) each.join();
  }
  CHECK(shared.with([](gs::sieve& sieve) { return sieve.save(); }) == plain.save());
}

TEST_CASE("shared_sieve: plans, observations, picks and counters from all sides") {
  gs::shared_sieve sieve(planned());
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::thread loader([&] {
    for (std::uint32_t epoch = 0; epoch < 40; ++epoch) {
      std::size_t seen = 0;
      const gs::shared_plan plan = sieve.plan(epoch);
      for (const auto batch : plan.batches(batch_size)) seen += batch.size();
      wrong += seen != plan.size();
      for (const std::int64_t id : plan.view().train()) wrong += plan.view().probability(id) <= 0;
    }
    stop = true;
  });
  std::thread trainer([&] {
    const floats losses = support::random_losses(batch_size);
    for (std::int64_t first = 0; !stop; first = (first + 32) % 512) {
      sieve.observe(support::ids_from(first, batch_size), losses);
      sieve.refresh(support::ids_from(first, batch_size), losses);
    }
  });
  std::thread picker([&] {
    std::uint32_t step = 0;
    while (!stop) {
      const auto chosen = sieve.with([&](gs::sieve& one) {
        const auto picked =
            one.pick(support::ids_from(0, batch_size), support::random_losses(batch_size, ++step));
        return to_vector(picked.ids());
      });
      wrong += chosen.size() > batch_size;
    }
  });
  loader.join();
  trainer.join();
  picker.join();
  CHECK(wrong == 0);
  const gs::work_counters work = sieve.with([](gs::sieve& one) { return one.work(); });
  CHECK(work.forwards >= work.refreshed);
}

TEST_CASE("shared_sieve: calls wait for one another") {
  gs::shared_sieve sieve(planned());
  const ids some = {1, 2};
  CHECK(waits(sieve, [&] { sieve.plan(0); }));
  CHECK(waits(sieve, [&] { sieve.observe(some, floats{1, 2}); }));
  CHECK(waits(sieve, [&] { sieve.refresh(some, floats{1, 2}); }));
  CHECK(waits(sieve, [&] { sieve.with([](gs::sieve& one) { return one.step(); }); }));
}

TEST_CASE("shared_sieve: an error leaves the sieve free for the next call") {
  gs::shared_sieve sieve(planned());
  CHECK_THROWS_AS(sieve.observe(ids{examples}, floats{1}), gs::out_of_range);
  CHECK_THROWS_AS(sieve.with([](gs::sieve&) { throw std::runtime_error("user"); }),
                  std::runtime_error);
  CHECK(std::async(std::launch::async, [&] { return sieve.plan(0).size(); }).get() == examples);
}

TEST_CASE("shared_sieve: takes over a sieve of any kind") {
  using fixed = gs::basic_sieve<gs::loss_window, gs::exactly_k_selector>;
  gs::basic_shared_sieve<fixed> sieve(
      fixed({.history = 8}, gs::loss_window(8), gs::exactly_k_selector{3}));
  sieve.with([](fixed& one) { one.pick(support::ramp(8)); });
  CHECK(sieve.with([](fixed& one) { return one.pick(support::ramp(8)).size(); }) == 3);
}

TEST_CASE("shared_plan: stays as it is while the sieve plans on") {
  gs::sieve sieve(planned());
  std::vector<gs::shared_plan> plans;
  std::vector<ids> trained, in_order;
  std::vector<std::vector<double>> probabilities;
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
    const gs::plan_view plan = sieve.plan(epoch);
    plans.emplace_back(plan);
    trained.push_back(to_vector(plan.train()));
    ids order;
    for (const auto batch : plan.batches(7)) order.insert(order.end(), batch.begin(), batch.end());
    in_order.push_back(order);
    probabilities.emplace_back();
    for (const std::int64_t id : plan.train()) {
      probabilities.back().push_back(plan.probability(id));
    }
    sieve.observe(plan.train(), train(trained.back(), epoch));
  }
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
    const gs::shared_plan moved = std::move(plans[epoch]);
    CHECK(moved.epoch() == epoch);
    CHECK(moved.size() == trained[epoch].size());
    CHECK(to_vector(moved.view().train()) == trained[epoch]);
    CHECK(moved.view().selective() == (epoch != 0));
    ids order;
    for (const auto batch : moved.batches(7)) order.insert(order.end(), batch.begin(), batch.end());
    CHECK(order == in_order[epoch]);
    std::vector<double> told;
    for (const std::int64_t id : trained[epoch]) told.push_back(moved.view().probability(id));
    CHECK(told == probabilities[epoch]);
  }
}

TEST_CASE("shared_plan: batches keep their plan alive, from any batch on") {
  gs::shared_sieve sieve(planned());
  const gs::shared_batches batches = sieve.plan(0).batches(100);
  const gs::shared_batches rest = sieve.plan(0).batches(100, gs::last_batch::drop, 4);
  sieve.observe(support::ids_from(0, examples), support::ramp(examples));
  CHECK(sieve.plan(1).size() < examples);
  ids seen;
  for (const auto batch : batches) seen.insert(seen.end(), batch.begin(), batch.end());
  CHECK(to_vector(rest[5]) == ids(seen.end() - 100, seen.end()));
  CHECK(rest.size() == 2);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == support::ids_from(0, examples));
}

TEST_CASE("shared_plan: what its view refuses") {
  gs::shared_sieve sieve(planned());
  const gs::shared_plan plan = sieve.plan(0);
  CHECK_THROWS_AS(plan.batches(0), gs::invalid_argument);
  CHECK_THROWS_AS(plan.batches(8, gs::last_batch::carry), gs::invalid_argument);
  CHECK_THROWS_AS(plan.batches(8, gs::last_batch::drop, 1000), gs::out_of_range);
  CHECK_THROWS_AS(plan.view().probability(examples), gs::out_of_range);
}

TEST_CASE("sieve: const calls from several threads") {
  gs::sieve changing({.examples = 400, .history = 64, .queue = {.batch_size = 8}});
  for (std::uint32_t i = 0; i < 8; ++i) {
    changing.pick(support::ids_from(50 * i, 50), support::random_losses(50, i));
  }
  const gs::sieve& sieve = changing;
  const std::vector<std::byte> saved = sieve.save();
  std::atomic<int> right = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&] {
      const gs::sieve copy = sieve;
      right += sieve.save() == saved && copy.save() == saved && sieve.work().forwards == 400 &&
               sieve.step() == 8 && sieve.active() && sieve.keep_rate() < 1 && sieve.epoch() == 0 &&
               sieve.ledger().at(399).has_loss() && sieve.history().percentile(0.5f) > 0 &&
               sieve.compiled().mean_probability() > 0 && sieve.options().examples == 400;
    });
  }
  for (std::thread& each : readers) each.join();
  CHECK(right == 4);
}

TEST_CASE("plan: one plan read by several threads, each with batches of its own") {
  gs::sieve sieve(planned());
  sieve.observe(support::ids_from(0, examples), support::random_losses(examples));
  const gs::plan_view plan = sieve.plan(3);
  std::vector<ids> seen(4);
  std::vector<std::thread> readers;
  for (ids& mine : seen) {
    readers.emplace_back([&] {
      for (const auto batch : plan.batches(10)) {
        for (const std::int64_t id : batch) {
          mine.push_back(plan.probability(id) > 0 ? id : -1);
        }
      }
    });
  }
  for (std::thread& each : readers) each.join();
  for (const ids& each : seen) CHECK(each == seen.front());
  CHECK(seen.front().size() == plan.size());
}
