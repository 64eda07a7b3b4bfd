// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/compact.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "gpu/rows.hpp"

namespace gpu = gradsieve::gpu;

namespace {

//! Compacts random rows that begin `shift` bytes into an array; compares.
void expect_compacted(gpu::row_compactor& compactor, std::size_t row_bytes, std::size_t rows,
                      const std::vector<std::uint32_t>& positions, std::size_t most,
                      std::size_t shift = 0) {
  CAPTURE(row_bytes, rows, positions.size(), shift);
  const std::vector<unsigned char> before = test::random_bytes(row_bytes * rows, positions.size());
  device::array<unsigned char> memory(test::shifted(before, shift));
  const device::array<std::uint32_t> at(positions);
  const device::array<std::uint32_t> count(
      std::vector<std::uint32_t>{static_cast<std::uint32_t>(positions.size())});
  device::check(compactor.compact(memory.data() + shift, row_bytes, at.data(), count.data(), most));
  const std::size_t n = std::min(positions.size(), most);
  std::vector<unsigned char> expected(row_bytes * n);
  test::gather(before, row_bytes, positions, n, expected.data());
  const std::vector<unsigned char> after = memory.first(shift + row_bytes * n);
  CHECK(std::equal(expected.begin(), expected.end(), after.begin() + static_cast<int>(shift)));
}

//! Blocks in any order, so many side by side.
class any_order {
 public:
  explicit any_order([[maybe_unused]] std::uint64_t seed, [[maybe_unused]] unsigned resident) {
#if defined(GRADSIEVE_GPU_EMULATED)
    emulation::set_order({.seed = seed, .resident = resident, .ascending = false});
    emulation::device_list().multiprocessors = static_cast<int>(resident) + 1;
#endif
  }
  ~any_order() {
#if defined(GRADSIEVE_GPU_EMULATED)
    emulation::set_order({});
    emulation::device_list() = {};
#endif
  }
  any_order(const any_order&) = delete;
  any_order& operator=(const any_order&) = delete;
};

}  // namespace

TEST_CASE("compact: rows of any size move to the front, whatever the turns of blocks", "[gpu]") {
  const std::size_t row_bytes =
      GENERATE(1u, 3u, 4u, 12u, 16u, 48u, 100u, 784u, 4100u, 16000u, 50000u);
  const std::size_t rows = row_bytes > 2000 ? 40 : row_bytes > 100 ? 700 : 20'000;
  gpu::row_compactor compactor;
  device::check(compactor.create(row_bytes * rows));
  std::uint64_t seed = 1;
  for (const unsigned resident : {1u, 2u, 5u, 16u}) {
    const any_order order(seed, resident);
    // Few dropped: almost every row is overwritten by its neighbour.
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, rows / 3, rows - 1, rows}) {
      expect_compacted(compactor, row_bytes, rows, test::ascending_positions(n, rows, seed++),
                       rows);
    }
  }
}

TEST_CASE("compact: a tail that moves down onto itself", "[gpu]") {
  constexpr std::uint32_t rows = 12'000;
  gpu::row_compactor compactor;
  device::check(compactor.create(16 * rows));
  for (const std::uint32_t by : {1u, 100u, 1023u, 1024u, 1025u, 5999u}) {
    std::vector<std::uint32_t> positions(rows - by);
    std::iota(positions.begin(), positions.end(), by);
    const any_order order(by, 6);
    expect_compacted(compactor, 16, rows, positions, rows);
  }
}

TEST_CASE("compact: rows that stay where they are", "[gpu]") {
  gpu::row_compactor compactor;
  device::check(compactor.create(40'000));
  std::vector<std::uint32_t> positions(10'000);
  std::iota(positions.begin(), positions.end(), 0u);
  expect_compacted(compactor, 4, 10'000, positions, 10'000);
  for (std::size_t j = 5000; j < 9000; ++j) positions[j] += 1000;
  positions.resize(9000);
  const any_order order(3, 8);
  expect_compacted(compactor, 4, 10'000, positions, 10'000);
}

TEST_CASE("compact: one compactor for rows of several sizes, from any address", "[gpu]") {
  gpu::row_compactor compactor;
  device::check(compactor.create(40'000));
  const any_order order(5, 4);
  for (const std::size_t shift : {0u, 1u, 2u, 4u, 8u}) {
    expect_compacted(compactor, 16, 2500, test::ascending_positions(2000, 2500, shift), 2500,
                     shift);
    expect_compacted(compactor, 20'000, 2, {1}, 2, shift);
    expect_compacted(compactor, 1, 40'000, test::ascending_positions(39'000, 40'000, shift), 40'000,
                     shift);
  }
}

TEST_CASE("compact: a count beyond the rows is cut off", "[gpu]") {
  gpu::row_compactor compactor;
  device::check(compactor.create(1200));
  expect_compacted(compactor, 12, 300, test::ascending_positions(150, 300, 1), 100);
}

TEST_CASE("compact: what cannot be is refused", "[gpu]") {
  gpu::row_compactor compactor;
  device::array<std::uint32_t> words(64);
  std::uint32_t* at = words.data();
  const auto* odd = reinterpret_cast<std::uint32_t*>(reinterpret_cast<unsigned char*>(at) + 2);
  const auto refused = [](cudaError_t error) { return error == cudaErrorInvalidValue; };
  CHECK(refused(compactor.compact(at, 4, at, at, 1)));
  device::check(compactor.create(100));
  CHECK(refused(compactor.compact(at, 0, at, at, 1)));
  CHECK(refused(compactor.compact(at, 101, at, at, 1)));
  CHECK(refused(compactor.compact(at, 4, at, at, 26)));
  CHECK(refused(compactor.compact(at, (std::size_t{1} << 31) + 1, at, at, 1)));
  CHECK(refused(compactor.compact(at, 1, at, at, std::size_t{1} << 32)));
  CHECK(refused(compactor.compact(nullptr, 4, at, at, 1)));
  CHECK(refused(compactor.compact(at, 4, nullptr, at, 1)));
  CHECK(refused(compactor.compact(at, 4, odd, at, 1)));
  CHECK(refused(compactor.compact(at, 4, at, nullptr, 1)));
  CHECK(refused(compactor.compact(at, 4, at, odd, 1)));
  CHECK(compactor.compact(nullptr, 4, nullptr, nullptr, 0) == cudaSuccess);
}
