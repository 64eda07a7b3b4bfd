// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A pick as positions, as a mask and as ids, of losses of several types, against CUB and
//! Thrust. All see the same window, so all select the same.
#include "device_bench.hpp"
#include "gpu/cub_select.hpp"

#include <thrust/copy.h>
#include <thrust/execution_policy.h>

namespace {

using namespace bench;

//! Bytes that an example cannot do without: its loss, and its share of what is written.
template <class T>
double bytes_each(std::size_t n, std::size_t selected, std::size_t entry) {
  return static_cast<double>(sizeof(T)) +
         static_cast<double>(entry * selected) / static_cast<double>(n);
}

template <class T>
void pick(benchmark::State& state, std::size_t n, gs::update_order order) {
  const gs::sieve_options options = usual_options(order);
  warm_sieve<T> on(n, options);
  on.pick(n);
  const std::uint32_t sum = device_checksum(on.positions.data(), on.count.data());
  if (on.losses.size() <= most_on_host) {
    expect(state, sum == host_checksum(on.hosts_third(n, options)),
           "other positions than the host's");
  }
  const std::uint32_t selected = on.count[0];
  replay(state, n, bytes_each<T>(n, selected, 4), [&](cudaStream_t stream) { on.pick(n, stream); });
  // With the other order the window is not the one that rivals decide by.
  if (order == gs::update_order::update_then_decide) publish_checksum(state, sum);
}

template <class T>
void cub_select_positions(benchmark::State& state, std::size_t n) {
  warm_sieve<T> on(n);
  on.pick(n);
  cub_select::selection<T> select(on.losses.data(), n, on.sieve, on.last_step());
  const std::uint32_t ours = device_checksum(on.positions.data(), on.count.data());
  select(on.positions.data(), on.count.data());
  const std::uint32_t sum = device_checksum(on.positions.data(), on.count.data());
  expect(state, sum == ours, "other positions than the sieve's");
  replay(state, n, bytes_each<T>(n, on.count[0], 4),
         [&](cudaStream_t stream) { select(on.positions.data(), on.count.data(), stream); });
  publish_checksum(state, sum);
}

//! As the user would write it: no graph, since it waits for its own count, and allocates.
void thrust_copy_if(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  on.pick(n);
  const cub_select::selection<float> select(on.losses.data(), n, on.sieve, on.last_step());
  const auto candidates = select.candidates();
  std::uint32_t* end = nullptr;
  repeat(state, n, {.touched = 8, .waits = true}, [&] {
    end = thrust::copy_if(thrust::device, candidates, candidates + static_cast<std::int64_t>(n),
                          on.positions.data(), cub_select::is_selected{});
  });
  publish_checksum(state, device_checksum(on.positions.data(), nullptr,
                                          static_cast<std::size_t>(end - on.positions.data())));
}

//! How many bits of the mask differ from what the positions say.
__global__ void compare_mask(const std::uint32_t* words, const std::uint32_t* positions,
                             const std::uint32_t* count, std::uint32_t n, std::uint32_t* wrong) {
  const std::uint32_t step = gridDim.x * blockDim.x, first = blockIdx.x * blockDim.x + threadIdx.x;
  for (std::uint32_t j = first; j < *count; j += step) {
    if ((words[positions[j] / 32] >> (positions[j] % 32) & 1) == 0) atomicAdd(wrong, 1);
  }
  for (std::uint32_t w = first; w < (n + 31) / 32; w += step) {
    atomicAdd(wrong + 1, static_cast<std::uint32_t>(__popc(words[w])));
  }
}

void pick_mask(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n), other(n);
  const device::array<std::uint32_t> words((n + 31) / 32), count(1);
  on.pick(n);
  check(other.sieve.pick_mask(other.losses.data(), n, words.data(), count.data()));
  const device::array<std::uint32_t> wrong(std::vector<std::uint32_t>{0, 0});
  compare_mask<<<1024, 256>>>(words.data(), on.positions.data(), on.count.data(),
                              static_cast<std::uint32_t>(n), wrong.data());
  const std::uint32_t selected = on.count[0];
  expect(state, wrong.values() == std::vector<std::uint32_t>{0, selected} && count[0] == selected,
         "not the mask of the positions");
  replay(state, n, sizeof(float) + 1.0 / 8, [&](cudaStream_t stream) {
    check(other.sieve.pick_mask(other.losses.data(), n, words.data(), count.data(), stream));
  });
}

