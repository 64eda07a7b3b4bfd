// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What only a device can answer: capture, replay, streams side by side.
#include <gradsieve/gpu/batch_accumulator.hpp>
#include <gradsieve/gpu/compact.hpp>
#include <gradsieve/gpu/gather.hpp>
#include <gradsieve/gpu/sieve.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "gpu/every_call.hpp"
#include "gpu/parity.hpp"

namespace gs = gradsieve;

namespace {

//! A stream that does not wait for the default one.
class stream {
 public:
  stream() { device::check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~stream() { static_cast<void>(cudaStreamDestroy(stream_)); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

//! What `enqueue` puts on a stream, as a graph. Capture refuses anything that synchronises,
//! allocates or copies to pageable memory, anywhere in the process: that is asserted here too.
class captured {
 public:
  template <class Enqueue>
  captured(const stream& on, Enqueue enqueue) {
    cudaGraph_t graph = nullptr;
    device::check(cudaStreamBeginCapture(on.get(), cudaStreamCaptureModeGlobal));
    enqueue(on.get());
    device::check(cudaStreamEndCapture(on.get(), &graph));
    device::check(cudaGraphGetNodes(graph, nullptr, &nodes_));
    device::check(cudaGraphInstantiate(&graph_, graph, 0));
    device::check(cudaGraphDestroy(graph));
  }
  ~captured() { static_cast<void>(cudaGraphExecDestroy(graph_)); }
  captured(const captured&) = delete;
  captured& operator=(const captured&) = delete;
  void replay(const stream& on) const { device::check(cudaGraphLaunch(graph_, on.get())); }
  std::size_t nodes() const { return nodes_; }

 private:
  cudaGraphExec_t graph_ = nullptr;
  std::size_t nodes_ = 0;
};

const gs::sieve_options options{.policy = gs::power{2.0}, .history = 1024, .seed = 3};

}  // namespace

TEST_CASE("graph: a pick is one node, and 10 000 replays leave what 10 000 picks leave on the host",
          "[gpu][long]") {
  constexpr std::size_t n = 1500;
  std::mt19937 random(1);
  const std::vector<float> batch = parity::mixed(random, n);
  const device::array<float> losses(batch);
  device::array<std::uint32_t> positions(n), count(1);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = n}));
  gs::sieve host(options);
  const stream on;
  const captured step(on, [&](cudaStream_t stream) {
    device::check(sieve.pick(losses.data(), n, positions.data(), count.data(), stream));
  });
  CHECK(step.nodes() == 1);
  for (int i = 0; i < 10000; ++i) {
    step.replay(on);
    host.pick(batch);
  }
  std::vector<std::byte> bytes;
  device::check(sieve.save(bytes, on.get()));
  CHECK(bytes == host.save());
}

TEST_CASE("graph: every call alone is as many nodes as it has launches", "[gpu]") {
  every_call::each_way([](auto sides) {
    const stream on;
    sides.round([&](const char* name, int launches, auto enqueue) {
      INFO(name);
      const captured graph(on, [&](cudaStream_t stream) { device::check(enqueue(stream)); });
      CHECK(graph.nodes() == static_cast<std::size_t>(launches));
    });
  });
}

TEST_CASE("graph: a round of every call, replayed, leaves what the host's calls leave", "[gpu]") {
  every_call::each_way([](auto sides) {
    const stream on;
    const captured graph(on, [&](cudaStream_t stream) {
      sides.round([&](const char*, int, auto enqueue) { device::check(enqueue(stream)); });
    });
    for (int replay = 0; replay < 5; ++replay) {
      graph.replay(on);
      sides.on_host();
    }
    CHECK(sides.same(on.get()));
  });
}

