// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/batch_accumulator.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "gpu/rows.hpp"

#include <deque>
#include <string>

namespace gpu = gradsieve::gpu;

namespace {

using bytes = std::vector<unsigned char>;
const std::vector<std::size_t> sizes{12, 1, 784, 8, 40'000};

//! A step's batch: columns of random rows, and which of them are selected.
struct step_data {
  step_data(std::size_t rows, std::size_t selected, std::size_t seed)
      : positions(test::ascending_positions(selected, rows, seed)) {
    for (const std::size_t size : sizes) columns.push_back(test::random_bytes(rows * size, seed));
  }
  std::vector<bytes> columns;
  std::vector<std::uint32_t> positions;
};

//! The accumulator beside what it must hold: rows that wait, each with its columns.
class pair {
 public:
  pair(std::size_t batch_size, std::size_t capacity)
      : batch_size_(batch_size), capacity_(capacity) {
    device::check(accumulator.create({.batch_size = batch_size, .capacity = capacity}, sizes));
  }

  //! @param capture  sets whether the stream is being captured; called before and after
  template <class Capture = void (*)(bool)>
  void append(
      const step_data& step, std::size_t most, Capture capture = [](bool) {}) {
    std::vector<device::array<unsigned char>> columns;
    std::vector<const void*> pointers;
    for (const bytes& column : step.columns) columns.emplace_back(column);
    for (const auto& column : columns) pointers.push_back(column.data());
    const device::array<std::uint32_t> at(step.positions);
    const device::array<std::uint32_t> count(
        std::vector<std::uint32_t>{static_cast<std::uint32_t>(step.positions.size())});
    capture(true);
    const cudaError_t error = accumulator.append(pointers, at.data(), count.data(), most);
    capture(false);
    device::check(error);
    // On a device the columns must outlive the launch.
    device::check(cudaDeviceSynchronize());
    for (std::size_t j = 0; j < step.positions.size(); ++j) {
      if (waiting.size() == capacity_ || j >= most) {
        ++dropped;
        continue;
      }
      waiting.emplace_back();
      for (std::size_t c = 0; c < sizes.size(); ++c) {
        const auto row =
            step.columns[c].begin() + static_cast<std::ptrdiff_t>(step.positions[j] * sizes[c]);
        waiting.back().emplace_back(row, row + static_cast<std::ptrdiff_t>(sizes[c]));
      }
    }
  }

  void take() {
    gpu::row_batch batch;
    device::check(accumulator.take(batch));
    REQUIRE(batch.size == batch_size_);
    expect(batch);
  }

  void expect(const gpu::row_batch& batch) {
    REQUIRE(batch.size <= waiting.size());
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      bytes got(batch.size * sizes[c]), expected;
      device::check(cudaMemcpy(got.data(), batch.column<unsigned char>(c), got.size(),
                               cudaMemcpyDeviceToHost));
      for (std::size_t i = 0; i < batch.size; ++i) {
        expected.insert(expected.end(), waiting[i][c].begin(), waiting[i][c].end());
      }
      CHECK(got == expected);
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(batch.size));
  }

  gpu::batch_accumulator accumulator;
  std::deque<std::vector<bytes>> waiting;
  std::size_t dropped = 0;

 private:
  std::size_t batch_size_, capacity_;
};

}  // namespace

TEST_CASE("accumulator: batches of one size in the order of selection, the rest is carried",
          "[gpu]") {
  pair both(8, 48);  // 8 + 2 * 20 - 1 rows, rounded up
  std::mt19937 random(1);
  std::size_t taken = 0, known = 0, before = 0;
  for (std::size_t step = 0; step < 60; ++step) {
    const std::size_t selected = random() % 21;
    both.append(step_data(20, selected, step), 20);
    std::size_t batches = 99;
    device::check(both.accumulator.wait(batches));
    // One step late: what was there before this append, less what was taken since.
    CHECK(batches == (before - taken) / 8);
    for (; batches > 0; --batches) {
      both.take();
      taken += 8;
    }
    before = taken + both.waiting.size();
    known = both.accumulator.handed_out();
  }
  CHECK(known == taken);
  CHECK(taken > 500);
  CHECK(both.accumulator.dropped() == 0);
}

TEST_CASE("accumulator: the number of blocks and their order change nothing", "[gpu]") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
#if defined(GRADSIEVE_GPU_EMULATED)
    emulation::set_order(
        {.seed = seed, .resident = static_cast<unsigned>(4 * seed), .ascending = false});
    emulation::device_list().multiprocessors = static_cast<int>(3 * seed * seed);
#endif
    pair both(16, 64);
    for (std::size_t step = 0; step < 5; ++step) {
      both.append(step_data(50, 20, seed + step), 32);
      std::size_t batches = 0;
      device::check(both.accumulator.wait(batches, 0));
      for (; batches > 0; --batches) both.take();
    }
    CHECK(both.waiting.size() == 100 % 16);
  }
