// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The numbers a report states: medians, hit rates, and speed-ups between complete runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "record.hpp"

namespace report {

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

//! Median, extremes and mean of the finite values; NaN where there is none.
struct spread {
  std::size_t count = 0;
  double median = not_a_number, minimum = not_a_number, maximum = not_a_number, mean = not_a_number;
};
[[nodiscard]] spread spread_of(std::vector<double> values);

//! Whether the final error is not a fraction in [0, 1].
[[nodiscard]] bool diverged(const record::run& run);
//! Final test error; a diverged run counts as 1, so that it is never hidden by being left out.
[[nodiscard]] double error_of(const record::run& run);

//! The complete runs of one method at one budget.
struct level {
  double budget = 0;   //!< seconds the runs were given; 0 when they were not limited by time
  double seconds = 0;  //!< seconds they took, median
  double forwards = 0, backwards = 0;  //!< median
  double nll = not_a_number;           //!< median
  spread error;
  std::vector<std::pair<std::uint64_t, double>> errors;  //!< seed and final error of every run
};

//! Method names in display order, the baseline first; methods with runs but no entry come last.
[[nodiscard]] std::vector<std::string> method_names(const record::experiment& experiment);
//! The levels of a method by increasing time. Runs without a positive, finite time are left out.
[[nodiscard]] std::vector<level> levels_of(const record::experiment& experiment,
                                           const std::string& method);

//! When a curve of mean error over time comes down to an error for good.
struct crossing {
  enum class where { inside, before_first, never } at = where::never;
  double seconds = not_a_number;  //!< the time; of the first or last level when outside
};
//! Interpolates linearly in log time. Where a curve crosses several times the last crossing counts.
//! @param curve (seconds, error), by increasing seconds
[[nodiscard]] crossing time_to(const std::vector<std::pair<double, double>>& curve, double error);

//! How much sooner a method has the mean error that the baseline has at one of its budgets.
struct speed_up {
  enum class outcome {
    measured,  //!< `factor` is interpolated between measured budgets
    at_least,  //!< the method's smallest budget already reaches the error
    none,      //!< the method needs as long or longer, or does not get there
    unknown    //!< runs are missing, end too early or begin too late to tell
  } kind = outcome::unknown;
  double factor = not_a_number;  //!< baseline seconds / method seconds
  double seconds =
      not_a_number;  //!< what the method needs; with `none`, NaN if it never gets there
  double baseline_seconds = not_a_number;
  double error = not_a_number;                        //!< the baseline's mean error there
  double lower = not_a_number, upper = not_a_number;  //!< 95 % over resampled seeds; NaN below two
  std::size_t seeds = 0;                              //!< seeds that both have

  //! A gain of which even the lower end of the interval, where there is one, is a gain.
  [[nodiscard]] bool clear() const;
};
//! A smaller factor would be printed as 1.0x and is no gain.
inline constexpr double smallest_gain = 1.05;

//! @param at which of the baseline's levels to compare at
[[nodiscard]] speed_up compare(const std::vector<level>& baseline, std::size_t at,
                               const std::vector<level>& method);

//! One row of the summary.
struct method_summary {
  std::string method;
  std::size_t runs = 0, seeds = 0, hits = 0,
              diverged = 0;  //!< hits: seeds with a run at the target
  //! Median over seeds of the cheapest complete run that reaches the target; infinite when half of
  //! them have none.
  double seconds_to_target = not_a_number, forwards_to_target = not_a_number,
         backwards_to_target = not_a_number;
  level last;                      //!< largest budget
  double overhead = not_a_number;  //!< selection's share of the training time of all runs
  speed_up gain;                   //!< at the baseline's largest budget
};

//! The error to reach: the given one, or the upper median of the baseline at its largest budget.
[[nodiscard]] double target_error(const record::experiment& experiment);
[[nodiscard]] std::vector<method_summary> summarise(const record::experiment& experiment);

}  // namespace report
