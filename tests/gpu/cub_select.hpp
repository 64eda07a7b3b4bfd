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

struct position_of {
  using type = std::uint32_t;
  __device__ type operator()(std::uint32_t i) const { return i; }
};
struct id_of {
  using type = std::int64_t;
  const std::int64_t* ids = nullptr;
  __device__ type operator()(std::uint32_t i) const { return ids[i]; }
};

//! What stands for example i if it is selected, else -1: in this form CUB's loads are coalesced,
//! where a predicate over positions would be called in blocked order.
template <class T, class Value>
struct value_or_sentinel {
  const T* losses = nullptr;
  gs::gpu::sieve_view sieve;
  gs::monotone_rule rule;
  std::uint64_t step = 0;
  Value value;

  __device__ typename Value::type operator()(std::uint32_t i) const {
    const gs::window_view window{sieve.window(sieve.state->current), sieve.history};
    const gs::loss_key found = gs::to_key(losses[i]);
    const gs::loss_key key = gs::is_finite(found) ? found : gs::key_never;
    return rule(window, key, gs::draw(sieve.key(step), i)) ? value(i) : typename Value::type(-1);
  }
};
struct is_selected {
  template <class Value>
  __device__ bool operator()(Value value) const {
    return value != Value(-1);
  }
};

//! Selects as the sieve's monotone rule did at `step`, against its newest window.
template <class T, class Value = position_of>
class selection {
 public:
  selection(const T* losses, std::size_t n, const gs::gpu::sieve& sieve, std::uint64_t step,
            Value value = {})
      : candidates_(thrust::counting_iterator<std::uint32_t>(0),
                    {losses, sieve.view(), sieve.compiled().monotone, step, value}),
        n_(static_cast<std::int64_t>(n)) {
    run(nullptr, nullptr, nullptr);
    device::check(memory_.allocate(bytes_));
  }

  auto candidates() const { return candidates_; }
  void operator()(typename Value::type* selected, std::uint32_t* count,
                  cudaStream_t stream = nullptr) {
    run(selected, count, stream);
  }

 private:
  void run(typename Value::type* selected, std::uint32_t* count, cudaStream_t stream) {
    device::check(cub::DeviceSelect::If(memory_.data(), bytes_, candidates_, selected, count, n_,
                                        is_selected{}, stream));
  }

  thrust::transform_iterator<value_or_sentinel<T, Value>, thrust::counting_iterator<std::uint32_t>>
      candidates_;
  std::int64_t n_;
  std::size_t bytes_ = 0;
  gs::gpu::device_buffer<unsigned char> memory_;
};

}  // namespace cub_select
