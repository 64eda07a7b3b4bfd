// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A kernel whose threads wait for ever, in the way that the argument names: it must be told.
#include <gradsieve/gpu/launch.hpp>
#include <gradsieve/gpu/memory.hpp>

#include <cstring>

namespace {

struct half_at_a_barrier {
  static constexpr unsigned threads = 64;
  std::size_t shared_bytes() const { return 0; }
  void operator()(void*) const {
    if (threadIdx.x < 32) __syncthreads();
  }
};

struct wait_for_nobody {
  static constexpr unsigned threads = 32;
  const std::uint64_t* word = nullptr;
  std::size_t shared_bytes() const { return 0; }
  void operator()(void*) const {
    while (gradsieve::gpu::detail::load_relaxed(word) == 0) {
    }
  }
};

}  // namespace

int main(int, char** argv) {
  const std::uint64_t zero = 0;
  const bool barrier = std::strcmp(argv[1], "barrier") == 0;
  const cudaError_t error =
      barrier ? gradsieve::gpu::detail::launch(half_at_a_barrier{}, 1, nullptr)
              : gradsieve::gpu::detail::launch(wait_for_nobody{&zero}, 1, nullptr);
  return error == cudaSuccess ? 0 : 1;
}
