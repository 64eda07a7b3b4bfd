// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The device's pick against an empty launch, a copy, CUB and Thrust, all in one run.
//!
//! Every measurement is a captured graph that is replayed; time is the device's own, by events
//! around many replays. Answers are checked: count and checksum of positions against CUB's.
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/cub_select.hpp"

#include <benchmark/benchmark.h>
#include <thrust/copy.h>
#include <thrust/execution_policy.h>

#include <cstdio>
#include <string>

namespace gs = gradsieve;

namespace {

using device::check;

//! Losses in [0, 10), all different from their neighbours.
__global__ void fill(float* losses, std::size_t n) {
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < n; i += step) {
    losses[i] = static_cast<float>(gs::draw({.seed = 7}, i)) * (10.0f / 4294967296.0f);
  }
}

//! Order-dependent checksum of positions.
__global__ void sum_positions(const std::uint32_t* positions, const std::uint32_t* count,
                              unsigned long long* sum) {
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < *count;
       i += gridDim.x * blockDim.x) {
    atomicAdd(sum, positions[i] * (2ull * i + 1));
  }
}

struct batch {
  explicit batch(std::size_t n) : losses(n), positions(n), count(1), sum(1) {
    fill<<<1024, 256>>>(losses.data(), n);
    check(cudaDeviceSynchronize());
  }
  std::uint64_t checksum() const {
    check(cudaMemset(sum.data(), 0, sizeof(unsigned long long)));
    sum_positions<<<1024, 256>>>(positions.data(), count.data(), sum.data());
    return sum[0];
  }
  device::array<float> losses;
  device::array<std::uint32_t> positions, count;
  device::array<unsigned long long> sum;
};

//! Replays what `enqueue` captures and reports the device's time for each replay.
template <class Enqueue>
void replay(benchmark::State& state, Enqueue enqueue) {
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t runnable = nullptr;
  cudaEvent_t begin = nullptr, end = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  enqueue(stream);
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&runnable, graph, 0));
  constexpr int replays = 20;
  for (int i = 0; i < replays; ++i) check(cudaGraphLaunch(runnable, stream));
  for (auto _ : state) {
    check(cudaEventRecord(begin, stream));
    for (int i = 0; i < replays; ++i) check(cudaGraphLaunch(runnable, stream));
    check(cudaEventRecord(end, stream));
    check(cudaEventSynchronize(end));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end));
    state.SetIterationTime(static_cast<double>(milliseconds) * 1e-3 / replays);
  }
  check(cudaGraphExecDestroy(runnable));
  check(cudaGraphDestroy(graph));
  check(cudaEventDestroy(begin));
  check(cudaEventDestroy(end));
  check(cudaStreamDestroy(stream));
}

//! Bytes that the work cannot do without, and those of the fraction selected.
void count_bytes(benchmark::State& state, std::size_t n, std::size_t selected, std::size_t loss) {
  const double bytes =
      static_cast<double>(n) * static_cast<double>(loss) + 4.0 * static_cast<double>(selected);
  state.counters["bytes_per_second"] =
      benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
}

__global__ void nothing() {}

void empty_node(benchmark::State& state) {
  replay(state, [](cudaStream_t stream) { nothing<<<1, 32, 0, stream>>>(); });
}

