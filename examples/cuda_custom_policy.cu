// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses that never leave the device, a policy of one's own, and one captured graph that is
//! replayed step after step. Build and run:
//!   nvcc -std=c++20 -O3 -arch=native -Iinclude -Icuda/include examples/cuda_custom_policy.cu
#include <gradsieve/gpu/sieve.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

void check(cudaError_t error, const gradsieve::gpu::sieve* of = nullptr) {
  if (error == cudaSuccess) return;
  // Asked only now: the message is that of the call which has just returned.
  std::fprintf(stderr, "%s %s\n", cudaGetErrorString(error), of != nullptr ? of->message() : "");
  std::exit(1);
}

//! Stands for the forward pass: example i's loss at a step, on the device.
__global__ void forward(float* losses, unsigned n, const unsigned* step) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) losses[i] = static_cast<float>((i * 2654435761u ^ *step * 40503u) % 1000u) * 0.01f;
}

//! Stands for the backward pass over the examples selected: sums their losses.
__global__ void backward(const float* losses, const unsigned* positions, const unsigned* count,
                         unsigned* step, double* sum) {
  for (unsigned i = threadIdx.x; i < *count; i += blockDim.x) {
    atomicAdd(sum, static_cast<double>(losses[positions[i]]));
  }
  if (threadIdx.x == 0) ++*step;
}

}  // namespace

int main() {
  constexpr unsigned n = 8192, steps = 100;
  gradsieve::gpu::sieve sieve;
  // Any callable on the host; kernels only see the table that it is compiled to.
  const auto policy = [](double percentile) { return percentile < 0.5 ? 0.1 : 0.9; };
  check(sieve.create({.policy = policy, .history = 1024, .seed = 1}, {.max_batch = n}), &sieve);

  gradsieve::gpu::device_buffer<float> losses;
  gradsieve::gpu::device_buffer<unsigned> positions, count, step;
  gradsieve::gpu::device_buffer<double> sum;
  check(losses.allocate(n));
  check(positions.allocate(n));
  check(count.allocate(1));
  check(step.allocate(1));
  check(sum.allocate(1));
  check(step.zero());
  check(sum.zero());

  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t training_step = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  forward<<<n / 256, 256, 0, stream>>>(losses.data(), n, step.data());
  check(sieve.pick(losses.data(), n, positions.data(), count.data(), stream), &sieve);
  backward<<<1, 256, 0, stream>>>(losses.data(), positions.data(), count.data(), step.data(),
                                  sum.data());
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&training_step, graph, 0));
  // Nothing below waits for the device: the sieve's step advances on the device itself.
  for (unsigned i = 0; i < steps; ++i) check(cudaGraphLaunch(training_step, stream));

  gradsieve::gpu::sieve_state state;
  check(sieve.read_state(state, stream), &sieve);
  std::printf("%llu steps, %.1f %% of the examples selected\n",
              static_cast<unsigned long long>(state.step),
              100.0 * static_cast<double>(state.selected) / static_cast<double>(state.offered));
  return state.step == steps ? 0 : 1;
}
