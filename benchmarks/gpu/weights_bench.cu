// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Weights of a whole batch, and of what was selected, against Thrust's transform and reduce.
#include "device_bench.hpp"

#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/reduce.h>
#include <thrust/transform.h>

namespace {

using namespace bench;

struct probability_of {
  gs::gpu::sieve_view sieve;
  gs::rule_view rule;
  __device__ float operator()(float loss) const {
    const gs::window_view window{sieve.window(sieve.state->current), sieve.history};
    return static_cast<float>(gs::to_probability(rule.mass_of(window, gs::to_key(loss))));
  }
};
struct scaled_by {
  float factor;
  __host__ __device__ float operator()(float value) const { return value * factor; }
};

//! As the user would write it: the sum comes to the host.
void by_thrust(const warm_sieve<float>& on, std::size_t n, float* out) {
  const auto where = thrust::device;
  const float* losses = on.losses.data();
  thrust::transform(where, losses, losses + n, out,
                    probability_of{on.sieve.view(), on.sieve.compiled()});
  const double sum = thrust::reduce(where, out, out + n, 0.0);
  thrust::transform(where, out, out + n, out,
                    scaled_by{static_cast<float>(static_cast<double>(n) / sum)});
}

__global__ void count_apart(const float* a, const float* b, std::uint32_t n, std::uint32_t* apart) {
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x) {
    if (!(fabsf(a[i] - b[i]) <= 1e-5f * fabsf(b[i]))) atomicAdd(apart, 1);
  }
}
void expect_close(benchmark::State& state, const float* ours, const float* theirs, std::size_t n) {
  const device::array<std::uint32_t> apart(std::vector<std::uint32_t>{0});
  count_apart<<<1024, 256>>>(ours, theirs, static_cast<std::uint32_t>(n), apart.data());
  expect(state, apart[0] == 0, std::to_string(apart[0]) + " weights are others than Thrust's");
}

void weights(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  const device::array<float> ours(n), theirs(n);
  replay(state, n, 8, [&](cudaStream_t stream) {
    check(on.sieve.weights(on.losses.data(), n, ours.data(), stream));
  });
  by_thrust(on, n, theirs.data());
  expect_close(state, ours.data(), theirs.data(), n);
}

void weights_by_thrust(benchmark::State& state, std::size_t n) {
  const warm_sieve<float> on(n);
  const device::array<float> out(n);
  repeat(state, n, {.touched = 8, .waits = true}, [&] { by_thrust(on, n, out.data()); });
  const double sum = thrust::reduce(thrust::device, out.data(), out.data() + n, 0.0);
  const double mean = sum / static_cast<double>(n);
  expect(state, mean > 0.999 && mean < 1.001, "the mean weight is " + std::to_string(mean));
}

//! Weights 1 / p of what a pick has selected, with mean 1: probabilities, and then their weights.
void selection_weights(benchmark::State& state, std::size_t n) {
  warm_sieve<float> on(n);
  on.pick(n);
  const device::array<float> out(n);
  replay(state, n, 0, {.touched = 8}, [&](cudaStream_t stream) {
    check(on.sieve.probabilities(on.losses.data(), n, on.positions.data(), on.count.data(),
                                 out.data(), stream));
    check(on.sieve.selection_weights(out.data(), on.count.data(), n, gs::normalisation::mean_one,
                                     out.data(), {}, stream));
  });
  const std::uint32_t selected = on.count[0];
  const double sum = thrust::reduce(thrust::device, out.data(), out.data() + selected, 0.0);
  const double mean = sum / static_cast<double>(selected);
  expect(state, mean > 0.999 && mean < 1.001, "the mean weight is " + std::to_string(mean));
}

const suite all([](const request& asked) {
  for (const std::size_t n : device_sizes(asked, {1 << 12, 1 << 20, 1 << 24}, 16)) {
    const parameters problem = {{"N", n}, {"H", history}};
    add_on_device("weights", "gradsieve", problem,
                  [n](benchmark::State& state) { weights(state, n); });
    add_on_device("weights", "thrust_transform_reduce", problem,
                  [n](benchmark::State& state) { weights_by_thrust(state, n); });
    add_on_device("selection_weights", "gradsieve", problem,
                  [n](benchmark::State& state) { selection_weights(state, n); });
  }
});

}  // namespace
