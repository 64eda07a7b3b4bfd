// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plans of a sieve on a device.
#pragma once

#include <gradsieve/gpu/sieve_ledger.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The calls of `basic_sieve` that plan epochs, and hand out what is planned.
template <selector Selector>
class sieve_plan : public sieve_ledger<Selector> {
 public:
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
  [[nodiscard]] cudaError_t read_plan(plan_state& state, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_plans(); bad != cudaSuccess) return bad;
    if (cudaError_t bad = base::wait_for(stream); bad != cudaSuccess) return bad;
    return examples_.planner().read(state);
  }
  //! @}

 protected:
  using base = sieve_ledger<Selector>;
  using base::refuse, base::usable, base::check_plans, base::host_, base::state_, base::rule_,
      base::examples_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
