// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sieve on a device: the host's options, losses that stay where they are, one launch a
//! pick.
#pragma once

#include <gradsieve/gpu/sieve_plan.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Selects on the device, bit for bit as `gradsieve::sieve` with the same options does on the host.
//!
//! Each call returns an error as CUDA's own do, and `message()` says more. Calls only enqueue work
//! on the stream given: no synchronisation, no allocation, no copy; they can be captured into a
//! graph, whose replays go on with the next step by themselves. One pick at a time: calls on
//! different streams must be ordered by events. Pointers are the device's unless said otherwise.
//! `create`, `save`, `load`, `read_state` and `read_plan` wait for the device, and are refused
//! with cudaErrorStreamCaptureUnsupported for a stream that is being captured. Where the host has
//! no memory they return cudaErrorMemoryAllocation, as where the device has none.
//!
//! Of the host's options these have no meaning here and are refused: a `min_fill` below the history
//! (tables are compiled on the host), `min_batch`, scores, policies per group, a queue, and
//! `non_finite::raise`.
//! @tparam Selector  how a batch is drawn: `poisson_selector`, `exactly_k_selector`. The latter's
//! outputs hold min(k, n) always: static shapes, but for losses left out as NaN and for the steps
//! while everything is selected
template <selector Selector>
class basic_sieve : public detail::sieve_plan<Selector> {
 public:
  //! Makes the sieve on the current device; in case of an error this one is left as it was.
  //! @throws what the constructor of the host's sieve does on options that cannot be
  [[nodiscard]] cudaError_t create(const sieve_options& options, const device_options& device = {},
                                   const Selector& selector = Selector()) {
    basic_sieve fresh;
    const cudaError_t error =
        detail::with_host_memory([&] { return fresh.make(options, device, selector); });
    if (error == cudaSuccess) {
      *this = std::move(fresh);
    } else {
      message_ = fresh.message_;
    }
    return error;
  }

  //! Takes a batch's losses into the window and draws who is back-propagated: one launch, or three
  //! without look-back and for exactly k of more than 4096. O(n), and for exactly k O(n log H).
  //! @param losses     n losses: float, double, `float16_bits`, `bfloat16_bits`. Fastest when
  //!                   aligned to 16 bytes
  //! @param positions  room for n; positions in the batch, ascending
  //! @param count      how many they are
  template <loss_value T>
  [[nodiscard]] cudaError_t pick(const T* losses, std::size_t n, std::uint32_t* positions,
                                 std::uint32_t* count, cudaStream_t stream = nullptr,
                                 const pick_options& where = {}) {
    if (cudaError_t bad = check(losses, n, positions, count, where); bad != cudaSuccess) return bad;
    return launch_pick(losses, n, detail::positions_output{positions}, count, stream, where);
  }

  //! The same as a mask: bit i % 32 of word i / 32. Needs (n + 31) / 32 words.
  template <loss_value T>
  [[nodiscard]] cudaError_t pick_mask(const T* losses, std::size_t n, std::uint32_t* words,
                                      std::uint32_t* count, cudaStream_t stream = nullptr,
                                      const pick_options& where = {}) {
    if (cudaError_t bad = check(losses, n, words, count, where); bad != cudaSuccess) return bad;
    return launch_pick(losses, n, detail::mask_output{words}, count, stream, where);
  }

  //! The same as ids: those of the examples selected, out of the batch's `ids`, in its order. Draws
  //! are keyed as the options say. Also updates the ledger, if there is one, by three launches
  //! more; retired examples, and ids outside the ledger, are not selected.
  template <loss_value T>
  [[nodiscard]] cudaError_t pick_ids(const std::int64_t* ids, const T* losses, std::size_t n,
                                     std::int64_t* selected, std::uint32_t* count,
                                     cudaStream_t stream = nullptr,
                                     const pick_options& where = {}) {
    const bool by_id = this->ready() && this->options().keying == draw_by::id;
    if (cudaError_t bad = check(losses, n, selected, count, where, by_id); bad != cudaSuccess) {
      return bad;
    }
    if (n != 0 && !usable(ids)) return refuse("ids: null, or not aligned to 8 bytes");
    const detail::ids_output output{ids, selected};
    if (!examples_.has_ledger()) {
      return launch_ids(source_of(losses), n, ids, output, count, stream, where);
    }
    const device_ledger& ledger = examples_.ledger();
    sieve_state* state = state_.data();
    cudaError_t error =
        ledger.observe(state, ids, losses, n, visit_kind::pick, stream, keys_.data());
    if (error != cudaSuccess) return error;
    const detail::key_source source{keys_.data(), source_of(losses).replacement};
    error = launch_ids(source, n, ids, output, count, stream, where);
    if (error != cudaSuccess) return error;
    return ledger.select(selected, count, static_cast<std::uint32_t>(n), stream);
  }

 private:
  using base = detail::sieve_plan<Selector>;
  using base::refuse, base::usable, base::check, base::message_, base::source_of, base::blocks_for,
      base::state_, base::keys_, base::rule_, base::engine_, base::examples_, base::view_;

  template <class T, class Output>
  cudaError_t launch_pick(const T* losses, std::size_t n, const Output& output,
                          std::uint32_t* count, cudaStream_t stream, const pick_options& where) {
    return launch_by(source_of(losses), n, detail::position_draws{where.first_position}, output,
                     count, stream);
  }

  //! Draws are keyed as the options say.
  template <class Source>
  cudaError_t launch_ids(const Source& source, std::size_t n, const std::int64_t* ids,
                         const detail::ids_output& output, std::uint32_t* count,
                         cudaStream_t stream, const pick_options& where) {
    if constexpr (!requires { Selector::needs_batch; }) {
      if (this->options().keying == draw_by::id) {
        return launch_by(source, n, detail::id_draws{ids}, output, count, stream);
      }
    }
    return launch_by(source, n, detail::position_draws{where.first_position}, output, count,
                     stream);
  }

  template <class Source, class Draws, class Output>
  cudaError_t launch_by(const Source& source, std::size_t n, const Draws& draws,
                        const Output& output, std::uint32_t* count, cudaStream_t stream) {
    const detail::pick_call<Source> call{
        view_, rule_.view(), source, static_cast<std::uint32_t>(n), count, blocks_for(n), stream};
    return engine_.pick(call, draws, output);
  }
};

//! The device's sieve that most users meet: independent draws.
using sieve = basic_sieve<poisson_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
