// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sliding window on the device: takes a batch's last losses in and sorts what is left.
#pragma once

#include <gradsieve/gpu/sort.hpp>
#include <gradsieve/gpu/state.hpp>
#include <gradsieve/gpu/tile.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The longest window: what one block sorts in the shared memory that also stages a tile.
inline constexpr std::uint32_t most_history = tile_size;

//! A block's work on the window. All threads call each function, which ends synchronised.
template <class Source>
struct window_update {
  const sieve_view& sieve;
  const Source& source;
  std::uint32_t n;
  block_sums<tile_threads, std::uint32_t>& sums;

  //! Calls `enter(r, key)` for the finite losses among the batch's last H, r = 0, 1, … in their
  //! order; returns how many there are.
  template <class Enter>
  __device__ std::uint32_t entering(Enter enter) const {
    const std::uint32_t tail = n < sieve.history ? n : sieve.history;
    const std::uint32_t each = (tail + tile_threads - 1) / tile_threads;
    const std::uint32_t from = threadIdx.x * each < tail ? threadIdx.x * each : tail;
    const std::uint32_t to = from + each < tail ? from + each : tail;
    std::uint32_t finite = 0, total = 0;
    for (std::uint32_t i = from; i < to; ++i) {
      finite += is_finite(source.key(n - tail + i)) ? 1u : 0u;
    }
    std::uint32_t rank = sums.exclusive(finite, total);
    for (std::uint32_t i = from; i < to; ++i) {
      const loss_key key = source.key(n - tail + i);
      if (is_finite(key)) enter(rank++, key);
    }
    __syncthreads();
    return total;
  }

  //! Where the r-th new loss goes in the ring.
  __device__ std::uint32_t place(std::uint32_t head, std::uint32_t r) const {
    const std::uint32_t at = head + r;  // both at most H
    return at < sieve.history ? at : at - sieve.history;
  }

  //! Makes `slots` the sorted window as it will be after this batch, and returns its size. Changes
  //! no global memory, so that every block may do it. `work` is room for `most_history` keys.
  __device__ std::uint32_t sorted(const sieve_state& before, loss_key* work,
                                  loss_key* slots) const {
    const std::uint32_t history = sieve.history;
    std::uint32_t padded = 4 * tile_threads;
    while (padded < history) padded *= 2;
    for (std::uint32_t i = threadIdx.x; i < padded; i += tile_threads) {
      work[i] = i < before.filled ? sieve.ring[i] : key_above;
    }
    __syncthreads();
    const std::uint32_t entered =
        entering([&](std::uint32_t r, loss_key key) { work[place(before.head, r)] = key; });
    if (padded == 4 * tile_threads) {
      sort_quads<tile_threads>(reinterpret_cast<key_quad*>(work));
    } else {
      sort_shared<tile_threads>(work, padded);
    }
    const std::uint32_t size =
        before.filled + entered < history ? before.filled + entered : history;
    for (std::uint32_t i = threadIdx.x; i < size; i += tile_threads) slots[i + 1] = work[i];
    if (threadIdx.x == 0) {
      slots[0] = key_below;
      slots[size + 1] = key_above;
    }
    __syncthreads();
    return size;
  }

  //! Writes the new window into the state: by one block, after every other has read the old one.
  //! `slots` are those of `sorted`. Returns where the next loss will go.
  __device__ std::uint32_t store(const sieve_state& before, std::uint32_t size,
                                 const loss_key* slots) const {
    loss_key* newest = sieve.window(before.current ^ 1u);
    for (std::uint32_t i = threadIdx.x; i < size + 2; i += tile_threads) newest[i] = slots[i];
    const std::uint32_t entered =
        entering([&](std::uint32_t r, loss_key key) { sieve.ring[place(before.head, r)] = key; });
    return place(before.head, entered);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
