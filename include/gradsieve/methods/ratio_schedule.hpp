// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ratio schedules: phases of low and high keep rates with a fixed budget together.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/selective_backprop.hpp>
#include <gradsieve/random/uniform.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! A keep rate that is `low` for `low_steps` steps, then `high` for `high_steps`, and so on. The
//! invariant: after t steps of n examples, floor(n (sum of the first t rates)) were selected in
//! all, so rounding never adds up, and after whole periods floor(n t mean). Integers, a pure
//! function of the step. Steps of changing size keep the invariant within one example a step.
class ratio_cycle {
 public:
  ratio_cycle() = default;
  //! A cycle with this mean: `high` follows. @throws invalid_argument unless 0 <= low <= mean <= 1,
  //! there are steps of both kinds, and a high rate of at most 1 reaches the mean.
  ratio_cycle(double mean, double low, std::uint32_t low_steps, std::uint32_t high_steps)
      : low_steps_(low_steps), high_steps_(high_steps) {
    if (!detail::in_unit_interval(mean) || !detail::in_unit_interval(low) || low > mean ||
        low_steps == 0 || high_steps == 0) {
      detail::fail<invalid_argument>("ratio_cycle: no cycle has mean ", mean, ", low ", low,
                                     " and steps ", low_steps, " and ", high_steps);
    }
    const double high =
        mean + (mean - low) * static_cast<double>(low_steps) / static_cast<double>(high_steps);
    if (!detail::in_unit_interval(high)) {
      detail::fail<invalid_argument>("ratio_cycle: a mean of ", mean, " needs a high rate of ",
                                     high, ", above 1");
    }
    low_ = to_mass(low, 0);
    high_ = to_mass(high, 1);
  }

  double low() const { return to_probability(low_); }
  double high() const { return to_probability(high_); }
  double mean() const { return to_probability(period()) / static_cast<double>(steps()); }

  std::size_t operator()(std::uint32_t step, std::size_t n) const {
    return total(std::uint64_t{step} + 1, n) - total(step, n);
  }
  //! How many of `t` steps of n examples each are selected in all. @pre t <= 2^32
  std::size_t total(std::uint64_t t, std::size_t n) const {
    const std::uint64_t whole = t / steps(), rest = t % steps();
    const std::uint64_t low = rest < low_steps_ ? rest : low_steps_;
    const std::uint64_t rates = whole * period() + low * low_ + (rest - low) * high_;
    const detail::product128 product = detail::multiply(rates, n);
    return std::size_t{(product.high << 32) | (product.low >> 32)};
  }

  void write(byte_writer& out) const {
    out.put(low_);
    out.put(high_);
    out.put(low_steps_);
    out.put(high_steps_);
  }
  void read(byte_reader& in) const {
    in.expect("a low rate (of 2^-32) of", low_);
    in.expect("a high rate (of 2^-32) of", high_);
    in.expect("low steps", low_steps_);
    in.expect("high steps", high_steps_);
  }

 private:
  std::uint64_t steps() const { return std::uint64_t{low_steps_} + high_steps_; }
  std::uint64_t period() const { return low_ * low_steps_ + high_ * high_steps_; }

  std::uint64_t low_ = full_mass / 2, high_ = full_mass / 2;
  std::uint32_t low_steps_ = 1, high_steps_ = 1;
};
static_assert(count_rule<ratio_cycle>);

//! Exactly as many of each batch as the cycle says, by Selective-Backprop's probabilities, or by
//! any selector of k: `make<top_k_selector>(run)`. Everything is trained in `decision.warm_up`
//! epochs and until the history is full, outside the budget. NaN is never selected; equal losses,
//! all of them too, systematically. Source: the paper's oscillating schedule of ratios.
//! Differences: the paper finds the length of its low phases by itself; here they are given.
struct ratio_schedule {
  double mean = 0.5, low = 0.3;  //!< keep rates
  std::uint32_t low_steps = 100, high_steps = 100;
  selective_backprop decision = {.beta = 1, .queued = false};

  static constexpr method_info info{.name = "ratio_schedule",
                                    .source = "Yang et al. (PODS) 2026, arXiv 2605.14773",
                                    .rule = "exactly k, of low and high phases, one budget",
                                    .weights = "-",
                                    .cost = "O(n log n + H)",
                                    .hooks = hook::pick,
                                    .example_bytes = 0};

  //! @throws invalid_argument as `ratio_cycle`.
  template <gradsieve::selector Selector = exactly_k_selector>
  basic_sieve<loss_window, counted<Selector, ratio_cycle>> make(const run_shape& run) const {
    const ratio_cycle cycle(mean, low, low_steps, high_steps);
    return {decision.options(run), loss_window(decision.history),
            counted<Selector, ratio_cycle>(cycle)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