TEST_CASE("graph: rows gathered, compacted and queued up, replayed", "[gpu]") {
  constexpr std::uint32_t n = 3000, selected = 900, batch_size = 512;
  std::vector<std::uint32_t> rows(4 * n), at(selected);
  for (std::uint32_t i = 0; i < 4 * n; ++i) rows[i] = i;
  for (std::uint32_t j = 0; j < selected; ++j) at[j] = 3 * j + j % 2;
  std::vector<std::uint32_t> expected;
  for (const std::uint32_t row : at) {
    for (std::uint32_t k = 0; k < 4; ++k) expected.push_back(4 * row + k);
  }
  const device::array<std::uint32_t> source(rows), in_place(rows), target(4 * n), positions(at),
      count(std::vector<std::uint32_t>{selected});
  gs::gpu::row_compactor compactor;
  device::check(compactor.create(16 * n));
  gs::gpu::batch_accumulator queue;
  device::check(queue.create({.batch_size = batch_size, .capacity = 8 * batch_size}, {16, 8}));
  const stream on;
  const captured step(on, [&](cudaStream_t stream) {
    device::check(gs::gpu::gather_rows(source.data(), 16, positions.data(), count.data(), n,
                                       target.data(), stream));
    device::check(
        compactor.compact(in_place.data(), 16, positions.data(), count.data(), n, stream));
    device::check(
        queue.append({target.data(), source.data()}, positions.data(), count.data(), n, stream));
  });
  CHECK(step.nodes() == 3);
  std::size_t batches = 0;
  for (int replay = 0; replay < 4; ++replay) {
    device::check(
        cudaMemcpyAsync(in_place.data(), rows.data(), 16 * n, cudaMemcpyHostToDevice, on.get()));
    step.replay(on);
    device::check(queue.record(on.get()));
    device::check(queue.wait(batches));
    CHECK(batches == static_cast<std::size_t>(replay) * selected / batch_size);
  }
  device::check(cudaStreamSynchronize(on.get()));
  CHECK(device::copy(target.data(), 4 * selected) == expected);
  CHECK(device::copy(in_place.data(), 4 * selected) == expected);
  gs::gpu::row_batch batch;
  device::check(queue.wait(batches, 0));
  CHECK(batches == 4 * selected / batch_size);
  device::check(queue.take(batch, on.get()));
  for (std::size_t i : {0u, 1u, 100u, 511u}) {
    const auto ids = device::copy(batch.column<std::uint32_t>(1) + 2 * i, 2);
    CHECK(ids[0] == 2 * at[i]);
  }
}

TEST_CASE("streams: two sieves side by side decide as each alone", "[gpu]") {
  constexpr std::size_t n = 100'000;
  std::mt19937 random(2);
  const std::vector<float> batch = parity::mixed(random, n);
  const device::array<float> losses(batch);
  gs::sieve host(options);
  const stream streams[2];
  gs::gpu::sieve sieves[2];
  for (gs::gpu::sieve& sieve : sieves) device::check(sieve.create(options, {.max_batch = n}));
  const device::array<std::uint32_t> positions[2] = {device::array<std::uint32_t>(n),
                                                     device::array<std::uint32_t>(n)};
  const device::array<std::uint32_t> count[2] = {device::array<std::uint32_t>(1),
                                                 device::array<std::uint32_t>(1)};
  for (int step = 0; step < 200; ++step) {
    for (int s = 0; s < 2; ++s) {
      device::check(
          sieves[s].pick(losses.data(), n, positions[s].data(), count[s].data(), streams[s].get()));
    }
    host.pick(batch);
  }
  for (int s = 0; s < 2; ++s) {
    std::vector<std::byte> bytes;
    device::check(sieves[s].save(bytes, streams[s].get()));
    CHECK(bytes == host.save());
  }
}

TEST_CASE("a large batch: 2^24 losses, each position as the host's", "[gpu][large]") {
  constexpr std::size_t n = std::size_t{1} << 24;
  std::mt19937 random(4);
  std::vector<float> batch(n);
  for (float& loss : batch) loss = static_cast<float>(random() % 100000) * 1e-3f;
  const device::array<float> losses(batch);
  device::array<std::uint32_t> positions(n), count(1);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = n}));
  gs::sieve host(options);
  for (int step = 0; step < 3; ++step) {
    const auto expected = host.pick(batch);
    device::check(sieve.pick(losses.data(), n, positions.data(), count.data()));
    REQUIRE(count[0] == expected.positions().size());
    const std::vector<std::uint32_t> got = positions.first(count[0]);
    CHECK(std::equal(got.begin(), got.end(), expected.positions().begin()));
  }
}
