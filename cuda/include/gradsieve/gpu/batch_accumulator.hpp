// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file From selections of any length to training batches of one size, on the device.
#pragma once

#include <gradsieve/gpu/append.hpp>
#include <gradsieve/gpu/capture.hpp>
#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/late_answer.hpp>

#include <initializer_list>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! A batch handed out: `size` rows of each column, side by side in device memory.
struct row_batch {
  std::size_t size = 0;  //!< 0: there was none
  void* columns[detail::most_columns] = {};

  template <class T>
  T* column(std::size_t which) const {
    return static_cast<T*>(columns[which]);
  }
};

struct accumulator_options {
  std::size_t batch_size = 0;  //!< B, at least 1
  //! Rows held at most, a multiple of B. B + 2 m - 1, rounded up, never drops a row where each
  //! append brings at most m and every batch that `wait` tells of is taken before the next one.
  std::size_t capacity = 0;
};

//! First in, first out: `append` adds the selected rows of a batch, `take` hands out B rows at a
//! time. What does not fill a batch stays where it is and begins the next one. The host's
//! counterpart, of ids, is `batch_queue`.
//!
//! The fill counter lives on the device. The host learns of it one step late, from a copy in pinned
//! memory behind an event: `poll` takes the newest copy that is here and never waits; `wait` takes
//! the one of a given append, and so gives the same batches in every run.
//!
//! No row is lost silently: rows beyond the capacity, or beyond an append's `most_rows`, are not
//! taken in, and `dropped` counts them. Calls return errors as CUDA's own do, and `message()` says
//! more. `append`, `poll` and `take` neither allocate nor synchronise. One stream at a time; calls
//! on different streams must be ordered by events. `append` may be captured into a graph: call
//! `record` after each replay. `take` may not, since its batches lie in different places; nor may
//! `create` and `take_rest`, which wait: they return cudaErrorStreamCaptureUnsupported. `poll` and
//! `wait` have no stream to ask, and query events, which spoils a capture in CUDA's global mode:
//! call them between captures.
class batch_accumulator {
 public:
  //! @param row_bytes  the size of each column's rows, of 1 to 8 columns
  [[nodiscard]] cudaError_t create(const accumulator_options& options,
                                   std::span<const std::size_t> row_bytes) {
    batch_accumulator fresh;
    const cudaError_t error = fresh.make(options, row_bytes);
    if (error == cudaSuccess) {
      *this = std::move(fresh);
    } else {
      message_ = fresh.message_;
    }
    return error;
  }
  [[nodiscard]] cudaError_t create(const accumulator_options& options,
                                   std::initializer_list<std::size_t> row_bytes) {
    return create(options, std::span(row_bytes.begin(), row_bytes.size()));
  }

  //! Appends row `positions[j]` of each column, for j below `*count`: one launch. Pointers are the
  //! device's.
  //! @param columns    where each column's rows lie
  //! @param count      how many rows; read when the launch runs, and at most `most_rows` are taken
  //! @param most_rows  at most the capacity
  [[nodiscard]] cudaError_t append(std::span<const void* const> columns,
                                   const std::uint32_t* positions, const std::uint32_t* count,
                                   std::size_t most_rows, cudaStream_t stream = nullptr) {
    detail::append_kernel kernel;
    std::uint64_t tiles = 0;
    if (cudaError_t bad = prepare(columns, positions, count, most_rows, kernel, tiles);
        bad != cudaSuccess) {
      return bad;
    }
    cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
    cudaError_t error = cudaStreamIsCapturing(stream, &capturing);
    if (error == cudaSuccess) error = detail::launch_over(kernel, tiles, stream);
    if (error != cudaSuccess || capturing != cudaStreamCaptureStatusNone) return error;
    return record(stream);
  }
  [[nodiscard]] cudaError_t append(std::initializer_list<const void*> columns,
                                   const std::uint32_t* positions, const std::uint32_t* count,
                                   std::size_t most_rows, cudaStream_t stream = nullptr) {
    return append(std::span(columns.begin(), columns.size()), positions, count, most_rows, stream);
  }

  //! After a replay of a graph that holds so many appends.
  [[nodiscard]] cudaError_t record(cudaStream_t stream, std::uint64_t appends = 1) {
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    return answers_.record(stream, appends);
  }

