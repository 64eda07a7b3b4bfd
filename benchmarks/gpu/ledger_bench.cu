// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses recorded in a ledger, against a bare scatter; epochs planned from it, against one
//! read of it and against a sort of its keys.
#include "device_bench.hpp"

#include <thrust/count.h>
#include <thrust/execution_policy.h>
#include <thrust/reduce.h>
#include <thrust/scatter.h>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_reduce.cuh>

#include <algorithm>

namespace {

using namespace bench;

constexpr std::size_t batch = 1 << 16;

__global__ void fill_ids(std::int64_t* ids, std::uint64_t n, std::uint64_t examples,
                         std::uint64_t stride) {
  for (std::uint64_t i = blockIdx.x * std::uint64_t{blockDim.x} + threadIdx.x; i < n;
       i += std::uint64_t{gridDim.x} * blockDim.x) {
    ids[i] = static_cast<std::int64_t>(i * stride % examples);
  }
}

gs::sieve_options with_ledger(std::size_t examples) {
  return {.examples = static_cast<std::int64_t>(examples),
          .policy = gs::power{2.0},
          .history = history,
          .seed = 1,
          .refresh = gs::max_age{6}};
}

//! Batches of scattered ids, all different: a large prime apart. So many that an iteration visits
//! twice what the cache holds, where there are as many examples.
struct scattered {
  //! Of each visit: its id and loss, and 32 bytes of the ledger, which memory moves at a time.
  static constexpr double bytes = sizeof(std::int64_t) + sizeof(float) + 32;

  explicit scattered(std::size_t examples)
      : batches(std::clamp<std::size_t>(
            static_cast<std::size_t>(2 * cache_bytes() / (bytes * batch)) + 1, 1,
            examples / batch)),
        ids(batches * batch),
        losses(batches * batch) {
    fill_ids<<<1024, 256>>>(ids.data(), ids.size(), examples, 2'147'483'647);
    fill_losses(losses);
  }
  //! Each batch in every iteration, and equally often.
  remarks how() const {
    const std::size_t rounds = (repeats(batch) + batches - 1) / batches;
    return {.touched = bytes * static_cast<double>(batches),
            .calls = static_cast<int>(rounds * batches)};
  }
  //! Where the next batch begins.
  std::size_t next() { return turn++ % batches * batch; }

  std::size_t batches, turn = 0;
  device::array<std::int64_t> ids;
  device::array<float> losses;
};

void observe(benchmark::State& state, std::size_t examples) {
  scattered visits(examples);
  gs::gpu::sieve sieve;
  check(sieve.create(with_ledger(examples), {.max_batch = batch}));
  check(sieve.begin_epoch(5));
  replay(state, batch, 0, visits.how(), [&](cudaStream_t stream) {
    const std::size_t at = visits.next();
    check(sieve.observe(visits.ids.data() + at, visits.losses.data() + at, batch, stream));
  });
  const std::size_t all = visits.ids.size();
  const device::array<std::uint32_t> ages(all);
  check(sieve.ages(visits.ids.data(), all, ages.data()));
  const auto fresh = thrust::count(thrust::device, ages.data(), ages.data() + all, 0u);
  gs::gpu::sieve_state now;
  check(sieve.read_state(now));
  expect(state, fresh == static_cast<std::int64_t>(all) && now.faults == 0,
         "not all visits are in the ledger");
}

void thrust_scatter(benchmark::State& state, std::size_t examples) {
  scattered visits(examples);
  const device::array<std::int64_t> words(examples);
  check(cudaMemset(words.data(), 0xff, examples * sizeof(std::int64_t)));
  replay(state, batch, 0, visits.how(), [&](cudaStream_t stream) {
    const std::int64_t* ids = visits.ids.data() + visits.next();
    thrust::scatter(thrust::cuda::par_nosync.on(stream), ids, ids + batch, ids, words.data());
  });
  const auto none =
      thrust::count(thrust::device, words.data(), words.data() + examples, std::int64_t{-1});
  expect(state, none == static_cast<std::int64_t>(examples - visits.ids.size()),
         "not all words are there");
}

//! A ledger that has seen each example once.
struct full_ledger {
  explicit full_ledger(std::size_t n) : examples(n) {
    check(sieve.create(with_ledger(n), {.max_batch = most_at_once, .plans = true}));
    const std::size_t part = std::min(n, most_at_once);
    const device::array<float> all(part);
    fill_losses(all);
    const device::array<std::int64_t> ids(part);
    std::vector<std::int64_t> at(part);
    for (std::size_t first = 0; first < n; first += part) {
      const std::size_t size = std::min(part, n - first);
      for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<std::int64_t>(first + i);
      check(cudaMemcpy(ids.data(), at.data(), size * sizeof at[0], cudaMemcpyHostToDevice));
      check(sieve.observe(ids.data(), all.data(), size));
    }
  }
  //! What the host plans for the epoch; of few examples.
  std::uint32_t hosts_plan(std::uint32_t epoch) const {
    std::vector<std::int64_t> ids(examples);
    std::vector<float> losses(examples);
    for (std::size_t i = 0; i < examples; ++i) {
      ids[i] = static_cast<std::int64_t>(i);
      losses[i] = random_loss<float>(i);
    }
    gs::sieve host(with_ledger(examples));
    host.observe(ids, losses);
    return host_checksum(host.plan(epoch).train());
  }

