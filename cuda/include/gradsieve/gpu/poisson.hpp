// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How the device's sieve draws independently.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/draws.hpp>
#include <gradsieve/gpu/launch.hpp>
#include <gradsieve/gpu/pick.hpp>
#include <gradsieve/gpu/two_pass.hpp>
#include <gradsieve/select/poisson.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! What one pick is about, whatever the selector.
template <class Source>
struct pick_call {
  sieve_view sieve;
  rule_view rule;
  Source source;
  std::uint32_t n = 0;
  std::uint32_t* count = nullptr;
  std::uint32_t blocks = 1;  // at most as many as there are tiles
  cudaStream_t stream = nullptr;
};

//! The kernels of a selector and the device memory they need: the place to add one's own.
//! * `reserve(selector, rule, max_batch, look_back)` allocates;
//! * `shared_bytes(sieve, rule)` is the most shared memory that a block of it asks for, whatever
//! the
//!   losses, draws and outputs;
//! * `pick(call, draws, output)` enqueues;
//! * `inclusion(rule)` is a function object `float(window, key)` for the batch last drawn.
template <class Selector>
class engine {
  static_assert(sizeof(Selector) == 0, "gradsieve: there are no kernels for this selector");
};

struct poisson_inclusion {
  rule_view rule;
  __device__ float operator()(const window_view& window, loss_key key) const {
    return static_cast<float>(to_probability(rule.mass_of(window, key)));
  }
};

template <>
class engine<poisson_selector> {
 public:
  cudaError_t reserve(const poisson_selector&, const rule_view&, std::size_t max_batch,
                      bool look_back) {
    look_back_ = look_back;
    if (look_back) return cudaSuccess;
    const std::uint32_t tiles = tiles_of(max_batch);
    const cudaError_t error = mask_.allocate(std::size_t{tiles} * (tile_size / 32));
    return error == cudaSuccess ? counts_.allocate(tiles) : error;
  }

  static std::size_t shared_bytes(const sieve_view& sieve, const rule_view& rule) {
    return rule.visit([&](const auto& form) {
      using form_type = std::remove_cvref_t<decltype(form)>;
      pick_kernel<decider<loss_source<float>, form_type, position_draws>, positions_output>
          kernel{};
      kernel.decider.sieve = sieve;
      kernel.decider.form = form;
      return kernel.shared_bytes();
    });
  }

  //! Launches the kernels of the policy's form of rule: one, or three without look-back.
  template <class Source, class Draws, class Output>
  cudaError_t pick(const pick_call<Source>& call, const Draws& draws, const Output& output) const {
    return call.rule.visit([&](const auto& form) {
      using form_type = std::remove_cvref_t<decltype(form)>;
      using decider_type = decider<Source, form_type, Draws>;
      const decider_type decide{call.sieve, form, call.source, draws, call.n};
      if (!look_back_) return two_passes(call, decide, output);
      const pick_kernel<decider_type, Output> kernel{decide, output, call.count};
      return launch(kernel, call.blocks, call.stream);
    });
  }

  poisson_inclusion inclusion(const rule_view& rule) const { return {rule}; }

 private:
  template <class Source, class Decider, class Output>
  cudaError_t two_passes(const pick_call<Source>& call, const Decider& decide,
                         const Output& output) const {
    const tile_decisions decisions{mask_.data(), counts_.data()};
    const decide_kernel<Decider> first{decide, decisions};
    const count_kernel<Source> middle{call.sieve, call.source, call.n, decisions.counts,
                                      call.count};
    const expand_kernel<Output> second{decisions, output, call.n};
    cudaError_t error = launch(first, call.blocks, call.stream);
    if (error == cudaSuccess) error = launch(middle, 1, call.stream);
    if (error == cudaSuccess) error = launch(second, call.blocks, call.stream);
    return error;
  }

  device_buffer<std::uint32_t> mask_, counts_;
  bool look_back_ = true;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