#if defined(GRADSIEVE_GPU_EMULATED)
  emulation::set_order({});
  emulation::device_list().multiprocessors = 2;
#endif
}

TEST_CASE("accumulator: rows beyond the capacity are counted, those before them kept", "[gpu]") {
  pair both(4, 12);
  both.append(step_data(10, 9, 1), 10);
  both.append(step_data(10, 7, 2), 10);
  both.append(step_data(10, 2, 3), 10);
  std::size_t batches = 0;
  device::check(both.accumulator.wait(batches, 0));
  CHECK(batches == 3);
  CHECK(both.accumulator.dropped() == 6);
  CHECK(both.dropped == 6);
  for (; batches > 0; --batches) both.take();
  both.append(step_data(10, 5, 4), 10);
  device::check(both.accumulator.wait(batches, 0));
  CHECK(batches == 1);
  both.take();
  CHECK(both.accumulator.dropped() == 6);
}

TEST_CASE("accumulator: the rest is handed out as a short batch, and then all begins anew",
          "[gpu]") {
  pair both(8, 24);
  for (std::size_t round = 0; round < 3; ++round) {
    both.append(step_data(20, 13, round), 20);
    gpu::row_batch batch;
    device::check(both.accumulator.take_rest(batch));
    CHECK(batch.size == 8);
    both.expect(batch);
    device::check(both.accumulator.take_rest(batch));
    CHECK(batch.size == 5);
    both.expect(batch);
    device::check(both.accumulator.take_rest(batch));
    CHECK(batch.size == 0);
    std::size_t batches = 1;
    device::check(both.accumulator.wait(batches, 0));
    CHECK(batches == 0);
    CHECK(both.accumulator.take(batch) == cudaErrorNotReady);
  }
  CHECK(both.accumulator.handed_out() == 39);
  both.append(step_data(20, 20, 7), 20);
  std::size_t batches = 0;
  device::check(both.accumulator.poll(batches));
  CHECK(batches == 2);
  both.take();
  both.take();
}

TEST_CASE("accumulator: appends without rows are answers too", "[gpu]") {
  pair both(4, 8);
  both.append(step_data(10, 4, 1), 10 - 2);
  both.append(step_data(10, 0, 2), 8);
  std::size_t batches = 0;
  device::check(both.accumulator.wait(batches, 1));
  CHECK(batches == 1);
  both.append(step_data(10, 3, 2), 0);
  device::check(both.accumulator.wait(batches, 1));
  CHECK(batches == 1);
  both.take();
  CHECK(both.waiting.empty());
}

TEST_CASE("accumulator: rows beyond the most of an append are counted", "[gpu]") {
  pair both(4, 8);
  both.append(step_data(10, 7, 1), 5);
  both.append(step_data(10, 3, 2), 0);
  std::size_t batches = 0;
  device::check(both.accumulator.wait(batches, 0));
  CHECK(batches == 1);
  CHECK(both.waiting.size() == 5);
  CHECK(both.accumulator.dropped() == 5);
  CHECK(both.dropped == 5);
  both.take();
}

#if defined(GRADSIEVE_GPU_EMULATED)
TEST_CASE("accumulator: a step is one launch, without waiting and without memory", "[gpu]") {
  pair both(8, 24);
  const step_data step(20, 9, 1);
  std::vector<device::array<unsigned char>> columns;
  std::vector<const void*> pointers;
  for (const bytes& column : step.columns) columns.emplace_back(column);
  for (const auto& column : columns) pointers.push_back(column.data());
  const device::array<std::uint32_t> at(step.positions);
  const device::array<std::uint32_t> count(std::vector<std::uint32_t>{9});
  emulation::events() = {};
  emulation::events().behind = 1;
  const auto before = emulation::counted();
  auto& accumulator = both.accumulator;
  std::size_t batches = 9;
  device::check(accumulator.append(pointers, at.data(), count.data(), 20));
  device::check(accumulator.poll(batches));
  CHECK(batches == 0);
  gpu::row_batch batch;
  CHECK(accumulator.take(batch) == cudaErrorNotReady);
  device::check(accumulator.append(pointers, at.data(), count.data(), 20));
  device::check(accumulator.poll(batches));
  CHECK(batches == 1);
  CHECK(emulation::counted().launches == before.launches + 2);
  device::check(accumulator.take(batch));
  CHECK(emulation::counted().launches == before.launches + 3);
  CHECK(emulation::counted().allocations == before.allocations);
  CHECK(emulation::events().waits == 0);
  // The device is behind by one: the answer that is not late must be waited for.
  device::check(accumulator.wait(batches, 0));
  CHECK(emulation::events().waits == 1);
  CHECK(batches == 1);
  emulation::events() = {};
}