  static constexpr std::size_t most_at_once = std::size_t{1} << 22;
  std::size_t examples;
  gs::gpu::sieve sieve;
};

void plan(benchmark::State& state, std::size_t examples) {
  full_ledger on(examples);
  std::uint32_t epoch = 1;
  check(on.sieve.plan(epoch));
  gs::gpu::plan_state made;
  check(on.sieve.read_plan(made));
  if (examples <= most_on_host) {
    expect(state,
           device_checksum(on.sieve.last_plan().train, nullptr, made.train) == on.hosts_plan(epoch),
           "another plan than the host's");
  }
  const double share = static_cast<double>(made.train) / static_cast<double>(examples);
  expect(state, share > 0.30 && share < 0.37,
         "a share of " + std::to_string(share) + " is planned");
  // Each for another epoch, since a plan that is there is kept.
  replay(state, examples, 32, {.touched = 8},
         [&](cudaStream_t stream) { check(on.sieve.plan(++epoch % 4, stream)); });
}

void read_once(benchmark::State& state, std::size_t examples) {
  const device::array<std::uint64_t> words(examples), sum(1);
  check(cudaMemset(words.data(), 0, examples * sizeof(std::uint64_t)));
  std::size_t bytes = 0;
  gs::gpu::device_buffer<unsigned char> memory;
  const auto run = [&](cudaStream_t stream) {
    check(cub::DeviceReduce::Sum(memory.data(), bytes, words.data(), sum.data(),
                                 static_cast<std::int64_t>(examples), stream));
  };
  run(nullptr);
  check(memory.allocate(bytes));
  replay(state, examples, 8, run);
  expect(state, sum[0] == 0, "another sum");
}

//! The quantiles alone: all losses in order.
void cub_radix_sort(benchmark::State& state, std::size_t examples) {
  const device::array<float> losses(examples), sorted(examples);
  fill_losses(losses);
  std::size_t bytes = 0;
  gs::gpu::device_buffer<unsigned char> memory;
  const auto run = [&](cudaStream_t stream) {
    check(cub::DeviceRadixSort::SortKeys(memory.data(), bytes, losses.data(), sorted.data(),
                                         static_cast<std::int64_t>(examples), 0, 32, stream));
  };
  run(nullptr);
  check(memory.allocate(bytes));
  replay(state, examples, 0, {.touched = 8}, run);
  const std::vector<float> least = sorted.first(std::min(examples, most_on_host));
  expect(state, std::is_sorted(least.begin(), least.end()), "not sorted");
}

// No larger: the host's twin of a sieve holds the ledger, too, and each repetition makes one.
const suite all([](const request& asked) {
  for (const std::size_t n : device_sizes(asked, {1 << 17, 1 << 20, 1 << 24, 1 << 26}, 8)) {
    const parameters problem = {{"N", batch}, {"examples", n}};
    add_on_device("observe", "gradsieve", problem,
                  [n](benchmark::State& state) { observe(state, n); });
    add_on_device("observe", "thrust_scatter", problem,
                  [n](benchmark::State& state) { thrust_scatter(state, n); });
  }
  for (const std::size_t n : device_sizes(asked, {1 << 17, 1 << 20, 1 << 24, 1 << 26}, 32)) {
    add_on_device("plan", "gradsieve", {{"N", n}},
                  [n](benchmark::State& state) { plan(state, n); });
    add_on_device("plan", "read_once", {{"N", n}},
                  [n](benchmark::State& state) { read_once(state, n); });
    add_on_device("plan", "cub_radix_sort", {{"N", n}},
                  [n](benchmark::State& state) { cub_radix_sort(state, n); });
  }
});

}  // namespace
