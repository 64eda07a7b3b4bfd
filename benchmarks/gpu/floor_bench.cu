// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a device cannot go below: an empty node of a graph, and a copy.
#include "device_bench.hpp"

namespace {

using namespace bench;

__global__ void nothing() {}

void empty_node(benchmark::State& state) {
  replay(state, 1, 0, [](cudaStream_t stream) { nothing<<<1, 32, 0, stream>>>(); });
}

void copy_floats(benchmark::State& state, std::size_t n) {
  const device::array<float> from(n), to(n);
  fill_losses(from);
  replay(state, n, 8, [&](cudaStream_t stream) {
    check(cudaMemcpyAsync(to.data(), from.data(), n * sizeof(float), cudaMemcpyDeviceToDevice,
                          stream));
  });
  const std::size_t part = std::min(n, most_on_host);
  expect(state, from.first(part) == to.first(part), "not a copy");
}

const suite floors([](const request& asked) {
  add_on_device("floor", "empty_node", {{"N", 1}}, empty_node);
  for (const std::size_t n :
       device_sizes(asked, {1 << 12, 1 << 20, 1 << 24, 1'000'000'000}, 2 * sizeof(float))) {
    add_on_device("floor", "copy", {{"N", n}},
                  [n](benchmark::State& state) { copy_floats(state, n); });
  }
});

}  // namespace
