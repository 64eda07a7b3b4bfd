// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How work on a device is timed, counted and checked.
#pragma once

#include <gradsieve/gpu/sieve.hpp>
#include <gradsieve/sieve.hpp>

#include "gpu/device_array.hpp"
#include "support/harness.hpp"

#include <algorithm>
#include <vector>

namespace bench {

namespace gs = gradsieve;
using device::check;

inline constexpr std::size_t history = 1024;

//! Of the sizes wanted, those that fit the device. @param bytes  an example's, on the device
inline std::vector<std::size_t> device_sizes(const request& asked,
                                             std::initializer_list<std::size_t> wanted,
                                             std::size_t bytes) {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total));
  return sizes(asked, wanted, bytes, free - free / 8);
}

//! Between two points of a stream, by the device's own clock.
class stopwatch {
 public:
  explicit stopwatch(cudaStream_t stream) : stream_(stream) {
    check(cudaEventCreate(&begin_));
    check(cudaEventCreate(&end_));
  }
  ~stopwatch() {
    static_cast<void>(cudaEventDestroy(begin_));
    static_cast<void>(cudaEventDestroy(end_));
  }
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

  //! The seconds that what `enqueue` puts on the stream takes.
  template <class Enqueue>
  double time(Enqueue enqueue) {
    check(cudaEventRecord(begin_, stream_));
    enqueue();
    check(cudaEventRecord(end_, stream_));
    check(cudaEventSynchronize(end_));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return 1e-3 * static_cast<double>(milliseconds);
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

//! How often an iteration runs the work: so often that events are no part of its time.
constexpr int repeats(std::size_t n) { return n <= (std::size_t{1} << 22) ? 20 : 2; }

//! Bytes that the device's second cache holds.
inline double cache_bytes() {
  int device = 0, bytes = 0;
  check(cudaGetDevice(&device));
  check(cudaDeviceGetAttribute(&bytes, cudaDevAttrL2CacheSize, device));
  return bytes;
}

//! What a reader must know of a measurement, besides its problem.
struct remarks {
  //! Bytes that an example touches in all calls of an iteration together: where those of all n fit
  //! the cache the row is marked as warm.
  double touched = 0;
  bool waits = false;  //!< the host waits for the device in each call, and that is timed too
  int calls = 0;       //!< of an iteration; 0: `repeats(n)`
};
inline void mark(benchmark::State& state, std::size_t n, const remarks& with) {
  const double touched = static_cast<double>(n) * with.touched;
  if (touched > 0 && touched <= cache_bytes()) state.counters["warm"] = 1;
  if (with.waits) state.counters["waits"] = 1;
}

//! Captures several calls of `enqueue(stream)` in one graph, replays it, and reports the device's
//! time for each of n examples: so the rate at which the host launches is no part of it.
//! @param bytes  that an example cannot do without reading or writing; 0: not told
template <class Enqueue>
void replay(benchmark::State& state, std::size_t n, double bytes, const remarks& with,
            Enqueue enqueue) {
  const int calls = with.calls != 0 ? with.calls : repeats(n);
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t runnable = nullptr;
  check(cudaDeviceSynchronize());  // the stream does not wait for what the default one still does
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  for (int i = 0; i < calls; ++i) enqueue(stream);
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&runnable, graph, 0));
  const auto all = [&] { check(cudaGraphLaunch(runnable, stream)); };
  {
    stopwatch watch(stream);
    watch.time(all);
    for (auto _ : state) {
      all();  // keeps the device busy until the one that is timed has been launched, too
      state.SetIterationTime(watch.time(all));
    }
  }
  per_example(state, static_cast<double>(n) * calls * static_cast<double>(state.iterations()));
  if (bytes > 0) state.counters["bytes"] = bytes;
  mark(state, n, with);
  check(cudaGraphExecDestroy(runnable));
  check(cudaGraphDestroy(graph));
  check(cudaStreamDestroy(stream));
}
//! The same for calls that touch nothing but those bytes.
template <class Enqueue>
void replay(benchmark::State& state, std::size_t n, double bytes, Enqueue enqueue) {
  replay(state, n, bytes, {.touched = bytes}, enqueue);
}

//! The same for what cannot be captured, since it waits or allocates: on the default stream.
template <class Work>
void repeat(benchmark::State& state, std::size_t n, const remarks& with, Work work) {
  const auto all = [&] {
    for (int i = 0; i < repeats(n); ++i) work();
  };
  stopwatch watch(nullptr);
  watch.time(all);
  for (auto _ : state) state.SetIterationTime(watch.time(all));
  per_example(state, static_cast<double>(n) * repeats(n) * static_cast<double>(state.iterations()));
  mark(state, n, with);
}

//! Adds a benchmark whose time is the device's.
template <class Run>
void add_on_device(const std::string& task, const std::string& who, parameters problem, Run run,
                   const std::string& variant = "") {
  add(task, who, problem, run, variant)->UseManualTime()->Unit(benchmark::kMicrosecond);
}

