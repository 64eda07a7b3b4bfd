// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/launch.hpp>

#include "catch.hpp"

#if defined(GRADSIEVE_GPU_EMULATED)
#include <gradsieve/gpu/look_back.hpp>

#include <numeric>
#include <set>
#include <vector>

namespace gs = gradsieve;

namespace {

//! Any function of the block's shared memory as a kernel.
template <class Body>
struct kernel {
  static constexpr unsigned threads = 64;
  Body body;
  std::size_t bytes = 0;
  std::size_t shared_bytes() const { return bytes; }
  void operator()(void* shared) const { body(static_cast<unsigned*>(shared)); }
};

template <class Body>
void run(unsigned blocks, std::size_t shared_bytes, Body body) {
  CHECK(gs::gpu::detail::launch(kernel<Body>{body, shared_bytes}, blocks, nullptr) == cudaSuccess);
}

}  // namespace

TEST_CASE("emulation: shuffles and votes are the warp's", "[gpu]") {
  std::vector<unsigned> up(64), swapped(64), first(64), votes(64);
  run(1, 0, [&](unsigned*) {
    const unsigned t = threadIdx.x;
    up[t] = __shfl_up_sync(~0u, t, 2);
    swapped[t] = __shfl_xor_sync(~0u, t, 5);
    first[t] = __shfl_sync(~0u, t, 3);
    votes[t] = __ballot_sync(~0u, t % 4 == 1);
  });
  for (unsigned t = 0; t < 64; ++t) {
    CHECK(up[t] == (t % 32 < 2 ? t : t - 2));
    CHECK(swapped[t] == (t ^ 5u));
    CHECK(first[t] == t / 32 * 32 + 3);
    CHECK(votes[t] == 0x22222222u);
  }
}

TEST_CASE("emulation: a barrier is one for the block, whose shared memory is its own", "[gpu]") {
  std::vector<unsigned> sums(5);
  run(5, 64 * sizeof(unsigned), [&](unsigned* shared) {
    shared[threadIdx.x] = threadIdx.x + blockIdx.x;
    __syncthreads();
    if (threadIdx.x == 63) sums[blockIdx.x] = std::accumulate(shared, shared + 64, 0u);
  });
  for (unsigned b = 0; b < 5; ++b) CHECK(sums[b] == 63 * 32 + 64 * b);
}

TEST_CASE("emulation: what was not written is never zero", "[gpu]") {
  unsigned seen = 0;
  run(1, 64, [&](unsigned* shared) { seen = shared[0]; });
  CHECK(seen == 0xA5A5A5A5u);
}

TEST_CASE("emulation: without a barrier the order of threads shows", "[gpu]") {
  std::set<unsigned> last;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    emulation::set_order({.seed = seed});
    unsigned writer = 0;
    run(1, 0, [&](unsigned*) { writer = threadIdx.x; });
    last.insert(writer);
  }
  emulation::set_order({});
  CHECK(last.size() > 5);
}

TEST_CASE("emulation: blocks start in order, or in any, and run side by side", "[gpu]") {
  const auto starts = [](const emulation::order& how) {
    emulation::set_order(how);
    std::vector<unsigned> order;
    run(8, 0, [&](unsigned*) {
      if (threadIdx.x == 0) order.push_back(blockIdx.x);
      __syncthreads();
    });
    emulation::set_order({});
    return order;
  };
  const std::vector<unsigned> ascending = {0, 1, 2, 3, 4, 5, 6, 7};
  CHECK(starts({.resident = 1}) == ascending);
  CHECK(starts({.resident = 1, .ascending = false}) != ascending);
  // A block waits for a later one, which must run beside it.
  emulation::set_order({.resident = 2});
  std::uint64_t flag = 0;
  run(2, 0, [&](unsigned*) {
    if (blockIdx.x == 1) gs::gpu::detail::store_relaxed(&flag, 1);
    while (gs::gpu::detail::load_relaxed(&flag) == 0) {
    }
  });
  emulation::set_order({});
  CHECK(flag == 1);
}

TEST_CASE("look_back: the sum of all tiles before, launch after launch", "[gpu]") {
  constexpr unsigned tiles = 100;
  std::vector<std::uint64_t> words(tiles, 0);
  std::vector<std::uint32_t> prefix(tiles);
  for (std::uint32_t launch = 0x3ffffffeu; launch != 0x40000003u; ++launch) {  // tags wrap round
    emulation::set_order({.seed = launch, .resident = 1 + launch % 7});
    run(tiles, 0, [&](unsigned*) {
      if (threadIdx.x >= 32) return;
      const gs::gpu::detail::look_back before{words.data(), launch};
      const std::uint32_t sum = before.prefix(blockIdx.x, blockIdx.x + launch % 3);
      if (threadIdx.x == 0) prefix[blockIdx.x] = sum;
    });
    std::uint32_t expected = 0;
    for (unsigned tile = 0; tile < tiles; ++tile) {
      REQUIRE(prefix[tile] == expected);
      expected += tile + launch % 3;
    }
  }
  emulation::set_order({});
}
#endif