void copy(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const device::array<float> from(n), to(n);
  replay(state, [&](cudaStream_t stream) {
    check(cudaMemcpyAsync(to.data(), from.data(), n * sizeof(float), cudaMemcpyDeviceToDevice,
                          stream));
  });
  state.counters["bytes_per_second"] = benchmark::Counter(
      8.0 * static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
}

gs::sieve_options options(gs::update_order order) {
  return {.policy = gs::power{2.0}, .history = 1024, .seed = 1, .order = order};
}

void pick(benchmark::State& state, gs::update_order order) {
  const auto n = static_cast<std::size_t>(state.range(0));
  batch on(n > 1024 ? n : 1024);
  gs::gpu::sieve sieve;
  check(sieve.create(options(order), {.max_batch = on.losses.size()}));
  for (int i = 0; i < 2; ++i) {
    check(sieve.pick(on.losses.data(), on.losses.size(), on.positions.data(), on.count.data()));
  }
  // Once against CUB, which needs the window that decides: the newest, with this order.
  if (order == gs::update_order::update_then_decide) {
    check(sieve.pick(on.losses.data(), n, on.positions.data(), on.count.data()));
    const std::uint64_t ours = on.checksum();
    gs::gpu::sieve_state now;
    check(sieve.read_state(now));
    cub_select::workspace work(n);
    cub_select::select(work, on.losses.data(), n, sieve, now.step - 1, on.positions.data(),
                       on.count.data());
    if (on.checksum() != ours) return state.SkipWithError("other positions than CUB's");
  }
  replay(state, [&](cudaStream_t stream) {
    check(sieve.pick(on.losses.data(), n, on.positions.data(), on.count.data(), stream));
  });
  count_bytes(state, n, on.count[0], sizeof(float));
}

void cub_sentinel(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  batch on(n > 1024 ? n : 1024);
  gs::gpu::sieve sieve;
  check(
      sieve.create(options(gs::update_order::update_then_decide), {.max_batch = on.losses.size()}));
  check(sieve.pick(on.losses.data(), on.losses.size(), on.positions.data(), on.count.data()));
  cub_select::workspace work(n);
  replay(state, [&](cudaStream_t stream) {
    cub_select::select(work, on.losses.data(), n, sieve, 1, on.positions.data(), on.count.data(),
                       stream);
  });
  count_bytes(state, n, on.count[0], sizeof(float));
}

//! As the user would write it: no graph, since it waits for its own count.
void thrust_copy_if(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  batch on(n > 1024 ? n : 1024);
  gs::gpu::sieve sieve;
  check(
      sieve.create(options(gs::update_order::update_then_decide), {.max_batch = on.losses.size()}));
  check(sieve.pick(on.losses.data(), on.losses.size(), on.positions.data(), on.count.data()));
  const cub_select::position_or_sentinel decide{on.losses.data(), sieve.view(),
                                                sieve.compiled().monotone, 1};
  const auto candidates =
      thrust::make_transform_iterator(thrust::counting_iterator<std::uint32_t>(0), decide);
  cudaEvent_t begin = nullptr, end = nullptr;
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  for (auto _ : state) {
    check(cudaEventRecord(begin));
    thrust::copy_if(thrust::device, candidates, candidates + static_cast<std::int64_t>(n),
                    on.positions.data(), cub_select::is_selected{});
    check(cudaEventRecord(end));
    check(cudaEventSynchronize(end));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end));
    state.SetIterationTime(static_cast<double>(milliseconds) * 1e-3);
  }
  check(cudaEventDestroy(begin));
  check(cudaEventDestroy(end));
}

void update_then_decide(benchmark::State& state) {
  pick(state, gs::update_order::update_then_decide);
}
void decide_then_update(benchmark::State& state) {
  pick(state, gs::update_order::decide_then_update);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("N")->UseManualTime()->Unit(benchmark::kMicrosecond);
  for (const std::int64_t n :
       {std::int64_t{128}, std::int64_t{4096}, std::int64_t{16384}, std::int64_t{1} << 20,
        std::int64_t{1} << 24, std::int64_t{1'000'000'000}}) {
    benchmark->Arg(n);
  }
}

BENCHMARK(empty_node)->Name("gpu/floor/empty_node")->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(copy)->Name("gpu/floor/copy")->Apply(sizes);
BENCHMARK(update_then_decide)->Name("gpu/pick/update_then_decide")->Apply(sizes);
BENCHMARK(decide_then_update)->Name("gpu/pick/decide_then_update")->Apply(sizes);
BENCHMARK(cub_sentinel)->Name("gpu/rival/cub_sentinel")->Apply(sizes);
BENCHMARK(thrust_copy_if)->Name("gpu/rival/thrust_copy_if")->Apply(sizes);

}  // namespace

int main(int argc, char** argv) {
  int device = 0, driver = 0;
  cudaDeviceProp properties{};
  if (cudaGetDevice(&device) != cudaSuccess) {
    std::fprintf(stderr, "pick_bench: there is no device\n");
    return 1;
  }
  check(cudaGetDeviceProperties(&properties, device));
  check(cudaDriverGetVersion(&driver));
  benchmark::AddCustomContext("device", properties.name);
  benchmark::AddCustomContext("driver", std::to_string(driver));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
