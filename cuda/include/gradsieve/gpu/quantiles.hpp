// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exact quantiles of a ledger's losses by three counting passes, without sorting or copying
//! them.
#pragma once

#include <gradsieve/gpu/ledger.hpp>
#include <gradsieve/gpu/plan_state.hpp>
#include <gradsieve/gpu/tables.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! A wanted order statistic: its rank among the keys of its row, and the digits known so far.
struct quantile_target {
  std::uint64_t rank = 0;
  std::uint32_t prefix = 0;
};

//! The tables of the passes. Pass 0 counts by the keys' upper 11 bits, pass 1 those near a quantile
//! by the next 11, pass 2 by the last 10. A row of counters belongs to the first of the targets
//! that share the digits so far, and has its number; so rows need not be counted. Counters are 0
//! between plans.
struct quantile_view {
  std::uint64_t* counters[3] = {};     //!< 1, H and H rows
  std::uint16_t* rows[2] = {};         //!< for each counter of passes 0 and 1 its row in the next
  std::uint32_t* row_of[3] = {};       //!< of each target in each pass; not used in pass 0
  quantile_target* targets = nullptr;  //!< H, ascending
  loss_key* window = nullptr;          //!< H + 2 slots
  plan_state* plan = nullptr;
  std::uint32_t history = 0;  //!< H
};

inline constexpr std::uint16_t no_row = 0xffff;
inline constexpr unsigned quantile_threads = 256;

GRADSIEVE_HOST_DEVICE constexpr unsigned pass_bits(int pass) { return pass == 2 ? 10 : 11; }
//! The digit of a key in each pass.
GRADSIEVE_HOST_DEVICE constexpr std::uint32_t pass_digit(loss_key key, int pass) {
  const std::uint32_t biased = static_cast<std::uint32_t>(key) ^ 0x80000000u;
  return pass == 0 ? biased >> 21 : pass == 1 ? biased >> 10 & 0x7ff : biased & 0x3ff;
}

//! Adds 1 to `counters[cell]` for each lane that `counts`. Those that agree with the first one are
//! added at once, so that equal losses do not queue up. Whole warps.
template <class Counter>
__device__ void add_together(Counter* counters, std::uint32_t cell, bool counts) {
  const unsigned all = __ballot_sync(whole_warp, counts);
  if (all == 0) return;
  const unsigned first = first_lane(all);
  const bool same = cell == __shfl_sync(whole_warp, cell, first) && counts;
  const unsigned together = __ballot_sync(whole_warp, same);
  if (lane_index() == first) {
    atomic_add(counters + cell, static_cast<Counter>(__popc(together)));
  } else if (counts && !same) {
    atomic_add(counters + cell, Counter{1});
  }
}

//! One counting pass: 8 bytes read an example, and an atomic addition for each that counts (for
//! each run of equal ones at best); those of pass 0 are in shared memory.
template <int Pass>
struct count_digits_kernel {
  static constexpr unsigned threads = quantile_threads;
  static constexpr std::uint32_t digits = 1u << pass_bits(0);
  quantile_view tables;
  ledger_ref ledger;