//! Ids of a batch: scattered, and none of them its position.
__global__ void fill_ids(std::int64_t* ids, std::uint32_t n) {
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x) {
    ids[i] = std::int64_t{3} * (n - i);
  }
}
device::array<std::int64_t> batch_ids(std::size_t n) {
  device::array<std::int64_t> ids(n);
  fill_ids<<<1024, 256>>>(ids.data(), static_cast<std::uint32_t>(n));
  check(cudaDeviceSynchronize());
  return ids;
}

void pick_ids(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  const device::array<std::int64_t> ids = batch_ids(n), selected(n);
  check(on.sieve.pick_ids(ids.data(), on.losses.data(), n, selected.data(), on.count.data()));
  const std::uint32_t sum = device_checksum(selected.data(), on.count.data());
  replay(state, n, bytes_each<float>(n, on.count[0], 16), [&](cudaStream_t stream) {
    check(on.sieve.pick_ids(ids.data(), on.losses.data(), n, selected.data(), on.count.data(),
                            stream));
  });
  publish_checksum(state, sum);
}

void cub_select_ids(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  const device::array<std::int64_t> ids = batch_ids(n), selected(n);
  on.pick(n);
  cub_select::selection<float, cub_select::id_of> select(on.losses.data(), n, on.sieve,
                                                         on.last_step(), {ids.data()});
  select(selected.data(), on.count.data());
  const std::uint32_t sum = device_checksum(selected.data(), on.count.data());
  replay(state, n, bytes_each<float>(n, on.count[0], 16),
         [&](cudaStream_t stream) { select(selected.data(), on.count.data(), stream); });
  publish_checksum(state, sum);
}

template <class T>
void add_type(const request& asked, const char* variant) {
  for (const std::size_t n :
       device_sizes(asked, {1 << 20, 1 << 24, 1'000'000'000}, sizeof(T) + 4)) {
    add_on_device(
        "pick", "gradsieve", {{"N", n}, {"H", history}},
        [n](benchmark::State& state) { pick<T>(state, n, gs::update_order::update_then_decide); },
        variant);
    add_on_device(
        "pick", "cub_select", {{"N", n}, {"H", history}},
        [n](benchmark::State& state) { cub_select_positions<T>(state, n); }, variant);
  }
}

const suite picks([](const request& asked) {
  for (const std::size_t n : device_sizes(
           asked, {128, 1 << 12, 1 << 14, 1 << 20, 1 << 24, 1'000'000'000}, 2 * sizeof(float))) {
    const auto with = [n](auto run) { return [=](benchmark::State& state) { run(state, n); }; };
    add_on_device("pick", "gradsieve", {{"N", n}, {"H", history}}, with([](auto& state, auto size) {
                    pick<float>(state, size, gs::update_order::update_then_decide);
                  }));
    add_on_device("pick", "gradsieve", {{"N", n}, {"H", history}}, with([](auto& state, auto size) {
                    pick<float>(state, size, gs::update_order::decide_then_update);
                  }),
                  "decide_then_update");
    add_on_device("pick", "cub_select", {{"N", n}, {"H", history}},
                  with(cub_select_positions<float>));
    add_on_device("pick", "thrust_copy_if", {{"N", n}, {"H", history}}, with(thrust_copy_if));
  }
  for (const std::size_t n : device_sizes(asked, {1 << 20, 1 << 24, 1'000'000'000}, 17)) {
    add_on_device("pick_mask", "gradsieve", {{"N", n}, {"H", history}},
                  [n](benchmark::State& state) { pick_mask(state, n); });
  }
  for (const std::size_t n : device_sizes(asked, {1 << 20, 1 << 24, 1'000'000'000}, 24)) {
    add_on_device("pick_ids", "gradsieve", {{"N", n}, {"H", history}},
                  [n](benchmark::State& state) { pick_ids(state, n); });
    add_on_device("pick_ids", "cub_select", {{"N", n}, {"H", history}},
                  [n](benchmark::State& state) { cub_select_ids(state, n); });
  }
  add_type<gs::bfloat16_bits>(asked, "bfloat16");
  add_type<gs::float16_bits>(asked, "half");
});

}  // namespace
