// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve remembers on the device, and the view of it that kernels get.
#pragma once

#include <gradsieve/gpu/look_back.hpp>
#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/sieve/work.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! The counters of a sieve in device memory. Kernels advance them, so a captured graph that is
//! replayed goes on by itself.
struct sieve_state {
  std::uint64_t step = 0;      //!< picks so far
  work_counters work;          //!< as the host's
  std::uint64_t offered = 0;   //!< while selection was on
  std::uint64_t selected = 0;  //!< of them
  std::uint64_t rejected = 0;  //!< losses that never entered the window
  std::uint64_t faults = 0;    //!< examples given by an id that does not exist
  std::uint32_t epoch = 0;
  std::uint32_t launches = 0;   //!< of kernels that use the tiles' words
  std::uint32_t head = 0;       //!< the window's oldest entry once it is full, else its size
  std::uint32_t filled = 0;     //!< losses in the window
  std::uint32_t current = 0;    //!< which of the two sorted windows is the newest
  std::uint32_t deciding = 0;   //!< which of them the last pick was decided by
  std::uint32_t selective = 0;  //!< whether the last pick was a choice
  std::uint32_t taken = 0;      //!< tiles taken in this launch
  std::uint32_t arrived = 0;    //!< blocks that have ended their part of this launch
};
static_assert(std::is_trivially_copyable_v<sieve_state>);

//! What kernels get of a sieve: pointers into device memory and what never changes.
struct sieve_view {
  sieve_state* state = nullptr;
  loss_key* ring = nullptr;     //!< the last losses, oldest at `head`
  loss_key* windows = nullptr;  //!< two sorted windows of history + 2 slots each
  std::uint64_t* tiles = nullptr;
  std::uint32_t history = 0;  //!< H
  bool update_first = true;
  draw_key draws;  //!< its step is the state's
  resolved_activity active;
  bool by_steps = false;  //!< whether `active` counts steps or epochs as done

  __device__ loss_key* window(std::uint32_t which) const {
    return windows + std::size_t{which} * (history + 2);
  }
  __device__ draw_key key(std::uint64_t step) const {
    draw_key key = draws;
    key.step = static_cast<std::uint32_t>(step);
    return key;
  }
};

namespace detail {

//! Writes the epoch, in the order of the stream.
struct epoch_kernel {
  static constexpr unsigned threads = warp_size;
  sieve_state* state = nullptr;
  std::uint32_t epoch = 0;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    if (threadIdx.x == 0) state->epoch = epoch;
  }
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
