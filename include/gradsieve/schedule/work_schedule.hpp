// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Learning-rate schedules in work done, so that shorter epochs do not cut them off.
#pragma once

#include <gradsieve/key/float_bits.hpp>
#include <gradsieve/state/frame.hpp>

#include <array>
#include <cmath>
#include <concepts>

namespace gradsieve::inline GRADSIEVE_ABI {

// In each, `warm_up` is the share of the budget, in [0, 1), during which the factor rises from 0.

//! The factor is 1.
struct constant_rate {
  double warm_up = 0;
};
//! Falls from 1 to `end` along a line.
struct linear_decay {
  double warm_up = 0;
  double end = 0;  //!< factor when the budget is spent, in [0, 1]
};
//! Falls from 1 to `end` along half a period of a cosine.
//! Source: Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
struct cosine_decay {
  double warm_up = 0;
  double end = 0;  //!< factor when the budget is spent, in [0, 1]
};
//! Is multiplied by `factor` at each of these shares of the budget.
struct step_decay {
  double warm_up = 0;
  double factor = 0.1;                     //!< in [0, 1]
  std::array<double, 8> at = {0.5, 0.75};  //!< ascending, in (0, 1]; zeros at the end: none
};

namespace detail {

template <class T>
concept number = std::integral<T> || std::floating_point<T>;

}  // namespace detail

//! The factor of a learning rate as a function of the work done, in any unit (examples
//! back-propagated, say) that `done` and `total` share: never of a count of steps, which selection
//! changes. Closed data: trivially copyable, comparable.
//!
//!     const gradsieve::work_schedule decay = gradsieve::cosine_decay{.warm_up = 0.1};
//!     lr = base * decay(sieve.work().backwards, budget);
class work_schedule {
 public:
  // NOLINTBEGIN(google-explicit-constructor): the terms above are schedules
  //! @throws invalid_argument, in all four, for a member outside of its range.
  constexpr work_schedule(constant_rate term)
      : work_schedule(kind::constant, "constant_rate", term.warm_up, 1) {}
  constexpr work_schedule(linear_decay term)
      : work_schedule(kind::linear, "linear_decay", term.warm_up, term.end) {}
  constexpr work_schedule(cosine_decay term)
      : work_schedule(kind::cosine, "cosine_decay", term.warm_up, term.end) {}
  constexpr work_schedule(step_decay term)
      : work_schedule(kind::step, "step_decay", term.warm_up, term.factor) {
    at_ = term.at;
    double before = 0;
    bool ended = false;
    for (const double share : at_) {
      const bool none = detail::bit_cast<std::uint64_t>(share) == 0;
      if (!none && (ended || !detail::in_unit_interval(share) || share <= before)) {
        detail::fail<invalid_argument>("step_decay: at ", share, " after ", before,
                                       ", but the shares must ascend in (0, 1]");
      }
      ended = none;
      before = share;
    }
  }
  // NOLINTEND(google-explicit-constructor)

  //! The factor, in [0, 1], when `done` of `total` is done. Exact at the ends: with a warm-up 0 at
  //! `done` 0, without one 1; the term's end at `total`, and beyond it.
  //! @param done   an integer or a floating-point number
  //! @param total  the same, in the unit of `done`
  //! @throws invalid_argument unless done >= 0 and total > 0, both no NaN, and total is finite
  template <detail::number Work, detail::number Budget>
  double operator()(Work done, Budget total) const {
    return factor(static_cast<double>(done), static_cast<double>(total));
  }

  //! Tells two schedules apart in a saved state.
  std::uint64_t fingerprint() const {
    byte_writer out;
    out.put(what_);
    out.put(detail::bit_cast<std::uint64_t>(warm_up_));
    out.put(detail::bit_cast<std::uint64_t>(end_));
    for (const double share : at_) out.put(detail::bit_cast<std::uint64_t>(share));
    return detail::checksum(out.view());
  }

  friend constexpr bool operator==(const work_schedule&, const work_schedule&) = default;

 private:
  enum class kind : std::uint8_t { constant, linear, cosine, step };

  constexpr work_schedule(kind what, const char* name, double warm_up, double end)
      : what_(what), warm_up_(warm_up), end_(end) {
    if (!detail::in_unit_interval(warm_up) || warm_up >= 1) {
      detail::fail<invalid_argument>(name, ": warm_up is ", warm_up, ", not in [0, 1)");
    }
    if (!detail::in_unit_interval(end)) {
      detail::fail<invalid_argument>(name, what == kind::step ? ": factor is " : ": end is ", end,
                                     ", not in [0, 1]");
    }
  }

  double factor(double done, double total) const {
    if (!detail::is_at_least_zero(done)) {
      detail::fail<invalid_argument>("work_schedule: done is ", done, ", it must be at least 0");
    }
    // As bits, the positive finite numbers are those from 1 up to infinity's.
    constexpr auto infinity = std::uint64_t{0x7ff} << 52;
    if (detail::bit_cast<std::uint64_t>(total) - 1 >= infinity - 1) {
      detail::fail<invalid_argument>("work_schedule: total is ", total,
                                     ", it must be above 0 and finite");
    }
    const double share = done >= total ? 1 : done / total;
    return share < warm_up_ ? share / warm_up_ : after_warm_up(share);
  }

  double after_warm_up(double share) const {
    const double left = (1 - share) / (1 - warm_up_);  // of the decay: 1 at its start, 0 at its end
    switch (what_) {
      case kind::linear: return left + end_ * (1 - left);
      case kind::cosine: {
        const double sine = std::sin(1.5707963267948966 * left);  // its square is the half cosine
        return sine * sine + end_ * (1 - sine * sine);
      }
      case kind::step: {
        double product = 1;
        for (const double drop : at_) product *= drop > 0 && share >= drop ? end_ : 1;
        return product;
      }
      case kind::constant: break;
    }
    return 1;
  }

  kind what_;
  double warm_up_;
  double end_;                  // of a step decay: its factor
  std::array<double, 8> at_{};  // of a step decay
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
