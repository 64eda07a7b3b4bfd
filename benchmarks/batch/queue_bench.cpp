// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file From selections to batches of 128, with the step of the oldest: the queue against a deque.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/batch/queue.hpp>

#include <deque>

namespace {

constexpr std::size_t selected = 43, batch = 128;  // a third of a batch, step after step

struct sums {
  std::int64_t ids = 0;
  std::uint64_t steps = 0;
};

//! `step` takes ids and returns the sum of those in the batches that are full now, and of the steps
//! at which their oldest were selected.
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
  sums in, out;
  std::int64_t next = 0;
  for (std::size_t i = 0; i < 2 * batch; ++i) {
    for (std::int64_t& id : ids) in.ids += id = next++;
    const sums stepped = step(ids);
    out.ids += stepped.ids;
    out.steps += stepped.steps;
  }
  // The id at a batch's head was selected in the step that its place says.
  for (std::uint64_t first = 0; first < 2 * batch * selected; first += batch) {
    in.steps += first / selected + 1;
  }
  if (in.ids != out.ids || in.steps != out.steps)
    bench::fail(state, "not the ids that were queued");
}

void queue(benchmark::State& state) {
  const auto through = [step = std::uint64_t{0},
                        queue = gradsieve::batch_queue({.batch_size = batch})](
                           std::span<const std::int64_t> ids) mutable {
    sums out;
    queue.push(ids, ++step);
    while (const auto next = queue.next()) {
      for (const std::int64_t id : next.ids()) out.ids += id;
      out.steps += next.oldest_step();
    }
    return out;
  };
  repeat(state, through);
  check(state, through);
}

void deque(benchmark::State& state) {
  struct waiting {
    std::int64_t id;
    std::uint64_t step;
  };
  const auto through =
      [step = std::uint64_t{0}, queue = std::deque<waiting>(),
       taken = std::vector<std::int64_t>(batch)](std::span<const std::int64_t> ids) mutable {
        sums out;
        ++step;
        for (const std::int64_t id : ids) queue.push_back({id, step});
        while (queue.size() >= batch) {
          out.steps += queue.front().step;
          for (std::int64_t& id : taken) {
            id = queue.front().id;
            queue.pop_front();
          }
          for (const std::int64_t id : taken) out.ids += id;
        }
        return out;
      };
  repeat(state, through);
  check(state, through);
}

const bench::suite all([](const bench::request&) {
  bench::add("queue", "gradsieve", {{"batch", batch}}, &queue);
  bench::add("queue", "deque", {{"batch", batch}}, &deque);
});

}  // namespace
