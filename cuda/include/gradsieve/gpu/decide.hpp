// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Independent draws over a tile, exactly as the host does them.
#pragma once

#include <gradsieve/gpu/step.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Decides tiles of a batch. Each decision depends on the example's key, the window and its own
//! word alone.
//! @tparam Source  where keys come from, such as `loss_source`
//! @tparam Form    the form of rule that the policy was compiled to
//! @tparam Draws   what a decision's word is keyed by: `position_draws`, `id_draws`
template <class Source, class Form, class Draws>
struct decider {
  sieve_view sieve;
  Form form;
  Source source;
  Draws draws;
  std::uint32_t n = 0;

  std::size_t shared_bytes() const {
    shared_size size;
    step_memory::take(size, sieve.history);
    in_shared(form, sieve.history, shared_count{&size});
    return size.bytes;
  }

  __device__ step_work<Source> step(shared_memory& memory) const {
    return {sieve, source, n, step_memory::take(memory, sieve.history)};
  }

  //! Makes the window that decides, and brings the tables next to it.
  __device__ Form prepare(const step_work<Source>& step, shared_memory& memory) const {
    step.prepare();
    const Form rule = in_shared(form, sieve.history, shared_copy{&memory});
    __syncthreads();
    return rule;
  }

  //! Bit 4 quad + c: whether this thread's example c of the quad is selected.
  __device__ std::uint32_t decide(const step_work<Source>& step, const Form& rule,
                                  std::uint32_t tile) const {
    const window_view window = step.window();
    const draw_key key = step.key();
    const bool selective = step.mine.block->selective;
    std::uint32_t selected = 0, rejected = 0;
#pragma unroll at_once
    for (unsigned quad = 0; quad < tile_quads; ++quad) {
      const std::uint32_t first = tile * tile_size + quad_start(quad);
      loss_key keys[4];
      source.read(first, n, keys, rejected);
      selected |= decide_quad(keys, first, window, rule, key, selective) << (4 * quad);
    }
    step.reject(rejected);
    return selected;
  }

 private:
  //! Quads whose loads are in flight together. Forms with averaged ties search the window, and have
  //! no registers left for more than one.
  static constexpr unsigned at_once =
      std::is_same_v<Form, averaged_monotone_rule> || std::is_same_v<Form, averaged_general_rule>
          ? 1
          : tile_quads;

  //! Bit c: whether the example `first` + c is selected.
  __device__ std::uint32_t decide_quad(const loss_key (&keys)[4], std::uint32_t first,
                                       const window_view& window, const Form& rule,
                                       const draw_key& key, bool selective) const {
    std::uint32_t bits = 0;
    if (selective) {
      const philox_block words = draws.words(key, first, n);
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) {
        const auto tie = [&] { return draws.tie_word(key, first + c); };
        bits |= std::uint32_t{rule(window, keys[c], words.word[c], tie)} << c;
      }
    } else {
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) bits |= std::uint32_t{keys[c] != key_never} << c;
    }
    return bits;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