TEST_CASE("accumulator: an append that is captured is told of after its replay", "[gpu]") {
  pair both(4, 16);
  emulation::events() = {};
  const auto capture = [](bool on) { emulation::events().capturing = on; };
  both.append(step_data(10, 4, 1), 10, capture);
  both.append(step_data(10, 5, 2), 10, capture);
  CHECK(emulation::events().records == 0);
  CHECK_FALSE(emulation::events().spoilt);
  std::size_t batches = 9;
  device::check(both.accumulator.poll(batches));
  CHECK(batches == 0);
  device::check(both.accumulator.record(nullptr, 2));
  CHECK(emulation::events().records == 1);
  device::check(both.accumulator.poll(batches));
  CHECK(batches == 2);
  both.take();
  both.append(step_data(10, 3, 3), 10);
  device::check(both.accumulator.wait(batches));
  CHECK(batches == 1);
  device::check(both.accumulator.wait(batches, 0));
  CHECK(batches == 2);
  both.take();
  both.take();
}
#endif

TEST_CASE("accumulator: what cannot be is refused, and says why", "[gpu]") {
  gpu::batch_accumulator accumulator;
  device::array<std::uint32_t> words(64);
  std::uint32_t* at = words.data();
  const auto* odd = reinterpret_cast<std::uint32_t*>(reinterpret_cast<unsigned char*>(at) + 2);
  gpu::row_batch batch;
  std::size_t batches = 0;
  const auto refused = [&](cudaError_t error, const std::string& why) {
    CHECK(error == cudaErrorInvalidValue);
    CHECK(accumulator.message() == why);
  };
  const std::string none = "the accumulator was not created";
  refused(accumulator.append({at}, at, at, 1), none);
  refused(accumulator.take(batch), none);
  refused(accumulator.take_rest(batch), none);
  refused(accumulator.poll(batches), none);
  refused(accumulator.wait(batches), none);
  refused(accumulator.record(nullptr), none);
  refused(accumulator.create({.batch_size = 0, .capacity = 8}, {4}),
          "batch_size is 0, it must be at least 1");
  const std::string multiple = "capacity is not a positive multiple of batch_size";
  refused(accumulator.create({.batch_size = 8, .capacity = 0}, {4}), multiple);
  refused(accumulator.create({.batch_size = 8, .capacity = 12}, {4}), multiple);
  const std::string columns = "there must be 1 to 8 columns";
  refused(accumulator.create({.batch_size = 8, .capacity = 8}, {}), columns);
  refused(accumulator.create({.batch_size = 8, .capacity = 8}, std::vector<std::size_t>(9, 4)),
          columns);
  const std::string bytes_of_a_row =
      "row_bytes must be in [1, 2^31], the capacity at most 4294963199 rows";
  refused(accumulator.create({.batch_size = 8, .capacity = 8}, {4, 0}), bytes_of_a_row);
  refused(accumulator.create({.batch_size = 8, .capacity = std::size_t{1} << 32}, {4}),
          bytes_of_a_row);

  device::check(accumulator.create({.batch_size = 4, .capacity = 8}, {4, 8}));
  refused(accumulator.append({at}, at, at, 1), "columns: not as many as the accumulator has");
  refused(accumulator.append({at, nullptr}, at, at, 1), "a column is null");
  refused(accumulator.append({at, at}, nullptr, at, 1),
          "positions: null, or not aligned to 4 bytes");
  refused(accumulator.append({at, at}, at, odd, 1), "count: null, or not aligned to 4 bytes");
  refused(accumulator.append({at, at}, at, at, 9), "most_rows is above the capacity");
  for (int i = 0; i < 5; ++i) {
    const device::array<std::uint32_t> count(std::vector<std::uint32_t>{0});
    device::check(accumulator.append({at, at}, at, count.data(), 1));
  }
  refused(accumulator.wait(batches, 4), "late: that answer is not kept");
  CHECK(accumulator.take(batch) == cudaErrorNotReady);
  CHECK(std::string(accumulator.message()) == "no full batch is known of: poll or wait first");
}

TEST_CASE("accumulator: one that was moved away is not there", "[gpu]") {
  gpu::batch_accumulator from, to;
  device::check(from.create({.batch_size = 4, .capacity = 8}, {4}));
  device::check(to.create({.batch_size = 2, .capacity = 8}, {8}));
  to = std::move(from);
  CHECK(to.ready());
  CHECK_FALSE(from.ready());
  std::size_t batches = 0;
  CHECK(from.poll(batches) == cudaErrorInvalidValue);
  CHECK(std::string(from.message()) == "the accumulator was not created");
  CHECK(to.poll(batches) == cudaSuccess);
  CHECK(to.options().batch_size == 4);
  gpu::row_batch batch;
  CHECK(to.take(batch) == cudaErrorNotReady);
  CHECK(to.poll(batches) == cudaSuccess);
  CHECK(std::string(to.message()).empty());
}
