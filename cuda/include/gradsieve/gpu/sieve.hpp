// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The sieve on a device: the host's options, losses that stay where they are, one launch a
//! pick.
#pragma once

#include <gradsieve/gpu/sieve_base.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Selects on the device, bit for bit as `gradsieve::sieve` with the same options does on the host.
//!
//! Each call returns an error as CUDA's own do, and `message()` says more. Calls only enqueue work
//! on the stream given: no synchronisation, no allocation, no copy; they can be captured into a
//! graph, whose replays go on with the next step by themselves. One pick at a time: calls on
//! different streams must be ordered by events. Pointers are the device's unless said otherwise.
//! `create`, `save` and `load` wait for the device.
//!
//! Of the host's options these have no meaning here and are refused: a `min_fill` below the history
//! (tables are compiled on the host), `min_batch`, scores, policies per group, a queue, and
//! `non_finite::raise`.
//! @tparam Selector  how a batch is drawn: `poisson_selector`, `exactly_k_selector`. The latter's
//! outputs hold min(k, n) always: static shapes, but for losses left out as NaN and for the steps
//! while everything is selected
template <selector Selector>
class basic_sieve : public detail::sieve_base<Selector> {
 public:
  using base = detail::sieve_base<Selector>;
  using base::ready;

  //! Makes the sieve on the current device. @throws what the constructor of the host's sieve does.
  [[nodiscard]] cudaError_t create(const sieve_options& options, const device_options& device = {},
                                   const Selector& selector = Selector()) {
    basic_sieve fresh;
    const cudaError_t error = fresh.make(options, device, selector);
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
    const bool by_id = ready() && this->options().keying == draw_by::id;
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

  //! @name The ledger
  //! What the host's calls of these names do. An id that does not exist is passed over and counted
  //! in `sieve_state::faults`. Two launches (two more for each further 2^23 examples), O(n).
  //! @{

  //! Records the losses of examples that were just trained on, and counts the work.
  template <loss_value T>
  [[nodiscard]] cudaError_t observe(const std::int64_t* ids, const T* losses, std::size_t n,
                                    cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::train, stream);
  }
  //! Records the losses of examples that were forwarded without gradient.
  template <loss_value T>
  [[nodiscard]] cudaError_t refresh(const std::int64_t* ids, const T* losses, std::size_t n,
                                    cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::refresh, stream);
  }
  //! Records losses and counts no work.
  template <loss_value T>
  [[nodiscard]] cudaError_t record(const std::int64_t* ids, const T* losses, std::size_t n,
                                   cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::record, stream);
  }
  //! For each id the epochs since its last visit, modulo 4096; `no_age` for one that does not
  //! exist. One launch. @param ages  room for n
  [[nodiscard]] cudaError_t ages(const std::int64_t* ids, std::size_t n, std::uint32_t* ages,
                                 cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(ages)) return refuse("ages: null, or not aligned to 4 bytes");
    return examples_.ledger().ages(state_.data(), ids, n, ages, stream);
  }
  //! Takes examples out for good. One launch.
  [[nodiscard]] cudaError_t retire(const std::int64_t* ids, std::size_t n,
                                   cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    return examples_.ledger().retire(state_.data(), ids, n, stream);
  }
  //! @}

  //! @name Plan before the batch
  //! @{

  //! Which examples to train in this epoch, as the host's `plan`: further calls for the epoch keep
  //! the plan. Begins the epoch. Eight launches, 32 bytes read an example; see `device_planner`.
  [[nodiscard]] cudaError_t plan(std::uint32_t epoch, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_plans(); bad != cudaSuccess) return bad;
    const sieve_options& with = this->options();
    const rule& compiled = host_->compiled();
    if (compiled.least_mass() == 0 && !with.refresh.revisits()) {
      return refuse("plan: the policy is 0 somewhere and `refresh` never revisits an example");
    }
    if (with.active.needs_total() && with.total_epochs == 0) {
      return refuse("plan: between{} needs total_epochs");
    }
    const draw_key draws{with.seed, epoch, purpose::plan, with.replica};
    const bool active = with.active({epoch, epoch, epoch, with.total_epochs});
    return examples_.planner().plan(examples_.ledger().ref(), rule_.view(), compiled.guarded_rank(),
                                    with.refresh, draws, active, state_.data(), stream);
  }

  //! The ids of a batch of the plan, in the random order of the host's `plan_view::batches`: those
  //! from place `first` on. One launch, O(n); with probabilities O(n log H).
  //! @param ids    room for n
  //! @param count  how many they are: n but for the last batch, 0 behind it
  //! @param probabilities  room for n, or null: with which each was to be trained
  [[nodiscard]] cudaError_t plan_batch(std::uint64_t first, std::size_t n, std::int64_t* ids,
                                       std::uint32_t* count, cudaStream_t stream = nullptr,
                                       float* probabilities = nullptr) {
    if (cudaError_t bad = check_plans(); bad != cudaSuccess) return bad;
    if (n > detail::most_examples) return refuse("plan_batch: n is above 4294963199");
    if (n != 0 && !usable(ids)) return refuse("ids: null, or not aligned to 8 bytes");
    if (!usable(count)) return refuse("count: null, or not aligned to 4 bytes");
    const draw_key order{this->options().seed, 0, purpose::order, this->options().replica};
    return examples_.planner().batch(rule_.view(), order, first, static_cast<std::uint32_t>(n), ids,
                                     count, probabilities, stream);
  }

  //! Where the plan lies in device memory: its ids in ascending order, its counters. Null pointers
  //! without plans.
  planned last_plan() const { return examples_.planner().view(); }

  //! A copy of the plan's counters, in host memory; waits for `stream`.
  [[nodiscard]] cudaError_t read_plan(plan_state& state, cudaStream_t stream = nullptr) const {
    if (!ready() || !examples_.has_plans()) return cudaErrorInvalidValue;
    if (cudaError_t error = cudaStreamSynchronize(stream); error != cudaSuccess) return error;
    return examples_.planner().read(state);
  }
  //! @}

  //! @name Weights
  //! @{

  //! The probability with which each example of the last pick was to be selected, as the host's to
  //! the bit; 1 while everything is. One launch, O(count log H).
  //! @param losses     the n losses of that pick
  //! @param positions  what it wrote; for a position of n or more the probability is 0
  //! @param count      how many they are, on the device
  //! @param out        room for as many, at most n
  template <loss_value T>
  [[nodiscard]] cudaError_t probabilities(const T* losses, std::size_t n,
                                          const std::uint32_t* positions,
                                          const std::uint32_t* count, float* out,
                                          cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(losses, n, out, count); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(positions)) return refuse("positions: null, or not aligned to 4 bytes");
    const auto source = source_of(losses);
    const auto inclusion = engine_.inclusion(rule_.view());
    const auto most = static_cast<std::uint32_t>(n);
    const detail::probability_kernel<std::remove_const_t<decltype(source)>,
                                     std::remove_const_t<decltype(inclusion)>>
        kernel{view_, source, inclusion, most, positions, count, out};
    return detail::launch(kernel, blocks_for(n), stream);
  }

  //! Weights of selected examples from their probabilities, normalised as the host's. `none` and
  //! `unbiased` are the host's to the bit; the others are sums in a fixed order, which is not the
  //! host's: each weight is within one unit in the last place of the host's for up to 2^28
  //! examples, and always the same, whatever the device. A probability that nothing selected can
  //! have had gets weight 0. One launch, or two where a sum is needed. O(count).
  //!
  //! `unbiased` is refused under a policy that is 0 somewhere, also while everything is selected.
  //! @param most  room in `out`, at least `*count` and at most max_batch
  [[nodiscard]] cudaError_t selection_weights(const float* probabilities,
                                              const std::uint32_t* count, std::size_t most,
                                              normalisation scale, float* out,
                                              const weight_options& options = {},
                                              cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(probabilities, most, out, count); bad != cudaSuccess) return bad;
    if (!gradsieve::detail::is_at_least_zero(options.cap)) {
      return refuse("weights: the cap must not be negative");
    }
    if (scale == normalisation::unbiased && host_->compiled().least_mass() == 0) {
      return refuse("weights: unbiased weights need a policy that is positive everywhere");
    }
    const auto room = static_cast<std::uint32_t>(most);
    const detail::weigh_kernel raw{sums(), factor(), probabilities, count,
                                   room,   scale,    options.cap,   out};
    cudaError_t error = detail::launch(raw, blocks_for(most), stream);
    if (error != cudaSuccess || !gradsieve::detail::is_scaled(scale)) return error;
    const detail::scale_kernel scaled{factor(), count, room, out};
    return detail::launch(scaled, blocks_for(most), stream);
  }

  //! A step in which nothing is dropped: one weight for each example, its probability over the
  //! batch's mean, as the host's `weights`, within one unit in the last place. Two launches,
  //! O(n log H).
  //! @param out  room for n
  template <loss_value T>
  [[nodiscard]] cudaError_t weights(const T* losses, std::size_t n, float* out,
                                    cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(losses, n, out); bad != cudaSuccess) return bad;
    const auto source = source_of(losses);
    using source_type = std::remove_const_t<decltype(source)>;
    const auto size = static_cast<std::uint32_t>(n);
    const detail::share_kernel<source_type> shares{view_,    source, rule_.view(), sums(),
                                                   factor(), size,   out};
    const cudaError_t error = detail::launch(shares, blocks_for(n), stream);
    if (error != cudaSuccess) return error;
    const detail::share_scale_kernel<source_type> scaled{source, factor(), size, out};
    return detail::launch(scaled, blocks_for(n), stream);
  }
  //! @}

 private:
  using base::refuse, base::usable, base::check, base::check_ledger, base::check_plans,
      base::message_, base::source_of, base::blocks_for, base::sums, base::factor, base::host_,
      base::state_, base::keys_, base::rule_, base::engine_, base::examples_, base::view_;

  template <class T>
  cudaError_t visit(const std::int64_t* ids, const T* losses, std::size_t n, visit_kind kind,
                    cudaStream_t stream) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(losses)) return refuse("losses: null, or not aligned to their type");
    return examples_.ledger().observe(state_.data(), ids, losses, n, kind, stream);
  }

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
