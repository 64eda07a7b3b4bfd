// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Learning rates that follow the work done, not a count of steps that selection changes.
#pragma once

#include <gradsieve/libtorch/errors.hpp>
#include <gradsieve/schedule/work_schedule.hpp>

#include <torch/optim/schedulers/lr_scheduler.h>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! One of the library's schedules over an optimiser's learning rates, of each parameter group its
//! own. Make it from a fresh optimiser, load a saved one afterwards: what rates start from is what
//! they are now.
//!
//!     gradsieve::libtorch::work_rate rate(optimizer, gradsieve::cosine_decay{.warm_up = 0.1},
//!                                         budget);
//!     rate.step(done += batch.ids.size(0));  // before optimizer.step(): a warm-up starts from 0
class work_rate : public torch::optim::LRScheduler {
 public:
  //! @param optimizer  must outlive this
  //! @param total      work until the schedule ends, in any unit, such as examples back-propagated:
  //!                   `epoch_lengths(sieve, epochs).total()`
  //! @throws c10::ValueError unless total > 0 and finite
  work_rate(torch::optim::Optimizer& optimizer, const work_schedule& decay, double total)
      : LRScheduler(optimizer), decay_(decay), total_(total), base_(get_current_lrs()) {
    detail::translated([&] { return decay_(0.0, total_); });
  }

  //! Sets the rates for `done` of the total. @throws c10::ValueError for a negative or NaN one
  void step(double done) {
    factor_ = detail::translated([&] { return decay_(done, total_); });
    LRScheduler::step();
  }

  double factor() const { return factor_; }  //!< of the last step; 1 before

 private:
  std::vector<double> get_lrs() override {
    std::vector<double> rates = base_;
    for (double& rate : rates) rate *= factor_;
    return rates;
  }

  work_schedule decay_;
  double total_;
  double factor_ = 1;
  std::vector<double> base_;
};

//! Any of torch's schedulers (or whatever has `step()`) paced by work: made for `steps` steps, it
//! is stepped as often as the share of the work done demands, however many batches that takes.
//!
//!     torch::optim::StepLR decay(optimizer, 30);         // counts epochs, of which there are 90
//!     gradsieve::libtorch::paced rate(decay, 90, budget);
//!     rate.step(done += batch.ids.size(0));
template <class Scheduler>
class paced {
 public:
  //! @param scheduler  must outlive this, and no one else may step it
  //! @param steps      how often the scheduler expects to be stepped, above 0
  //! @param total      the work that this stands for, above 0 and finite
  paced(Scheduler& scheduler, std::uint64_t steps, double total)
      : scheduler_(&scheduler), steps_(steps), total_(total) {
    if (steps == 0) detail::refuse<c10::ValueError>("paced: over 0 steps");
    if (!(total > 0) || !std::isfinite(total)) {
      detail::refuse<c10::ValueError>("paced: total is ", total, ", it must be above 0 and finite");
    }
  }

  //! Steps the scheduler up to `done`; not beyond its last step, and never back. To resume, call it
  //! once with the work done before. @throws c10::ValueError for a negative or NaN one
  void step(double done) {
    if (!(done >= 0)) {
      detail::refuse<c10::ValueError>("paced: done is ", done, ", it must be at least 0");
    }
    const double share = (std::min)(done / total_, 1.0);
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(steps_));
    for (; taken_ < wanted; ++taken_) scheduler_->step();
  }

  std::uint64_t taken() const { return taken_; }  //!< steps so far

 private:
  Scheduler* scheduler_;
  std::uint64_t steps_, taken_ = 0;
  double total_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
