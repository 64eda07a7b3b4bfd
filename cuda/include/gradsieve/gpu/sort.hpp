// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sorts the keys of a window by one block.
#pragma once

#include <gradsieve/gpu/warp.hpp>
#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Orders a pair of keys. Keys are integers: `fmin` and `fmax` of floats would lose one beside a
//! NaN.
__device__ inline void order_pair(loss_key& a, loss_key& b, bool ascending) {
  const loss_key low = a < b ? a : b, high = a < b ? b : a;
  a = ascending ? low : high;
  b = ascending ? high : low;
}

//! Four neighbouring keys, moved at once.
struct alignas(16) key_quad {
  loss_key key[4];
};

//! Sorts `4 Threads` keys in shared memory, ascending: Batcher's bitonic network, each thread
//! holding four neighbours in registers. Partners within a warp are reached by shuffles, those
//! further away through `keys`. All threads of the block call it.
template <unsigned Threads>
__device__ void sort_quads(key_quad* keys) {
  const unsigned t = threadIdx.x;
  __syncthreads();
  key_quad mine = keys[t];
#pragma unroll
  for (unsigned size = 2; size <= 4 * Threads; size *= 2) {
    const bool ascending = (4 * t & size) == 0;
#pragma unroll
    for (unsigned distance = size / 2; distance > 0; distance /= 2) {
      if (distance == 1) {
        order_pair(mine.key[0], mine.key[1], ascending);
        order_pair(mine.key[2], mine.key[3], ((4 * t + 2) & size) == 0);
      } else if (distance == 2) {
        order_pair(mine.key[0], mine.key[2], ascending);
        order_pair(mine.key[1], mine.key[3], ascending);
      } else {
        const unsigned partner = distance / 4;
        key_quad other;
        if (partner < warp_size) {
#pragma unroll
          for (int q = 0; q < 4; ++q) {
            other.key[q] = __shfl_xor_sync(whole_warp, mine.key[q], partner);
          }
        } else {
          __syncthreads();
          keys[t] = mine;
          __syncthreads();
          other = keys[t ^ partner];
        }
        const bool lower = ((t & partner) == 0) == ascending;
#pragma unroll
        for (int q = 0; q < 4; ++q) {
          const bool keep = (mine.key[q] < other.key[q]) == lower;
          mine.key[q] = keep ? mine.key[q] : other.key[q];
        }
      }
    }
  }
  __syncthreads();
  keys[t] = mine;
  __syncthreads();
}

//! The same for any power of two of keys, all of it through shared memory.
template <unsigned Threads>
__device__ void sort_shared(loss_key* keys, unsigned count) {
  for (unsigned size = 2; size <= count; size *= 2) {
    for (unsigned distance = size / 2; distance > 0; distance /= 2) {
      __syncthreads();
      for (unsigned pair = threadIdx.x; pair < count / 2; pair += Threads) {
        const unsigned low = 2 * pair - (pair & (distance - 1));
        order_pair(keys[low], keys[low + distance], (low & size) == 0);
      }
    }
  }
  __syncthreads();
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
