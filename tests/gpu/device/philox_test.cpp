// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file cuRAND's Philox as an oracle of ours, on both sides: block for block, the same bits.
#include <gradsieve/random/philox.hpp>

#include <cuda_runtime.h>

// cuRAND's functions are the device's alone unless told otherwise.
#define QUALIFIERS [[maybe_unused]] static __host__ __device__
#include <curand_philox4x32_x.h>

#include "catch.hpp"
#include "gpu/device_array.hpp"

namespace gs = gradsieve;

namespace {

constexpr unsigned blocks = 1u << 16;

//! Counters and keys of every pattern: the i-th one's words are random, all ones, or zero.
__host__ __device__ gs::philox_block input(unsigned i) {
  gs::philox_block words = gs::philox({{i, 1, 2, 3}}, 7);
  for (unsigned w = 0; w < 4; ++w) {
    const unsigned kind = i >> (2 * w) & 3;
    if (kind == 0) words.word[w] = 0;
    if (kind == 1) words.word[w] = ~0u;
  }
  return words;
}

//! How many words of the i-th block differ.
__host__ __device__ unsigned differences(unsigned i) {
  const gs::philox_block counter = input(i), more = input(i ^ 0x5a5a);
  const gs::philox_block ours =
      gs::philox(counter, (std::uint64_t{more.word[1]} << 32) | more.word[0]);
  const uint4 theirs = curand_Philox4x32_10(
      uint4{counter.word[0], counter.word[1], counter.word[2], counter.word[3]},
      uint2{more.word[0], more.word[1]});
  return (ours.word[0] != theirs.x) + (ours.word[1] != theirs.y) + (ours.word[2] != theirs.z) +
         (ours.word[3] != theirs.w);
}

__global__ void compare(std::uint32_t* differing) {
  atomicAdd(differing, differences(blockIdx.x * blockDim.x + threadIdx.x));
  if (threadIdx.x == 0) atomicAdd(differing + 1, 1);
}

}  // namespace

TEST_CASE("philox: each block is cuRAND's, on the host", "[philox]") {
  unsigned differing = 0;
  for (unsigned i = 0; i < blocks; ++i) differing += differences(i);
  CHECK(differing == 0);
}

TEST_CASE("philox: each block is cuRAND's, on the device", "[gpu][philox]") {
  const device::array<std::uint32_t> found(std::vector<std::uint32_t>{0, 0});
  compare<<<blocks / 256, 256>>>(found.data());
  device::check(cudaGetLastError());
  CHECK(found.values() == std::vector<std::uint32_t>{0, blocks / 256});
}
