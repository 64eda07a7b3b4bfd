// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A loader thread plans and fetches batches ahead; the trainer sends the losses back.
//!   g++ -std=c++20 -O2 -pthread -Iinclude examples/prefetch.cpp -o prefetch && ./prefetch
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/sieve/shared_sieve.hpp>

#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <thread>

struct batch {
  std::vector<std::int64_t> ids;
  std::vector<double> points;
};

double fetch(std::int64_t id) { return static_cast<double>(id % 997) / 997; }  // reads, decodes

int main() {
  constexpr std::uint32_t epochs = 20;
  gradsieve::shared_sieve sieve({.examples = 20'000,
                                 .policy = gradsieve::power{.beta = 2.0},
                                 .seed = 1,
                                 .refresh = gradsieve::max_age{4}});

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<batch> ready;     // fetched, at most four
  std::size_t unobserved = 0;  // batches sent whose losses the sieve does not know yet
  const auto when = [&](auto condition, auto action) {
    std::unique_lock lock(mutex);
    changed.wait(lock, condition);
    action();
    changed.notify_all();
  };

  std::thread loader([&] {
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      for (const auto ids : sieve.plan(epoch).batches(128)) {
        batch next{{ids.begin(), ids.end()}, {}};
        for (const std::int64_t id : ids) next.points.push_back(fetch(id));
        when([&] { return ready.size() < 4; },
             [&] {
               ready.push_back(std::move(next));
               ++unobserved;
             });
      }
      when([&] { return unobserved == 0; }, [] {});  // before the next plan: the same ids each run
    }
    when([] { return true; }, [&] { ready.emplace_back(); });  // an empty batch: the end
  });

  const double budget =  // known before the first epoch
      sieve.with([&](auto& one) { return gradsieve::epoch_lengths(one, epochs).total(); });
  const gradsieve::work_schedule decay = gradsieve::linear_decay{};
  double weight = 0, bias = 0, done = 0;  // of a logistic regression that finds where x > 0.6
  for (;;) {
    batch now;
    when([&] { return !ready.empty(); },
         [&] {
           now = std::move(ready.front());
           ready.pop_front();
         });
    if (now.ids.empty()) break;
    std::vector<float> losses;
    for (const double x : now.points) {
      const double miss = 1 / (1 + std::exp(-weight * x - bias)) - (x > 0.6 ? 1 : 0);
      losses.push_back(static_cast<float>(-std::log1p(-std::fabs(miss))));
      weight -= decay(done, budget) * miss * x;
      bias -= decay(done++, budget) * miss;
    }
    sieve.observe(now.ids, losses);
    when([] { return true; }, [&] { --unobserved; });
  }
  loader.join();
  std::printf("%.0f gradients, %.0f were expected; the boundary is at %.3f\n", done, budget,
              -bias / weight);
}