  //! @name How many full batches wait to be taken, as far as is known
  //! @{

  //! By the newest append whose answer is here. Never waits.
  [[nodiscard]] cudaError_t poll(std::size_t& batches) {
    batches = 0;
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    detail::ring_answer answer = known_;
    const cudaError_t error = answers_.poll(answer);
    return learn(error, answer, batches);
  }

  //! By the append before the last one, or `late` appends before it, which a loop that is not ahead
  //! of the device finds done; else it waits for that one alone. @param late  0 to 3
  [[nodiscard]] cudaError_t wait(std::size_t& batches, std::size_t late = 1) {
    batches = 0;
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    detail::ring_answer answer;
    const cudaError_t error = answers_.wait(answer, late);
    if (error == cudaErrorInvalidValue) return refuse("late: that answer is not kept");
    return learn(error, answer, batches);
  }
  //! @}

  //! Hands out the oldest B rows; they stay until the next append on the stream.
  //! `cudaErrorNotReady` where no full batch is known of.
  [[nodiscard]] cudaError_t take(row_batch& batch, cudaStream_t stream = nullptr) {
    batch = {};
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    if (full(known_.tail) == 0) {
      return refuse("no full batch is known of: poll or wait first", cudaErrorNotReady);
    }
    if (cudaError_t bad = detail::cannot_wait(stream); bad != cudaSuccess) {
      return refuse("take: the stream is being captured, and each replay would hand out these rows",
                    bad);
    }
    return hand_out(batch, options_.batch_size, stream);
  }

  //! The same without waiting for a batch to be full: at an epoch's end, call it until it gives a
  //! batch of no rows. The last one may be short. Waits for `stream`.
  [[nodiscard]] cudaError_t take_rest(row_batch& batch, cudaStream_t stream = nullptr) {
    batch = {};
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    if (cudaError_t bad = detail::cannot_wait(stream); bad != cudaSuccess) {
      return refuse(detail::why_cannot_wait(bad), bad);
    }
    detail::ring_state state;
    cudaError_t error = cudaStreamSynchronize(stream);
    if (error == cudaSuccess) error = state_.read(&state, 1);
    if (error != cudaSuccess) return error;
    known_ = {state.tail, state.dropped};
    const std::uint64_t rows = state.tail - head_;
    if (rows == 0) return cudaSuccess;
    const std::size_t size = rows < options_.batch_size ? rows : options_.batch_size;
    return hand_out(batch, size, stream);
  }

  //! Whether `create` has succeeded, and the accumulator was not moved away since.
  bool ready() const { return state_.size() != 0; }
  const accumulator_options& options() const { return options_; }
  std::uint64_t handed_out() const { return handed_out_; }  //!< rows in all batches so far
  //! Rows that were not taken in, as far as is known.
  std::uint64_t dropped() const { return known_.dropped; }
  //! What was wrong with the last call, if it was refused; static text. Empty where the error is
  //! CUDA's own, or there was none.
  const char* message() const { return message_; }

 private:
  struct column {
    std::size_t row_bytes = 0;
    device_buffer<unsigned char> rows;
  };
  using late_answers = detail::late_answers<detail::ring_answer>;

  cudaError_t refuse(const char* message, cudaError_t error = cudaErrorInvalidValue) {
    message_ = message;
    return error;
  }

  //! Begins every call: what an earlier one was told is no longer true.
  cudaError_t begin() {
    message_ = "";
    return ready() ? cudaSuccess : refuse("the accumulator was not created");
  }

  cudaError_t make(const accumulator_options& options, std::span<const std::size_t> row_bytes) {
    if (options.batch_size == 0) return refuse("batch_size is 0, it must be at least 1");
    if (options.capacity == 0 || options.capacity % options.batch_size != 0) {
      return refuse("capacity is not a positive multiple of batch_size");
    }
    if (row_bytes.empty() || row_bytes.size() > detail::most_columns) {
      return refuse("there must be 1 to 8 columns");
    }
    for (const std::size_t bytes : row_bytes) {
      if (!detail::can_move_rows(bytes, options.capacity)) {
        return refuse("row_bytes must be in [1, 2^31], the capacity at most 4294963199 rows");
      }
    }
    if (cudaError_t bad = detail::cannot_wait(nullptr); bad != cudaSuccess) {
      return refuse(detail::why_cannot_wait(bad), bad);
    }
    options_ = options;
    cudaError_t error = state_.allocate(1);
    if (error == cudaSuccess) error = state_.zero();
    if (error == cudaSuccess) error = answers_.create();
    for (std::size_t c = 0; c < row_bytes.size() && error == cudaSuccess; ++c) {
      rings_[c].row_bytes = row_bytes[c];
      error = rings_[c].rows.allocate(row_bytes[c] * options.capacity);
    }
    columns_ = row_bytes.size();
    return error;
  }

