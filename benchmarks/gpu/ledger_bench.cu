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

//! A batch of scattered ids, all different: a large prime apart.
struct scattered {
  explicit scattered(std::size_t examples) : ids(batch), losses(batch) {
    fill_ids<<<1024, 256>>>(ids.data(), batch, examples, 2'147'483'647);
    fill_losses(losses);
  }
  device::array<std::int64_t> ids;
  device::array<float> losses;
};

void observe(benchmark::State& state, std::size_t examples) {
  const scattered visits(examples);
  gs::gpu::sieve sieve;
  check(sieve.create(with_ledger(examples), {.max_batch = batch}));
  check(sieve.begin_epoch(5));
  replay(state, batch, 0, [&](cudaStream_t stream) {
    check(sieve.observe(visits.ids.data(), visits.losses.data(), batch, stream));
  });
  const device::array<std::uint32_t> ages(batch);
  check(sieve.ages(visits.ids.data(), batch, ages.data()));
  const auto fresh = thrust::count(thrust::device, ages.data(), ages.data() + batch, 0u);
  gs::gpu::sieve_state now;
  check(sieve.read_state(now));
  expect(state, fresh == static_cast<std::int64_t>(batch) && now.faults == 0,
         "not all visits are in the ledger");
}

void thrust_scatter(benchmark::State& state, std::size_t examples) {
  const scattered visits(examples);
  const device::array<std::int64_t> words(examples);
  check(cudaMemset(words.data(), 0xff, examples * sizeof(std::int64_t)));
  const std::int64_t* ids = visits.ids.data();
  repeat(state, batch,
         [&] { thrust::scatter(thrust::cuda::par_nosync, ids, ids + batch, ids, words.data()); });
  const auto none =
      thrust::count(thrust::device, words.data(), words.data() + examples, std::int64_t{-1});
  expect(state, none == static_cast<std::int64_t>(examples - batch), "not all words are there");
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
  repeat(state, examples, [&] { check(on.sieve.plan(++epoch % 4)); });
  state.counters["bytes"] = 32;
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
  replay(state, examples, 0, run);
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
