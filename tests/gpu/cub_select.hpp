// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The decisions of a sieve, compacted by CUB: an oracle, and the rival to beat.
#pragma once

#include <gradsieve/gpu/sieve.hpp>

#include "gpu/device_array.hpp"

#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <cub/device/device_select.cuh>

namespace cub_select {

namespace gs = gradsieve;

inline constexpr std::uint32_t sentinel = ~0u;

//! i if example i is selected, else the sentinel: in this form CUB's loads are coalesced, where a
//! predicate over positions would be called in blocked order.
struct position_or_sentinel {
  const float* losses;
  gs::gpu::sieve_view sieve;
  gs::monotone_rule rule;
  std::uint64_t step;

  __device__ std::uint32_t operator()(std::uint32_t i) const {
    const gs::window_view window{sieve.window(sieve.state->current), sieve.history};
    const gs::loss_key found = gs::to_key(losses[i]);
    const gs::loss_key key = gs::is_finite(found) ? found : gs::key_never;
    return rule(window, key, gs::draw(sieve.key(step), i)) ? i : sentinel;
  }
};
struct is_selected {
  __device__ bool operator()(std::uint32_t position) const { return position != sentinel; }
};

//! CUB's temporary memory for batches of n.
struct workspace {
  explicit workspace(std::size_t n) {
    const thrust::counting_iterator<std::uint32_t> all(0);
    const auto candidates = thrust::make_transform_iterator(all, position_or_sentinel{});
    device::check(cub::DeviceSelect::If(
        nullptr, bytes, candidates, static_cast<std::uint32_t*>(nullptr),
        static_cast<std::uint32_t*>(nullptr), static_cast<std::int64_t>(n), is_selected{}));
    device::check(memory.allocate(bytes));
  }
  std::size_t bytes = 0;
  gs::gpu::device_buffer<unsigned char> memory;
};

//! Selects as the sieve's monotone rule did at `step`, against its newest window.
inline void select(workspace& work, const float* losses, std::size_t n, const gs::gpu::sieve& sieve,
                   std::uint64_t step, std::uint32_t* positions, std::uint32_t* count,
                   cudaStream_t stream = nullptr) {
  const thrust::counting_iterator<std::uint32_t> all(0);
  const position_or_sentinel decide{losses, sieve.view(), sieve.compiled().monotone, step};
  device::check(cub::DeviceSelect::If(work.memory.data(), work.bytes,
                                      thrust::make_transform_iterator(all, decide), positions,
                                      count, static_cast<std::int64_t>(n), is_selected{}, stream));
}

}  // namespace cub_select