  //! Checks an append and fills in its kernel; `tiles` is how many tiles it has at most,
  //! or 1, since a launch without rows is an answer too.
  cudaError_t prepare(std::span<const void* const> columns, const std::uint32_t* positions,
                      const std::uint32_t* count, std::size_t most_rows,
                      detail::append_kernel& kernel, std::uint64_t& tiles) {
    if (cudaError_t bad = begin(); bad != cudaSuccess) return bad;
    if (columns.size() != columns_) return refuse("columns: not as many as the accumulator has");
    if (most_rows > options_.capacity) return refuse("most_rows is above the capacity");
    if (!detail::is_array(count)) return refuse("count: null, or not aligned to 4 bytes");
    if (most_rows != 0 && !detail::is_array(positions)) {
      return refuse("positions: null, or not aligned to 4 bytes");
    }
    tiles = 0;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (most_rows != 0 && columns[c] == nullptr) return refuse("a column is null");
      const column& ring = rings_[c];
      const unsigned width = detail::vector_width(ring.row_bytes, columns[c], ring.rows.data());
      kernel.columns[c] = {static_cast<const unsigned char*>(columns[c]), ring.rows.data(),
                           detail::row_tiles::of(ring.row_bytes, width), width};
      tiles += kernel.columns[c].tiles.count(static_cast<std::uint32_t>(most_rows));
    }
    if (tiles >= detail::most_row_tiles) return refuse("an append of more than 2^31 tiles");
    if (tiles == 0) tiles = 1;
    kernel.used = static_cast<std::uint32_t>(columns_);
    kernel.capacity = static_cast<std::uint32_t>(options_.capacity);
    kernel.positions = positions;
    kernel.count = count;
    kernel.most = static_cast<std::uint32_t>(most_rows);
    kernel.state = state_.data();
    kernel.answers = answers_.slots();
    kernel.depth = late_answers::depth;
    return cudaSuccess;
  }

  cudaError_t learn(cudaError_t error, const detail::ring_answer& answer, std::size_t& batches) {
    if (error != cudaSuccess) return error;
    if (answer.tail > known_.tail) known_.tail = answer.tail;
    if (answer.dropped > known_.dropped) known_.dropped = answer.dropped;
    batches = full(answer.tail);
    return cudaSuccess;
  }

  //! Full batches that wait when the ring's tail is there.
  std::size_t full(std::uint64_t tail) const {
    return tail < head_ ? 0 : (tail - head_) / options_.batch_size;
  }

  //! The head stays a multiple of B: so a batch never wraps around the ring's end.
  cudaError_t hand_out(row_batch& batch, std::size_t size, cudaStream_t stream) {
    const std::uint64_t next = head_ + options_.batch_size;
    const bool empty = size < options_.batch_size;
    const cudaError_t error =
        detail::launch(detail::release_kernel{state_.data(), next, empty}, 1, stream);
    if (error != cudaSuccess) return error;
    batch.size = size;
    for (std::size_t c = 0; c < columns_; ++c) {
      batch.columns[c] = rings_[c].rows.data() + head_ % options_.capacity * rings_[c].row_bytes;
    }
    head_ = next;
    if (empty) known_.tail = next;
    handed_out_ += size;
    return cudaSuccess;
  }

  accumulator_options options_;
  column rings_[detail::most_columns];
  std::size_t columns_ = 0;
  device_buffer<detail::ring_state> state_;
  late_answers answers_;
  detail::ring_answer known_;
  std::uint64_t head_ = 0;  // as the device's, once it has done all that was enqueued
  std::uint64_t handed_out_ = 0;
  const char* message_ = "";
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
