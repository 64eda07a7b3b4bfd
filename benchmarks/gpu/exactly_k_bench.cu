// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of a batch, against exponential keys of which CUB's radix sort finds the k
//! least.
#include "device_bench.hpp"

#include <cub/device/device_radix_sort.cuh>

namespace {

using namespace bench;

void exactly_k(benchmark::State& state, std::size_t n, std::size_t k) {
  const gs::sieve_options options = usual_options();
  const gs::exactly_k_selector selector(k);
  warm_sieve<float, gs::exactly_k_selector> on(n, options, selector);
  on.pick(n);
  expect(state, on.count[0] == k, "not k");
  if (on.losses.size() <= most_on_host) {
    expect(state,
           device_checksum(on.positions.data(), on.count.data()) ==
               host_checksum(on.hosts_third(n, options, selector)),
           "other positions than the host's");
  }
  const double bytes = 4 + 4 * static_cast<double>(k) / static_cast<double>(n);
  replay(state, n, bytes, {.touched = bytes + 2}, [&](cudaStream_t stream) { on.pick(n, stream); });
}

//! -log(u) / p for each example: the k least are a draw in which p weighs.
__global__ void exponential_keys(const float* losses, std::uint32_t n, gs::gpu::sieve_view sieve,
                                 gs::rule_view rule, std::uint64_t step, float* keys,
                                 std::uint32_t* positions) {
  const gs::window_view window{sieve.window(sieve.state->current), sieve.history};
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x) {
    const auto mass = static_cast<float>(rule.mass_of(window, gs::to_key(losses[i])));
    const float uniform = (static_cast<float>(gs::draw(sieve.key(step), i)) + 1.0f) * 0x1p-32f;
    keys[i] = -logf(uniform) / mass;  // infinite where nothing weighs
    positions[i] = i;
  }
}
//! How many keys are above the next one's.
__global__ void count_descents(const float* keys, std::uint32_t n, std::uint32_t* descents) {
  const std::uint32_t step = gridDim.x * blockDim.x;
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i + 1 < n; i += step) {
    if (keys[i] > keys[i + 1]) atomicAdd(descents, 1);
  }
}

void cub_radix_sort(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  const device::array<float> keys(n), sorted(n);
  const device::array<std::uint32_t> positions(n), order(n);
  std::size_t bytes = 0;
  gs::gpu::device_buffer<unsigned char> memory;
  const auto run = [&](cudaStream_t stream) {
    if (memory.size() != 0) {
      exponential_keys<<<1024, 256, 0, stream>>>(on.losses.data(), static_cast<std::uint32_t>(n),
                                                 on.sieve.view(), on.sieve.compiled(), 1,
                                                 keys.data(), positions.data());
      check(cudaGetLastError());
    }
    check(cub::DeviceRadixSort::SortPairs(memory.data(), bytes, keys.data(), sorted.data(),
                                          positions.data(), order.data(),
                                          static_cast<std::int64_t>(n), 0, 32, stream));
  };
  run(nullptr);
  check(memory.allocate(bytes));
  replay(state, n, 0, {.touched = 20}, run);
  const device::array<std::uint32_t> descents(std::vector<std::uint32_t>{0});
  count_descents<<<1024, 256>>>(sorted.data(), static_cast<std::uint32_t>(n), descents.data());
  expect(state, descents[0] == 0, "not sorted");
}

const suite all([](const request& asked) {
  for (const std::size_t n : device_sizes(asked, {1 << 12, 1 << 20, 1 << 24}, 40)) {
    const std::size_t k = n / 4;
    const parameters problem = {{"N", n}, {"k", k}};
    add_on_device("exactly_k", "gradsieve", problem,
                  [n, k](benchmark::State& state) { exactly_k(state, n, k); });
    add_on_device("exactly_k", "cub_radix_sort", problem,
                  [n](benchmark::State& state) { cub_radix_sort(state, n); });
  }
});

}  // namespace
