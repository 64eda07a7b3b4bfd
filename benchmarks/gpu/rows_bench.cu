// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selected rows brought together, compacted in place and queued up, against Thrust's gather.
#include <gradsieve/gpu/batch_accumulator.hpp>
#include <gradsieve/gpu/compact.hpp>
#include <gradsieve/gpu/gather.hpp>

#include "device_bench.hpp"

#include <thrust/equal.h>
#include <thrust/execution_policy.h>
#include <thrust/gather.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

namespace {

using namespace bench;

// An image of 32 by 32 pixels, three bytes each.
constexpr std::size_t row_bytes = 3072, row_vectors = row_bytes / sizeof(uint4);

__global__ void fill_rows(std::uint32_t* words, std::uint64_t n) {
  for (std::uint64_t i = blockIdx.x * std::uint64_t{blockDim.x} + threadIdx.x; i < n;
       i += std::uint64_t{gridDim.x} * blockDim.x) {
    words[i] = gs::draw({.seed = 3}, i);
  }
}

//! Where the i-th vector of the selected rows comes from.
struct vector_of {
  const std::uint32_t* positions;
  __device__ std::uint64_t operator()(std::uint64_t i) const {
    return std::uint64_t{positions[i / row_vectors]} * row_vectors + i % row_vectors;
  }
};

//! n rows, every third of which is selected.
struct selected_rows {
  explicit selected_rows(std::size_t n)
      : all(n), selected((n + 2) / 3), rows(n * row_vectors), positions(selected), count(1) {
    fill_rows<<<1024, 256>>>(reinterpret_cast<std::uint32_t*>(rows.data()),
                             n * row_bytes / sizeof(std::uint32_t));
    std::vector<std::uint32_t> at(selected);
    for (std::size_t j = 0; j < at.size(); ++j) at[j] = static_cast<std::uint32_t>(3 * j);
    positions.assign(at);
    count.assign({static_cast<std::uint32_t>(selected)});
  }
  void gather_by_thrust(uint4* out, cudaStream_t stream = nullptr) const {
    const auto from = thrust::make_transform_iterator(thrust::counting_iterator<std::uint64_t>(0),
                                                      vector_of{positions.data()});
    thrust::gather(thrust::cuda::par_nosync.on(stream), from, from + selected * row_vectors,
                   rows.data(), out);
  }
  //! Whether so many of the selected rows lie there.
  bool are_at(const void* there, std::size_t rows_there) const {
    const device::array<uint4> expected(selected * row_vectors);
    gather_by_thrust(expected.data());
    const auto* a = reinterpret_cast<const std::uint64_t*>(expected.data());
    return thrust::equal(thrust::device, a, a + rows_there * row_bytes / sizeof(std::uint64_t),
                         static_cast<const std::uint64_t*>(there));
  }

  std::size_t all, selected;
  device::array<uint4> rows;
  device::array<std::uint32_t> positions, count;
};

void gather(benchmark::State& state, std::size_t n) {
  const selected_rows from(n);
  const device::array<uint4> target(from.selected * row_vectors);
  replay(state, from.selected, 2 * row_bytes + 4, [&](cudaStream_t stream) {
    check(gs::gpu::gather_rows(from.rows.data(), row_bytes, from.positions.data(),
                               from.count.data(), from.selected, target.data(), stream));
  });
  expect(state, from.are_at(target.data(), from.selected), "other rows than Thrust's");
}

void thrust_gather(benchmark::State& state, std::size_t n) {
  const selected_rows from(n);
  const device::array<uint4> target(from.selected * row_vectors);
  replay(state, from.selected, 2 * row_bytes + 4,
         [&](cudaStream_t stream) { from.gather_by_thrust(target.data(), stream); });
  expect(state, from.are_at(target.data(), from.selected), "other rows than before");
}

//! The first replay moves the rows, later ones the same bytes of other rows.
void compact(benchmark::State& state, std::size_t n) {
  selected_rows from(n);
  gs::gpu::row_compactor compactor;
  check(compactor.create(n * row_bytes));
  const device::array<uint4> once(n * row_vectors);
  check(cudaMemcpy(once.data(), from.rows.data(), n * row_bytes, cudaMemcpyDeviceToDevice));
  check(compactor.compact(once.data(), row_bytes, from.positions.data(), from.count.data(), n));
  expect(state, from.are_at(once.data(), from.selected), "other rows than Thrust's");
  replay(state, from.selected, 2 * row_bytes + 4, [&](cudaStream_t stream) {
    check(compactor.compact(once.data(), row_bytes, from.positions.data(), from.count.data(), n,
                            stream));
  });
}

//! Appends, and takes each batch that an append fills, as a training loop does.
void accumulator(benchmark::State& state, std::size_t n) {
  const selected_rows from(n);
  gs::gpu::batch_accumulator queue;
  check(queue.create({.batch_size = from.selected, .capacity = 4 * from.selected}, {row_bytes}));
  const auto step = [&](std::size_t late) {
    gs::gpu::row_batch batch;
    std::size_t batches = 0;
    check(
        queue.append({from.rows.data()}, from.positions.data(), from.count.data(), from.selected));
    check(queue.wait(batches, late));
    if (batches != 0) check(queue.take(batch));
    return batch;
  };
  const gs::gpu::row_batch first = step(0);
  expect(state, first.size == from.selected && from.are_at(first.columns[0], from.selected),
         "other rows than Thrust's");
  repeat(state, from.selected, {.touched = 6 * row_bytes, .waits = true}, [&] { step(1); });
  state.counters["bytes"] = 2 * row_bytes + 4;
  std::size_t batches = 0;
  check(queue.poll(batches));
  expect(state, queue.dropped() == 0, "rows were dropped");
}

//! What one does without: gathers, and asks the device how many rows there are.
void gather_and_wait(benchmark::State& state, std::size_t n) {
  const selected_rows from(n);
  const device::array<uint4> target(from.selected * row_vectors);
  std::uint32_t rows = 0;
  repeat(state, from.selected, {.touched = 2 * row_bytes, .waits = true}, [&] {
    from.gather_by_thrust(target.data());
    check(cudaMemcpy(&rows, from.count.data(), sizeof rows, cudaMemcpyDeviceToHost));
  });
  expect(state, rows == from.selected, "not as many rows");
}

const suite all([](const request& asked) {
  for (const std::size_t n : device_sizes(asked, {1 << 9, 1 << 16, 1 << 20}, 2 * row_bytes)) {
    const parameters problem = {{"N", (n + 2) / 3}, {"bytes", row_bytes}};
    const auto add_run = [&](const char* task, const char* who, auto run) {
      add_on_device(task, who, problem, [n, run](benchmark::State& state) { run(state, n); });
    };
    add_run("gather", "gradsieve", gather);
    add_run("gather", "thrust_gather", thrust_gather);
    add_run("compact", "gradsieve", compact);
    add_run("accumulate", "gradsieve", accumulator);
    add_run("accumulate", "thrust_gather_and_wait", gather_and_wait);
  }
});

}  // namespace
