// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/launch.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"

namespace detail = gradsieve::gpu::detail;

namespace {

struct write_kernel {
  static constexpr unsigned threads = 32;
  unsigned* out = nullptr;
  std::size_t bytes = 0;
  std::size_t shared_bytes() const { return bytes; }
  __device__ void operator()(void*) const {
    if (threadIdx.x == 0) out[blockIdx.x] = blockIdx.x + 1;
  }
};

}  // namespace

TEST_CASE("launch: an error that an earlier call left behind is not the launch's", "[gpu]") {
  const device::array<unsigned> out(std::vector<unsigned>{0, 0, 0});
  CHECK(cudaSetDevice(-1) == cudaErrorInvalidDevice);
  CHECK(detail::launch(write_kernel{out.data()}, 3, nullptr) == cudaSuccess);
  CHECK(cudaGetLastError() == cudaErrorInvalidDevice);
  CHECK(out.values() == std::vector<unsigned>{1, 2, 3});
}

TEST_CASE("launch: its own error is, be it of the blocks or of their shared memory", "[gpu]") {
  const device::array<unsigned> out(std::vector<unsigned>{7});
  CHECK(detail::launch(write_kernel{out.data()}, 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(detail::launch(write_kernel{out.data(), std::size_t{1} << 20}, 1, nullptr) ==
        cudaErrorInvalidValue);
  static_cast<void>(cudaGetLastError());
  CHECK(out[0] == 7);
  unsigned blocks = 0;
  CHECK(detail::resident_blocks(write_kernel{out.data()}, blocks) == cudaSuccess);
  CHECK(blocks >= 1);
}