  std::size_t shared_bytes() const { return digits * sizeof(std::uint32_t); }
  __device__ void operator()(void* shared) const {
    const plan_state& plan = *tables.plan;
    if (plan.fresh == 0 || (Pass > 0 && plan.selective == 0)) return;
    auto* upper = static_cast<std::uint32_t*>(shared);  // counters, or the rows of digits
    for (std::uint32_t d = threadIdx.x; d < digits; d += threads) {
      upper[d] = Pass == 0 ? 0 : tables.rows[0][d];
    }
    __syncthreads();
    std::uint32_t retired = 0;
    const std::uint64_t step = std::uint64_t{threads} * gridDim.x * 4;
    for (std::uint64_t base = std::uint64_t{threads} * blockIdx.x * 4; base < ledger.examples;
         base += step) {
      loss_key keys[4];
      read(base + 4 * threadIdx.x, keys);
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        count(upper, keys[c]);
        retired += keys[c] == key_retired ? 1u : 0u;
      }
    }
    if constexpr (Pass == 0) {
      retired = warp_sum(retired);
      if (lane_index() == 0 && retired != 0) {
        atomic_add(&tables.plan->retired, std::uint64_t{retired});
      }
      __syncthreads();
      for (std::uint32_t d = threadIdx.x; d < digits; d += threads) {
        if (upper[d] != 0) atomic_add(tables.counters[0] + d, std::uint64_t{upper[d]});
      }
    }
  }

 private:
  //! The keys of four neighbours; `key_never` behind the end.
  __device__ void read(std::uint64_t first, loss_key (&keys)[4]) const {
    if (first + 4 <= ledger.examples) {
      const uint4 low = *reinterpret_cast<const uint4*>(ledger.words + first);
      const uint4 high = *reinterpret_cast<const uint4*>(ledger.words + first + 2);
      keys[0] = static_cast<loss_key>(low.x);
      keys[1] = static_cast<loss_key>(low.z);
      keys[2] = static_cast<loss_key>(high.x);
      keys[3] = static_cast<loss_key>(high.z);
      return;
    }
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      keys[c] = first + c < ledger.examples ? to_entry(ledger.words[first + c]).key : key_never;
    }
  }

  __device__ void count(std::uint32_t* upper, loss_key key) const {
    bool counts = is_finite(key);
    if constexpr (Pass == 0) {
      add_together(upper, pass_digit(key, 0), counts);
    } else {
      std::uint32_t row = upper[pass_digit(key, 0)];
      counts = counts && row != no_row;
      if constexpr (Pass == 2) {
        if (counts) row = tables.rows[1][(row << pass_bits(1)) + pass_digit(key, 1)];
        counts = counts && row != no_row;
      }
      add_together(tables.counters[Pass], (row << pass_bits(Pass)) + pass_digit(key, Pass), counts);
    }
  }
};

//! Finds each target's digit of a pass, one block for each row of counters, and clears them: one
//! block for pass 0, H for the others. Pass 2 writes the quantiles.
template <int Pass>
struct descend_kernel {
  static constexpr unsigned threads = quantile_threads;
  static constexpr std::uint32_t digits = 1u << pass_bits(Pass);
  static constexpr std::uint32_t each = digits / threads;
  quantile_view tables;

  struct block_state {
    std::uint64_t before[digits];  // keys with a lower digit
    block_sums<threads, std::uint64_t> sums;
  };

  std::size_t shared_bytes() const { return sizeof(block_state); }
  __device__ void operator()(void* shared) const {
    plan_state& plan = *tables.plan;
    const std::uint32_t row = blockIdx.x;
    if (plan.fresh == 0) return;
    if (Pass > 0 && (plan.selective == 0 || tables.row_of[Pass][row] != row)) return;
    block_state& block = *static_cast<block_state*>(shared);
    const std::uint64_t all = sum_up(block, row);
    if constexpr (Pass == 0) {
      if (threadIdx.x == 0) {
        plan.known = all;
        plan.selective = all != 0 ? 1 : 0;
      }
      if (all == 0) return;
    }
    const std::uint32_t last = end_of(row);
    std::uint16_t* next =
        Pass < 2 ? tables.rows[Pass] + (std::size_t{row} << pass_bits(Pass)) : nullptr;
    if constexpr (Pass < 2) {
      for (std::uint32_t d = threadIdx.x; d < digits; d += threads) next[d] = no_row;
    }
    for (std::uint32_t j = row + threadIdx.x; j < last; j += threads) find(block, j, all);
    __syncthreads();
    for (std::uint32_t j = row + threadIdx.x; j < last; j += threads) number(row, j, next);
  }

 private:
  //! Makes `before` of the row's counters, which become 0; returns their sum.
  __device__ std::uint64_t sum_up(block_state& block, std::uint32_t row) const {
    std::uint64_t* counters =
        tables.counters[Pass] + (std::size_t{row} << pass_bits(Pass)) + threadIdx.x * each;
    std::uint64_t sum = 0, all = 0;
    for (std::uint32_t d = 0; d < each; ++d) sum += counters[d];
    std::uint64_t before = block.sums.exclusive(sum, all);
    for (std::uint32_t d = 0; d < each; ++d) {
      block.before[threadIdx.x * each + d] = before;
      before += counters[d];
      counters[d] = 0;
    }
    __syncthreads();
    return all;
  }

  //! The first target behind the row's.
  __device__ std::uint32_t end_of(std::uint32_t row) const {
    if constexpr (Pass == 0) return tables.history;
    std::uint32_t low = row, high = tables.history;
    while (high - low > 1) {
      const std::uint32_t middle = low + (high - low) / 2;
      (tables.row_of[Pass][middle] == row ? low : high) = middle;
    }
    return high;
  }

