// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Counters of the device that the host reads a step late, so that it never has to wait.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The last few values of an `Answer` that kernels write into pinned host memory, with an event
//! each. The k-th answer goes into `slots()[k % depth]`, k = 0, 1, …; `record` follows it on the
//! stream. A slot is read once its event has passed, and before `depth` further answers are asked
//! for it is not written again.
template <class Answer>
class late_answers {
 public:
  static constexpr std::size_t depth = 4;

  late_answers() = default;
  late_answers(late_answers&& other) noexcept { swap(other); }
  late_answers& operator=(late_answers&& other) noexcept {
    late_answers gone(std::move(other));
    swap(gone);
    return *this;
  }
  ~late_answers() {
    for (entry& each : events_) {
      if (each.made) static_cast<void>(cudaEventDestroy(each.event));
    }
    // Not even of null while a stream is captured.
    if (slots_ != nullptr) static_cast<void>(cudaFreeHost(slots_));
  }

  [[nodiscard]] cudaError_t create() {
    late_answers fresh;
    void* memory = nullptr;
    if (cudaError_t error = cudaMallocHost(&memory, depth * sizeof(Answer)); error != cudaSuccess) {
      return error;
    }
    fresh.slots_ = static_cast<Answer*>(memory);
    for (std::size_t i = 0; i < depth; ++i) new (fresh.slots_ + i) Answer{};
    for (entry& each : fresh.events_) {
      const cudaError_t error = cudaEventCreateWithFlags(&each.event, cudaEventDisableTiming);
      if (error != cudaSuccess) return error;
      each.made = true;
    }
    *this = std::move(fresh);
    return cudaSuccess;
  }

  //! Host memory that kernels write to.
  Answer* slots() const { return slots_; }

  //! After the work that writes the next answer, or the next few, was enqueued.
  [[nodiscard]] cudaError_t record(cudaStream_t stream, std::uint64_t answers = 1) {
    asked_ += answers;
    if (answers == 0) return cudaSuccess;
    entry& newest = events_[(asked_ - 1) % depth];
    newest.answer = asked_;
    return cudaEventRecord(newest.event, stream);
  }

  //! The newest answer that is here, without waiting; `answer` is left alone if there is none.
  [[nodiscard]] cudaError_t poll(Answer& answer) const {
    for (std::uint64_t k = asked_; k > 0 && k + depth > asked_; --k) {
      const entry& each = events_[(k - 1) % depth];
      if (each.answer != k) continue;
      const cudaError_t error = cudaEventQuery(each.event);
      if (error == cudaSuccess) answer = slots_[(k - 1) % depth];
      if (error != cudaErrorNotReady) return error;
      static_cast<void>(cudaGetLastError());  // an answer, not a failure
    }
    return cudaSuccess;
  }

  //! The answer asked for `late` answers before the last one, waiting for it where it is not here;
  //! `answer` is left alone if there was none. cudaErrorInvalidValue where it is not kept any more.
  [[nodiscard]] cudaError_t wait(Answer& answer, std::uint64_t late) const {
    if (late >= asked_) return cudaSuccess;
    const std::uint64_t k = asked_ - late;
    const entry& each = events_[(k - 1) % depth];
    if (each.answer != k) return cudaErrorInvalidValue;
    const cudaError_t error = cudaEventSynchronize(each.event);
    if (error == cudaSuccess) answer = slots_[(k - 1) % depth];
    return error;
  }

 private:
  struct entry {
    cudaEvent_t event = nullptr;
    std::uint64_t answer = 0;  // which it follows, from 1 on
    bool made = false;
  };

  void swap(late_answers& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(events_, other.events_);
    std::swap(asked_, other.asked_);
  }

  Answer* slots_ = nullptr;
  entry events_[depth];
  std::uint64_t asked_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
