// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How the device's sieve draws exactly k.
#pragma once

#include <gradsieve/gpu/poisson.hpp>
#include <gradsieve/gpu/systematic.hpp>
#include <gradsieve/select/exactly_k.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

struct exactly_k_inclusion {
  rule_view rule;
  const systematic_draw* draw = nullptr;

  __device__ float operator()(const window_view& window, loss_key key) const {
    const bool must = key == key_always, crowded = draw->crowded;
    if (key == key_never || (crowded && !must)) return 0.0f;
    const std::uint64_t mass =
        !must ? rule.mass_of(window, key) : (crowded ? std::uint64_t{1} : certain_mass);
    return static_cast<float>(draw->shares.inclusion(mass));
  }
};

//! One launch for a batch of one tile, else three; 2 bytes for each example, 16 for each tile and
//! 12 for each rank of the window.
template <>
class engine<exactly_k_selector> {
 public:
  cudaError_t reserve(const exactly_k_selector& selector, const rule_view& rule,
                      std::size_t max_batch, bool) {
    k_ = selector.k;
    const std::uint32_t tiles = tiles_of(max_batch), classes = mass_classes{rule}.size();
    cudaError_t error = classes_.allocate(std::size_t{tiles} * tile_size);
    if (error == cudaSuccess) error = examples_.allocate(classes);
    if (error == cudaSuccess) error = examples_.zero();
    if (error == cudaSuccess) error = masses_.allocate(classes);
    if (error == cudaSuccess) error = tile_masses_.allocate(tiles);
    if (error == cudaSuccess) error = tile_examples_.allocate(tiles);
    if (error == cudaSuccess) error = draw_.allocate(1);
    // Kernels hand it on whole: the bytes between its members must have been written, too.
    if (error == cudaSuccess) error = draw_.zero();
    return error;
  }

  static std::size_t shared_bytes(const sieve_view& sieve, const rule_view& rule) {
    tile_draw_kernel<loss_source<float>, positions_output> kernel{};
    kernel.classify.sieve = sieve;
    kernel.classify.classes = {rule};
    return kernel.shared_bytes();
  }

  //! By position, whatever the first: the host's draws are the step's alone, too.
  template <class Source, class Output>
  cudaError_t pick(const pick_call<Source>& call, const position_draws&,
                   const Output& output) const {
    const systematic_work work{classes_.data(),     examples_.data(),      masses_.data(),
                               tile_masses_.data(), tile_examples_.data(), draw_.data()};
    const classify_kernel<Source> first{call.sieve, call.source, {call.rule}, work,
                                        k_,         call.n,      call.count};
    const measure_kernel second{work, call.n, &call.sieve.state->arrived};
    const draw_kernel<Output> third{work, output, call.n};
    if (tiles_of(call.n) == 1) {
      const tile_draw_kernel<Source, Output> all{first, second, third};
      return launch(all, 1, call.stream);
    }
    cudaError_t error = launch(first, call.blocks, call.stream);
    if (error == cudaSuccess) error = launch(second, call.blocks, call.stream);
    if (error == cudaSuccess) error = launch(third, call.blocks, call.stream);
    return error;
  }

  exactly_k_inclusion inclusion(const rule_view& rule) const { return {rule, draw_.data()}; }

 private:
  std::uint64_t k_ = 0;
  device_buffer<std::uint16_t> classes_;
  device_buffer<std::uint32_t> examples_;
  device_buffer<std::uint64_t> masses_, tile_masses_, tile_examples_;
  device_buffer<systematic_draw> draw_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