  //! The digit of target j: the highest with no more keys before it than its rank.
  __device__ void find(const block_state& block, std::uint32_t j, std::uint64_t all) const {
    quantile_target target;
    if constexpr (Pass == 0) {
      target.rank = key_quantiles::rank_of(j, all, tables.history);
    } else {
      target = tables.targets[j];
    }
    std::uint32_t digit = 0;
#pragma unroll
    for (std::uint32_t bit = digits / 2; bit > 0; bit /= 2) {
      if (block.before[digit + bit] <= target.rank) digit += bit;
    }
    target.rank -= block.before[digit];
    target.prefix = target.prefix << pass_bits(Pass) | digit;
    tables.targets[j] = target;
  }

  //! Gives target j its row in the next pass, or writes the quantile.
  __device__ void number(std::uint32_t row, std::uint32_t j, std::uint16_t* next) const {
    const std::uint32_t prefix = tables.targets[j].prefix;
    if constexpr (Pass == 2) {
      tables.window[j + 1] = static_cast<loss_key>(prefix ^ 0x80000000u);
      if (j == 0) {
        tables.window[0] = key_below;
        tables.window[tables.history + 1] = key_above;
      }
    } else {
      std::uint32_t before = row, first = j;  // the first of the row's targets with this prefix
      while (before < first) {
        const std::uint32_t middle = before + (first - before) / 2;
        if (tables.targets[middle].prefix < prefix) {
          before = middle + 1;
        } else {
          first = middle;
        }
      }
      tables.row_of[Pass + 1][j] = first;
      if (first == j) next[prefix & (digits - 1)] = static_cast<std::uint16_t>(j);
    }
  }
};

//! Owner of the tables: for H = 1024 it takes 28 MiB, four times that for 4096.
class quantile_passes {
 public:
  //! @pre history <= 4096
  [[nodiscard]] cudaError_t allocate(std::uint32_t history) {
    history_ = history;
    cudaError_t error = cudaSuccess;
    for (int pass = 0; pass < 3; ++pass) {
      const std::size_t cells = (pass == 0 ? std::size_t{1} : history) << pass_bits(pass);
      if (error == cudaSuccess) error = counters_[pass].allocate(cells);
      if (error == cudaSuccess) error = counters_[pass].zero();
      if (error == cudaSuccess && pass < 2) error = rows_[pass].allocate(cells);
      if (error == cudaSuccess && pass > 0) error = row_of_[pass - 1].allocate(history);
    }
    if (error == cudaSuccess) error = targets_.allocate(history);
    return error;
  }

  //! Enqueues the passes: six launches, 24 bytes read an example. Writes `plan->known`, `retired`
  //! and `selective`, and the window where any loss is known.
  [[nodiscard]] cudaError_t run(const ledger_ref& ledger, plan_state* plan, loss_key* window,
                                unsigned blocks, cudaStream_t stream) const {
    quantile_view view;
    for (int pass = 0; pass < 3; ++pass) view.counters[pass] = counters_[pass].data();
    for (int pass = 0; pass < 2; ++pass) {
      view.rows[pass] = rows_[pass].data();
      view.row_of[pass + 1] = row_of_[pass].data();
    }
    view.targets = targets_.data();
    view.window = window;
    view.plan = plan;
    view.history = history_;
    cudaError_t error = one<0>(view, ledger, blocks, stream);
    if (error == cudaSuccess) error = one<1>(view, ledger, blocks, stream);
    if (error == cudaSuccess) error = one<2>(view, ledger, blocks, stream);
    return error;
  }

 private:
  template <int Pass>
  static cudaError_t one(const quantile_view& view, const ledger_ref& ledger, unsigned blocks,
                         cudaStream_t stream) {
    const cudaError_t error = launch(count_digits_kernel<Pass>{view, ledger}, blocks, stream);
    if (error != cudaSuccess) return error;
    return launch(descend_kernel<Pass>{view}, Pass == 0 ? 1u : view.history, stream);
  }

  device_buffer<std::uint64_t> counters_[3];
  device_buffer<std::uint16_t> rows_[2];
  device_buffer<std::uint32_t> row_of_[2];
  device_buffer<quantile_target> targets_;
  std::uint32_t history_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
