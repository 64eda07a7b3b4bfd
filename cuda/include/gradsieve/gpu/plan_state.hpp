// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What is known of the last plan on the device, and how one begins.
#pragma once

#include <gradsieve/gpu/state.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! The counters of a plan in device memory.
struct plan_state {
  std::uint64_t train = 0;    //!< ids to train
  std::uint64_t refresh = 0;  //!< ids spared whose loss is stale
  std::uint64_t forced = 0;   //!< of those to train: with probability 1
  std::uint64_t known = 0;    //!< examples with a finite loss, when it was made
  std::uint64_t retired = 0;  //!< examples taken out by then
  std::uint32_t epoch = 0;
  std::uint32_t ready = 0;      //!< whether there is a plan
  std::uint32_t selective = 0;  //!< whether it is a choice, or all are trained
  std::uint32_t fresh = 0;      //!< whether the last call for a plan made one
  std::uint32_t launches = 0;   //!< of kernels that use the tiles' words
  std::uint32_t taken = 0;      //!< tiles taken in this launch
};
static_assert(std::is_trivially_copyable_v<plan_state>);

namespace detail {

//! Begins the epoch, and a plan for it unless it is the one already there.
struct begin_plan_kernel {
  static constexpr unsigned threads = warp_size;
  plan_state* plan = nullptr;
  sieve_state* state = nullptr;
  std::uint32_t epoch = 0;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    if (threadIdx.x != 0) return;
    state->epoch = epoch;
    plan_state next = *plan;
    next.fresh = next.ready == 0 || next.epoch != epoch ? 1 : 0;
    if (next.fresh != 0) {
      next.train = next.refresh = next.forced = next.known = next.retired = 0;
      next.epoch = epoch;
      next.ready = next.selective = 0;
    }
    *plan = next;
  }
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
