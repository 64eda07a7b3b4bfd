// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A plan that outlives the sieve's next one, for loaders that work ahead.
#pragma once

#include <gradsieve/sieve/plan.hpp>

#include <memory>

namespace gradsieve::inline GRADSIEVE_ABI {

//! `plan_batches` that keep their plan alive. One thread at a time, since all batches share a
//! buffer; other threads ask the plan for batches of their own.
class shared_batches : public plan_batches {
 public:
  shared_batches(std::shared_ptr<const void> plan, const plan_batches& batches)
      : plan_batches(batches), plan_(std::move(plan)) {}

 private:
  std::shared_ptr<const void> plan_;
};

//! A copy of a plan that nothing changes: a handle, cheap to copy, for any number of threads. Valid
//! while the sieve plans on; `view().probability(id)` and `mass` alone look into the sieve's tables
//! and groups, so they need the sieve alive, not loaded anew and its groups not assigned anew.
class shared_plan {
 public:
  //! O(examples planned): 12 bytes each.
  explicit shared_plan(const plan_view& plan) : copy_(std::make_shared<const contents>(plan)) {}

  std::uint32_t epoch() const { return view().epoch(); }
  std::size_t size() const { return view().size(); }  //!< ids to train

  //! The batches, shuffled, as `plan_view::batches`; they may outlive this handle.
  shared_batches batches(std::size_t batch_size, last_batch last = last_batch::partial,
                         std::size_t first_batch = 0) const {
    return {copy_, view().batches(batch_size, last, first_batch)};
  }

  //! All else that a plan tells; valid while this handle or a copy of it lives.
  const plan_view& view() const& { return copy_->view; }
  const plan_view& view() const&& = delete;

 private:
  struct contents {
    explicit contents(const plan_view& plan)
        : state(*plan.state_),
          slots(plan.window_.slots, plan.window_.slots + plan.window_.size + 2),
          view(state, {slots.data(), plan.window_.size}, plan.rule_, plan.groups_) {}
    contents(const contents&) = delete;
    contents& operator=(const contents&) = delete;

    detail::plan_state state;
    std::vector<loss_key> slots;  // the losses that probabilities are told against, and sentinels
    plan_view view;               // of the two above
  };

  std::shared_ptr<const contents> copy_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
