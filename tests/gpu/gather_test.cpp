// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/gather.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "gpu/rows.hpp"

namespace gpu = gradsieve::gpu;

namespace {

//! Gathers into memory with guards around it, from addresses `shift` bytes off; compares.
void expect_gathered(std::size_t row_bytes, std::size_t source_rows,
                     const std::vector<std::uint32_t>& positions, std::size_t most,
                     std::size_t source_shift = 0, std::size_t target_shift = 0) {
  CAPTURE(row_bytes, positions.size(), most, source_shift, target_shift);
  const std::vector<unsigned char> rows = test::random_bytes(row_bytes * source_rows, row_bytes);
  device::array<unsigned char> source(test::shifted(rows, source_shift));
  const std::vector<unsigned char> before(row_bytes * most + target_shift + 32, 0xEE);
  device::array<unsigned char> target(before);
  const device::array<std::uint32_t> at(positions);
  const device::array<std::uint32_t> count(
      std::vector<std::uint32_t>{static_cast<std::uint32_t>(positions.size())});
  device::check(gpu::gather_rows(source.data() + source_shift, row_bytes, at.data(), count.data(),
                                 most, target.data() + target_shift));
  const std::size_t n = std::min(positions.size(), most);
  std::vector<unsigned char> expected = before;
  test::gather(rows, row_bytes, positions, n, expected.data() + target_shift);
  CHECK(target.values() == expected);
}

}  // namespace

TEST_CASE("gather: rows of any size, few and many", "[gpu]") {
  const std::size_t row_bytes = GENERATE(1u, 2u, 3u, 4u, 6u, 8u, 12u, 16u, 20u, 31u, 48u, 100u,
                                         784u, 2048u, 4100u, 32768u, 40000u);
  const std::size_t rows = row_bytes > 2000 ? 23 : 3000;
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, rows / 3, rows}) {
    expect_gathered(row_bytes, rows, test::random_positions(n, rows, n), n + 1);
  }
}

TEST_CASE("gather: addresses that allow only narrower vectors", "[gpu]") {
  for (const std::size_t shift : {1u, 2u, 3u, 4u, 8u, 12u}) {
    expect_gathered(48, 300, test::random_positions(200, 300, 1), 200, shift, 0);
    expect_gathered(48, 300, test::random_positions(200, 300, 1), 200, 0, shift);
    expect_gathered(40000, 5, test::random_positions(4, 5, 1), 4, shift, shift);
  }
}

TEST_CASE("gather: positions repeat, in any order, and end at the target's room", "[gpu]") {
  expect_gathered(12, 10, {9, 0, 9, 9, 3, 0}, 6);
  expect_gathered(12, 10, {9, 0, 9, 9, 3, 0}, 4);
  expect_gathered(40000, 3, {2, 2, 0}, 2);
}

#if defined(GRADSIEVE_GPU_EMULATED)
TEST_CASE("gather: the count is read on the device, in one launch", "[gpu]") {
  const device::array<std::uint32_t> at(std::vector<std::uint32_t>{2, 1});
  const device::array<std::uint32_t> count(std::vector<std::uint32_t>{1});
  device::array<float> source(std::vector<float>{1, 2, 3});
  device::array<float> target(std::vector<float>{0, 0});
  const auto before = emulation::counted();
  device::check(gpu::gather_rows(source.data(), 4, at.data(), count.data(), 2, target.data()));
  CHECK(emulation::counted().launches == before.launches + 1);
  CHECK(emulation::counted().allocations == before.allocations);
  CHECK(target.values() == std::vector<float>{3, 0});
}
#endif

TEST_CASE("gather: what cannot be is refused", "[gpu]") {
  device::array<std::uint32_t> words(64);
  std::uint32_t* at = words.data();
  const auto* odd = reinterpret_cast<std::uint32_t*>(reinterpret_cast<unsigned char*>(at) + 2);
  unsigned char* rows = reinterpret_cast<unsigned char*>(at + 8);
  const auto refused = [](cudaError_t error) { return error == cudaErrorInvalidValue; };
  CHECK(refused(gpu::gather_rows(rows, 0, at, at, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(rows, (std::size_t{1} << 31) + 1, at, at, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(nullptr, 4, at, at, 1, rows)));
  CHECK(refused(gpu::gather_rows(rows, 4, nullptr, at, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(rows, 4, odd, at, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(rows, 4, at, nullptr, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(rows, 4, at, odd, 1, rows + 64)));
  CHECK(refused(gpu::gather_rows(rows, 4, at, at, 1, nullptr)));
  CHECK(refused(gpu::gather_rows(rows, 4, at, at, 1, rows)));
  CHECK(refused(gpu::gather_rows(rows, 4, at, at, std::size_t{1} << 32, rows + 64)));
  CHECK(gpu::gather_rows(nullptr, 4, nullptr, nullptr, 0, nullptr) == cudaSuccess);
}
