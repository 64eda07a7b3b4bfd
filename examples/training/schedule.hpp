// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The work budget: what has been computed decides the learning rate and the end, no clock
//! does.
#pragma once

#include <cstdint>

namespace training {

//! What computing costs, measured once before the runs (calibrate.hpp) and recorded with them.
struct prices {
  double train_seconds = 0;  //!< of one example forwarded, back-propagated and applied
  double forward_share =
      1.0 / 3;  //!< a forward pass as a share of that; 1/3: backward is twice forward
};

//! Adds up executed work, in units of one trained example.
class work_meter {
 public:
  //! @param budget in units of one trained example, above 0
  work_meter(double budget, double forward_share)
      : budget_(budget), forward_share_(forward_share) {}

  void add_forwards(std::size_t examples) { forwards_ += examples; }
  void add_backwards(std::size_t examples) { backwards_ += examples; }

  double done() const {
    return static_cast<double>(forwards_) * forward_share_ +
           static_cast<double>(backwards_) * (1 - forward_share_);
  }
  //! From 0 to 1, then 1.
  double progress() const { return finished() ? 1.0 : done() / budget_; }
  bool finished() const { return done() >= budget_ * (1 - 1e-12); }
  std::uint64_t forwards() const { return forwards_; }
  std::uint64_t backwards() const { return backwards_; }

 private:
  double budget_, forward_share_;
  std::uint64_t forwards_ = 0, backwards_ = 0;
};

}  // namespace training
