// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plans an epoch on the device: owner of a plan's memory, and the launches that fill it.
#pragma once

#include <gradsieve/gpu/plan.hpp>
#include <gradsieve/gpu/quantiles.hpp>
#include <gradsieve/gpu/twin.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Plans as the host's sieve does: the same ids in the same order, decided by the same quantiles.
//! Takes 20 bytes an example, and the tables of the quantiles.
class device_planner {
 public:
  //! @param segment  how many examples one launch decides; a multiple of 4
  [[nodiscard]] cudaError_t allocate(std::uint64_t examples, std::uint32_t history,
                                     std::uint32_t blocks,
                                     std::uint32_t segment = std::uint32_t{1} << 31) {
    history_ = history;
    blocks_ = blocks;
    segment_ = segment;
    const std::uint64_t most = examples < segment ? examples : segment;
    cudaError_t error = state_.allocate(1);
    if (error == cudaSuccess) error = passes_.allocate(history);
    if (error == cudaSuccess) error = window_.allocate(history + 2);
    if (error == cudaSuccess) error = train_.allocate(examples);
    if (error == cudaSuccess) error = keys_.allocate(examples);
    if (error == cudaSuccess) error = refresh_.allocate(examples);
    if (error == cudaSuccess) error = tiles_.allocate(2 * std::size_t{detail::tiles_of(most)});
    if (error == cudaSuccess) error = tiles_.zero();
    const plan_state none;
    if (error == cudaSuccess) error = state_.write(&none, 1);
    return error;
  }

  //! The most shared memory that a block of a plan asks for.
  static std::size_t shared_bytes(const rule_view& rule) {
    return rule.visit([&](const auto& form) {
      detail::plan_kernel<std::remove_cvref_t<decltype(form)>> kernel{};
      kernel.form = form;
      kernel.terms.history = rule.size;
      return kernel.shared_bytes();
    });
  }

  bool empty() const { return state_.size() == 0; }
  std::uint64_t examples() const { return train_.size(); }
  //! What the last plan is; valid in the order of the stream.
  planned view() const {
    return {train_.data(), keys_.data(), refresh_.data(), window_.data(), state_.data()};
  }

  //! Begins `state`'s epoch, and plans it unless that plan is already here. Eight launches (one
  //! more for each further 2^31 examples), two when selection is off; none of them waits for the
  //! host. Reads 32 bytes an example, 8 when selection is off.
  //! @param draws   of purpose `plan`; the step is the epoch
  //! @param active  whether selection is on in this epoch
  //! @param rule    in device memory, of this planner's history
  [[nodiscard]] cudaError_t plan(const detail::ledger_ref& ledger, const rule_view& rule,
                                 std::uint32_t guarded_rank, const staleness& refresh,
                                 const draw_key& draws, bool active, sieve_state* state,
                                 cudaStream_t stream) const {
    cudaError_t error =
        detail::launch(detail::begin_plan_kernel{state_.data(), state, draws.step}, 1, stream);
    if (error == cudaSuccess && active) {
      error =
          passes_.run(ledger, state_.data(), window_.data(), blocks_for(ledger.examples), stream);
    }
    if (error != cudaSuccess) return error;
    const detail::plan_terms terms{draws, refresh, history_, guarded_rank};
    return rule.visit([&](const auto& form) { return decide(ledger, terms, form, state, stream); });
  }

  //! Writes the plan's ids of the places `from` … `from + n - 1` of its random order: those of
  //! `plan_view::batches`. One launch.
  //! @param rule   that of the plan
  //! @param order  of purpose `order`.  @param ids  room for n.  @param count  how many they are
  //! @param probabilities  room for n, or null: with which each was to be trained
  [[nodiscard]] cudaError_t batch(const rule_view& rule, const draw_key& order, std::uint64_t from,
                                  std::uint32_t n, std::int64_t* ids, std::uint32_t* count,
                                  float* probabilities, cudaStream_t stream) const {
    const detail::plan_batch_kernel kernel{view(), rule, order, from, n, ids, count, probabilities};
    return detail::launch(kernel, n == 0 ? 1u : detail::ledger_blocks(n), stream);
  }

