// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/launch.hpp>
#include <gradsieve/gpu/scan.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"

namespace detail = gradsieve::gpu::detail;

namespace {

struct scan_kernel {
  static constexpr unsigned threads = detail::tile_threads;
  std::uint64_t* values;
  std::uint32_t count;
  std::uint64_t* total;

  using sums = detail::block_sums<threads, std::uint64_t>;
  std::size_t shared_bytes() const { return sizeof(sums); }
  __device__ void operator()(void* shared) const {
    const std::uint64_t all = detail::scan_by_block(values, count, *static_cast<sums*>(shared));
    if (threadIdx.x == 0) *total = all;
  }
};

struct quad_kernel {
  static constexpr unsigned threads = detail::tile_threads;
  std::uint64_t* values;  // of each quad, by its place in the tile

  using sums = detail::block_sums<threads, std::uint64_t>;
  std::size_t shared_bytes() const { return sizeof(sums); }
  __device__ void operator()(void* shared) const {
    std::uint64_t mine[detail::tile_quads];
    for (unsigned quad = 0; quad < detail::tile_quads; ++quad) {
      mine[quad] = values[detail::quad_start(quad) / 4];
    }
    detail::sums_before_quads(mine, *static_cast<sums*>(shared));
    for (unsigned quad = 0; quad < detail::tile_quads; ++quad) {
      values[detail::quad_start(quad) / 4] = mine[quad];
    }
  }
};

//! Each block adds its index to a sum; the last one copies it.
struct last_kernel {
  static constexpr unsigned threads = detail::tile_threads;
  std::uint32_t* arrived;
  std::uint32_t* sum;
  std::uint32_t* seen;

  std::size_t shared_bytes() const { return sizeof(std::uint32_t); }
  __device__ void operator()(void* shared) const {
    if (threadIdx.x == 0) detail::atomic_add(sum, blockIdx.x + 1);
    if (!detail::is_last_block(arrived, static_cast<std::uint32_t*>(shared))) return;
    if (threadIdx.x == 0) *seen += *sum;
  }
};

std::vector<std::uint64_t> values_of(std::size_t n) {
  std::vector<std::uint64_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = (i * 2654435761u) << (i % 24);
  return values;
}

//! Replaces each by the sum of those before it; returns the sum of all.
std::uint64_t scan(std::vector<std::uint64_t>& values) {
  std::uint64_t sum = 0;
  for (std::uint64_t& value : values) {
    const std::uint64_t own = value;
    value = sum;
    sum += own;
  }
  return sum;
}

}  // namespace

TEST_CASE("one block scans any number of values", "[gpu]") {
  for (const std::size_t n : {0u, 1u, 2u, 255u, 256u, 257u, 1000u, 5000u}) {
    CAPTURE(n);
    std::vector<std::uint64_t> expected = values_of(n);
    const device::array<std::uint64_t> values(expected);
    const device::array<std::uint64_t> total(1);
    const scan_kernel kernel{values.data(), static_cast<std::uint32_t>(n), total.data()};
    device::check(detail::launch(kernel, 1, nullptr));
    REQUIRE(total[0] == scan(expected));
    REQUIRE(values.values() == expected);
  }
}

TEST_CASE("sums before quads run in the order of the tile", "[gpu]") {
  std::vector<std::uint64_t> expected = values_of(detail::tile_size / 4);
  const device::array<std::uint64_t> values(expected);
  device::check(detail::launch(quad_kernel{values.data()}, 1, nullptr));
  scan(expected);
  CHECK(values.values() == expected);
}

TEST_CASE("one block is the last, it sees what the others wrote, and the next launch has its own",
          "[gpu]") {
  const device::array<std::uint32_t> arrived(std::vector<std::uint32_t>{0});
  const device::array<std::uint32_t> sum(std::vector<std::uint32_t>{0});
  const device::array<std::uint32_t> seen(std::vector<std::uint32_t>{0});
  const last_kernel kernel{arrived.data(), sum.data(), seen.data()};
  device::check(detail::launch(kernel, 10, nullptr));
  CHECK(seen[0] == 55);
  device::check(detail::launch(kernel, 1, nullptr));
  CHECK(seen[0] == 55 + 56);
  CHECK(arrived[0] == 0);
}