//! @name Losses
//! @{
template <class T>
__host__ __device__ T loss_as(float loss) {
  if constexpr (std::is_same_v<T, gs::bfloat16_bits>) {
    return {static_cast<std::uint16_t>(gs::float_bits(loss) >> 16)};
  } else if constexpr (std::is_same_v<T, gs::float16_bits>) {
    const std::uint32_t bits = gs::float_bits(loss);  // of a normal number in both
    return {static_cast<std::uint16_t>(((bits >> 13) & 0x3ff) | (((bits >> 23) - 112) << 10))};
  } else {
    return static_cast<T>(loss);
  }
}

//! In [0.5, 10.5), the same on both sides: the product is exact, so that a fused sum is no other.
template <class T>
__host__ __device__ T random_loss(std::uint64_t i) {
  const auto steps = static_cast<float>(gs::draw({.seed = 7}, i) >> 12);
  return loss_as<T>(0.5f + steps * (10.0f / 1048576.0f));
}

template <class T>
__global__ void fill(T* losses, std::size_t n) {
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < n; i += step) {
    losses[i] = random_loss<T>(i);
  }
}
template <class T>
void fill_losses(const device::array<T>& losses) {
  fill<<<1024, 256>>>(losses.data(), losses.size());
  check(cudaGetLastError());
  check(cudaDeviceSynchronize());
}
//! @}

//! @name Answers
//! @{

//! The host can be asked about so many.
constexpr std::size_t most_on_host = std::size_t{1} << 20;

inline constexpr unsigned sum_threads = 256;

//! Depends on the values' order. Runs on the device.
template <class T>
__global__ void sum_up(const T* values, const std::uint32_t* count, std::uint32_t n,
                       unsigned long long* sum) {
  __shared__ gs::gpu::detail::block_sums<sum_threads, unsigned long long> block;
  const std::uint32_t all = count != nullptr ? *count : n;
  unsigned long long mine = 0, total = 0;
  for (std::uint64_t i = blockIdx.x * blockDim.x + threadIdx.x; i < all;
       i += std::uint64_t{gridDim.x} * blockDim.x) {
    mine += static_cast<unsigned long long>(values[i]) * (2 * i + 1);
  }
  block.exclusive(mine, total);
  if (threadIdx.x == 0) atomicAdd(sum, total);
}
//! Of the first `*count` values, or of n without a count.
template <class T>
std::uint32_t device_checksum(const T* values, const std::uint32_t* count, std::size_t n = 0) {
  const device::array<unsigned long long> sum(std::vector<unsigned long long>{0});
  sum_up<<<1024, sum_threads>>>(values, count, static_cast<std::uint32_t>(n), sum.data());
  check(cudaGetLastError());
  const unsigned long long found = sum[0];
  return static_cast<std::uint32_t>(found ^ (found >> 32));
}
template <class Range>
std::uint32_t host_checksum(const Range& values) {
  unsigned long long sum = 0, place = 1;
  for (const auto value : values) {
    sum += static_cast<unsigned long long>(value) * place;
    place += 2;
  }
  return static_cast<std::uint32_t>(sum ^ (sum >> 32));
}

inline void expect(benchmark::State& state, bool holds, const std::string& otherwise) {
  if (!holds) fail(state, otherwise);
}
//! @}

inline gs::sieve_options usual_options(
    gs::update_order order = gs::update_order::update_then_decide) {
  return {.policy = gs::power{2.0}, .history = history, .seed = 1, .order = order};
}

//! Losses, a sieve that has seen them twice, and room for what it selects.
template <class T = float, class Selector = gs::poisson_selector>
struct warm_sieve {
  explicit warm_sieve(std::size_t n, const gs::sieve_options& options = usual_options(),
                      Selector selector = Selector())
      : losses(std::max(n, history)), positions(losses.size()), count(1) {
    fill_losses(losses);
    check(sieve.create(options, {.max_batch = losses.size()}, selector));
    for (int i = 0; i < 2; ++i) pick(losses.size());
  }
  void pick(std::size_t n, cudaStream_t stream = nullptr) {
    check(sieve.pick(losses.data(), n, positions.data(), count.data(), stream));
  }
  //! The step that decided last.
  std::uint64_t last_step() {
    gs::gpu::sieve_state now;
    check(sieve.read_state(now));
    return now.step - 1;
  }
  //! What the host selects in the third step, of n.
  std::vector<std::uint32_t> hosts_third(std::size_t n, const gs::sieve_options& options,
                                         Selector selector = Selector()) const {
    std::vector<T> batch(losses.size());
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = random_loss<T>(i);
    gs::basic_sieve<gs::loss_window, Selector> host(options, gs::loss_window(history), selector);
    for (int i = 0; i < 2; ++i) host.pick(std::span<const T>(batch));
    const auto picked = host.pick(std::span<const T>(batch).first(n));
    return {picked.positions().begin(), picked.positions().end()};
  }

  device::array<T> losses;
  device::array<std::uint32_t> positions, count;
  gs::gpu::basic_sieve<Selector> sieve;
};

}  // namespace bench
