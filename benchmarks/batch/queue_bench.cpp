// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file From selections to batches of 128: the queue against a deque.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/batch/queue.hpp>

#include <deque>

namespace {

constexpr std::size_t selected = 43, batch = 128;  // a third of a batch, step after step

//! `step` takes ids and returns the sum of those in the batches that are full now.
template <class Step>
void repeat(benchmark::State& state, Step step) {
  constexpr std::size_t pooled = selected * 1024;
  const auto ids = bench::scattered_ids(pooled, 1'000'000);
  std::size_t at = 0;
  double queued = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(step(std::span(ids).subspan(at, selected)));
    at = at + selected < pooled ? at + selected : 0;
    queued += static_cast<double>(selected);
  }
  bench::per_example(state, queued);
}

//! Every id comes out once, in order: 128 steps more are 43 batches more.
template <class Step>
void check(benchmark::State& state, Step step) {
  std::vector<std::int64_t> ids(selected);
  std::int64_t in = 0, out = 0, next = 0;
  for (std::size_t i = 0; i < 2 * batch; ++i) {
    for (std::int64_t& id : ids) in += id = next++;
    out += step(ids);
  }
  if (in != out) bench::fail(state, "not the ids that were queued");
}

void queue(benchmark::State& state) {
  const auto through = [step = std::uint64_t{0},
                        queue = gradsieve::batch_queue({.batch_size = batch})](
                           std::span<const std::int64_t> ids) mutable {
    std::int64_t sum = 0;
    queue.push(ids, ++step);
    while (const auto next = queue.next()) {
      for (const std::int64_t id : next.ids()) sum += id;
    }
    return sum;
  };
  repeat(state, through);
  check(state, through);
}

void deque(benchmark::State& state) {
  const auto through =
      [queue = std::deque<std::int64_t>(),
       taken = std::vector<std::int64_t>(batch)](std::span<const std::int64_t> ids) mutable {
        std::int64_t sum = 0;
        queue.insert(queue.end(), ids.begin(), ids.end());
        while (queue.size() >= batch) {
          for (std::int64_t& id : taken) {
            id = queue.front();
            queue.pop_front();
          }
          for (const std::int64_t id : taken) sum += id;
        }
        return sum;
      };
  repeat(state, through);
  check(state, through);
}

const bench::suite all([](const bench::request&) {
  bench::add("queue", "gradsieve", {{"batch", batch}}, &queue);
  bench::add("queue", "deque", {{"batch", batch}}, &deque);
});

}  // namespace