  //! @name Copies; done when the call returns
  //! @{
  [[nodiscard]] cudaError_t read(plan_state& state) const { return state_.read(&state, 1); }
  [[nodiscard]] cudaError_t read(detail::plan_copy& plan) const {
    if (cudaError_t error = read(plan.state); error != cudaSuccess) return error;
    plan.train.resize(plan.state.train);
    plan.keys.resize(plan.state.train);
    plan.refresh.resize(plan.state.refresh);
    plan.quantiles.resize(plan.state.selective != 0 ? history_ : 0);
    cudaError_t error = train_.read(plan.train.data(), plan.train.size());
    if (error == cudaSuccess) error = keys_.read(plan.keys.data(), plan.keys.size());
    if (error == cudaSuccess) error = refresh_.read(plan.refresh.data(), plan.refresh.size());
    if (error != cudaSuccess || plan.quantiles.empty()) return error;
    gradsieve::detail::buffer<loss_key> slots(history_ + 2);
    error = window_.read(slots.data(), slots.size());
    plan.quantiles.assign(slots.data() + 1, history_);
    return error;
  }
  [[nodiscard]] cudaError_t write(const detail::plan_copy& plan) {
    gradsieve::detail::buffer<loss_key> slots(history_ + 2, key_above);
    slots[0] = key_below;
    for (std::size_t j = 0; j < plan.quantiles.size(); ++j) slots[j + 1] = plan.quantiles[j];
    // The words of the tiles keep their tags: they must not be taken for those of a next launch.
    plan_state state;
    cudaError_t error = read(state);
    const std::uint32_t launches = state.launches;
    state = plan.state;
    state.launches = launches;
    if (error == cudaSuccess) error = window_.write(slots.data(), slots.size());
    if (error == cudaSuccess) error = train_.write(plan.train.data(), plan.train.size());
    if (error == cudaSuccess) error = keys_.write(plan.keys.data(), plan.keys.size());
    if (error == cudaSuccess) error = refresh_.write(plan.refresh.data(), plan.refresh.size());
    return error == cudaSuccess ? state_.write(&state, 1) : error;
  }
  //! @}

 private:
  template <class Form>
  cudaError_t decide(const detail::ledger_ref& ledger, const detail::plan_terms& terms,
                     const Form& form, sieve_state* state, cudaStream_t stream) const {
    const std::size_t half = tiles_.size() / 2;
    for (std::uint64_t first = 0; first < ledger.examples; first += segment_) {
      const std::uint64_t left = ledger.examples - first;
      const bool last = left <= segment_;
      const auto n = static_cast<std::uint32_t>(last ? left : segment_);
      const detail::plan_kernel<Form> kernel{ledger.words + first,
                                             ledger.examples,
                                             terms,
                                             form,
                                             view(),
                                             state,
                                             {tiles_.data(), tiles_.data() + half},
                                             first,
                                             n,
                                             last};
      const std::uint32_t tiles = detail::tiles_of(n);
      const cudaError_t error = detail::launch(kernel, tiles < blocks_ ? tiles : blocks_, stream);
      if (error != cudaSuccess) return error;
    }
    return cudaSuccess;
  }

  unsigned blocks_for(std::uint64_t examples) const {
    const std::uint64_t wanted =
        (examples + 4 * detail::quantile_threads - 1) / (4 * detail::quantile_threads);
    return wanted < blocks_ ? static_cast<unsigned>(wanted) : blocks_;
  }

  detail::quantile_passes passes_;
  device_buffer<plan_state> state_;
  device_buffer<loss_key> keys_, window_;
  device_buffer<std::int64_t> train_, refresh_;
  device_buffer<std::uint64_t> tiles_;
  std::uint32_t history_ = 0, blocks_ = 1, segment_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
