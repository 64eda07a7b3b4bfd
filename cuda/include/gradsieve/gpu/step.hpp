// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the kernels of a step have in common: the window that decides, and the books.
#pragma once

#include <gradsieve/gpu/tables.hpp>
#include <gradsieve/gpu/window.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! What a block knows of the step that it works on.
struct step_block {
  sieve_state before;
  block_sums<tile_threads, std::uint32_t> sums;
  std::uint32_t size;  // of the window that decides
  bool selective;
};

//! A block's shared memory for a step.
struct step_memory {
  step_block* block;
  loss_key* work;   // a tile's positions, or a window being sorted
  loss_key* slots;  // the window that decides

  GRADSIEVE_CALLS_ARGUMENT
  template <class Memory>
  GRADSIEVE_HOST_DEVICE static step_memory take(Memory& memory, std::uint32_t history) {
    step_memory all{};
    all.block = memory.template take<step_block>(1);
    all.work = memory.template take<loss_key>(tile_size);
    all.slots = memory.template take<loss_key>(history + 2);
    return all;
  }
};

//! A block's work on a step besides its tiles. All threads call each function.
template <class Source>
struct step_work {
  const sieve_view& sieve;
  const Source& source;
  std::uint32_t n;
  step_memory mine;

  //! Reads the state and makes the window that decides; the caller synchronises.
  //!
  //! With `update_first` that is the window after this batch. Every block sorts it for itself: that
  //! costs less than waiting for one that does.
  __device__ void prepare() const {
    step_block& block = *mine.block;
    if (threadIdx.x == 0) block.before = *sieve.state;
    __syncthreads();
    std::uint32_t size = block.before.filled;
    if (sieve.update_first) {
      size = update().sorted(block.before, mine.work, mine.slots);
    } else {
      copy_by_block(mine.slots, sieve.window(block.before.current), size + 2);
    }
    if (threadIdx.x == 0) {
      const std::uint64_t done = sieve.by_steps ? block.before.step : block.before.epoch;
      block.size = size;
      block.selective =
          size == sieve.history && sieve.active({block.before.epoch, block.before.step, done, 0});
    }
  }

  __device__ window_view window() const { return {mine.slots, mine.block->size}; }
  __device__ draw_key key() const { return sieve.key(mine.block->before.step); }

  //! Counts losses of this thread that were not finite; whole warps, each of which adds once, so
  //! that a batch full of NaN does not queue up.
  __device__ void reject(std::uint32_t losses) const {
    if (!__any_sync(whole_warp, losses != 0)) return;
    const std::uint64_t all = warp_sum(losses);
    if (lane_index() != 0) return;
    atomic_add(&sieve.state->rejected, all);
    atomic_add(&sieve.state->work.non_finite, all);
  }

  //! Renews the window and the counters: by one block, when every other has prepared.
  //! @param selected  how many examples are back-propagated
  //! @param choice    whether the others were left out by choice
  __device__ void finish(std::uint32_t selected, bool choice) const {
    step_block& block = *mine.block;
    const sieve_state& before = block.before;
    __syncthreads();
    const std::uint32_t size =
        sieve.update_first ? block.size : update().sorted(before, mine.work, mine.slots);
    const std::uint32_t head = update().store(before, size, mine.slots);
    if (threadIdx.x != 0) return;
    sieve_state& state = *sieve.state;
    state.step = before.step + 1;
    state.work.forwards = before.work.forwards + n;
    state.work.backwards = before.work.backwards + selected;
    state.work.skipped = before.work.skipped + (n - selected);
    state.offered = before.offered + (choice ? n : 0);
    state.selected = before.selected + (choice ? selected : 0);
    state.launches = before.launches + 1;
    state.head = head;
    state.filled = size;
    state.current = before.current ^ 1u;
    state.deciding = sieve.update_first ? state.current : before.current;
    state.selective = choice ? 1 : 0;
  }

 private:
  __device__ window_update<Source> update() const { return {sieve, source, n, mine.block->sums}; }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
