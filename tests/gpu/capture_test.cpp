// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Calls that wait, in the middle of a capture.
#include <gradsieve/gpu/batch_accumulator.hpp>
#include <gradsieve/gpu/compact.hpp>
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

namespace {

//! A stream that is captured until the end of its life.
class captured_stream {
 public:
#if defined(GRADSIEVE_GPU_EMULATED)
  captured_stream() { emulation::events() = {.capturing = true, .captured_elsewhere = true}; }
  ~captured_stream() {
    CHECK_FALSE(emulation::events().spoilt);
    emulation::events() = {};
  }
  cudaStream_t get() { return &stream_; }

 private:
  emulated_stream stream_;

 public:
#else
  // A stream that the default one waits for: `create` has no other to ask.
  captured_stream() {
    device::check(cudaStreamCreate(&stream_));
    device::check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal));
  }
  ~captured_stream() {
    cudaGraph_t graph = nullptr;
    CHECK(cudaStreamEndCapture(stream_, &graph) == cudaSuccess);  // nothing has spoilt it
    static_cast<void>(cudaGraphDestroy(graph));
    static_cast<void>(cudaStreamDestroy(stream_));
  }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;

 public:
#endif
  captured_stream(const captured_stream&) = delete;
  captured_stream& operator=(const captured_stream&) = delete;
};

}  // namespace

TEST_CASE("capture: calls that wait are refused, and say why", "[gpu]") {
  const gs::sieve_options options{.examples = 100,
                                  .policy = gs::power{2.0},
                                  .history = 20,
                                  .seed = 3,
                                  .refresh = gs::max_age{6}};
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = 50, .plans = true}));
  gs::gpu::batch_accumulator rows;
  device::check(rows.create({.batch_size = 4, .capacity = 16}, {4}));
  gs::gpu::row_compactor compactor;
  const device::array<std::uint32_t> rows_at(std::vector<std::uint32_t>{0, 1, 2, 3});
  const device::array<std::uint32_t> count(std::vector<std::uint32_t>{4});
  device::check(rows.append({rows_at.data()}, rows_at.data(), count.data(), 4));
  std::size_t batches = 0;
  device::check(rows.wait(batches, 0));
  std::vector<std::byte> bytes, before;
  device::check(sieve.save(before));
  static_cast<void>(cudaGetLastError());
  {
    captured_stream stream;
    const auto refused = [](const auto& object, cudaError_t error) {
      CHECK(error == cudaErrorStreamCaptureUnsupported);
      CHECK_THAT(object.message(), contains("captured into a graph"));
      CHECK(cudaPeekAtLastError() == cudaSuccess);  // the question has left nothing behind
    };
    refused(sieve, sieve.save(bytes, stream.get()));
    refused(sieve, sieve.load(before, stream.get()));
    gs::gpu::sieve_state state;
    refused(sieve, sieve.read_state(state, stream.get()));
    gs::gpu::plan_state plan;
    refused(sieve, sieve.read_plan(plan, stream.get()));
    refused(sieve, sieve.create(options));
    gs::gpu::row_batch batch;
    refused(rows, rows.take_rest(batch, stream.get()));
    CHECK(rows.take(batch, stream.get()) == cudaErrorStreamCaptureUnsupported);
    CHECK_THAT(rows.message(), contains("each replay would hand out these rows"));
    CHECK(batch.size == 0);
    refused(rows, rows.create({.batch_size = 4, .capacity = 16}, {4}));
    CHECK(compactor.create(64) == cudaErrorStreamCaptureUnsupported);
  }
  CHECK(bytes.empty());
  CHECK(sieve.ready());
  device::check(sieve.save(bytes));
  CHECK(bytes == before);
  gs::gpu::row_batch batch;
  device::check(rows.take(batch));
  CHECK(batch.size == 4);
}
