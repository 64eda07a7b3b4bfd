// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What training and selection cost, from numbers or from a clock.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/key/float_bits.hpp>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What one example costs, in seconds or any other unit. The defaults are in units of a forward
//! pass, and need no clock, so that runs of the same seed stay the same everywhere.
struct work_costs {
  double forward = 1;        //!< to forward it
  double backward = 2;       //!< to back-propagate it
  double selection = 0.001;  //!< to offer it to a selection, the ledger included

  double train() const { return forward + backward; }
};

//! Work executed, in examples.
struct epoch_work {
  std::uint64_t offered = 0;  //!< to a selection
  std::uint64_t trained = 0;  //!< forwarded and back-propagated
  std::uint64_t scored = 0;   //!< only forwarded: for a choice, or to renew a loss

  double cost(const work_costs& price, bool selective) const {
    return static_cast<double>(trained) * price.train() +
           static_cast<double>(scored) * price.forward +
           (selective ? static_cast<double>(offered) * price.selection : 0.0);
  }
};

//! Learns the costs from measured times. Whoever trains reads the clock, any clock: this only adds.
//! Only the ratio of what is measured counts, so a machine that is slow throughout changes nothing.
class cost_meter {
 public:
  //! @param prior          what is taken for granted until something is measured
  //! @throws invalid_argument unless all three are finite and not negative, and training costs
  //! something
  explicit cost_meter(const work_costs& prior = {}) : prior_(prior) {
    for (const double cost : {prior.forward, prior.backward, prior.selection}) check("prior", cost);
    if (!(prior.train() > 0)) {
      detail::fail<invalid_argument>("cost_meter: the prior's forward and backward are ",
                                     prior.forward, " and ", prior.backward,
                                     ", their sum must be above 0");
    }
  }

  //! So many examples were forwarded and back-propagated in so many seconds.
  //! @throws invalid_argument, here and below, for seconds that are negative or not finite
  void trained(std::uint64_t examples, double seconds) { train_.add(examples, seconds); }
  //! So many were only forwarded.
  void forwarded(std::uint64_t examples, double seconds) { forward_.add(examples, seconds); }
  //! Of so many it was decided whether to train them, observing included.
  void selected(std::uint64_t examples, double seconds) { select_.add(examples, seconds); }

  //! What an example costs by what was measured. What was not is in proportion to `prior`; before
  //! any training was, all is.
  work_costs costs() const {
    if (!train_.known()) return prior_;
    const double unit = train_.mean() / prior_.train();
    work_costs result{prior_.forward * unit, prior_.backward * unit, prior_.selection * unit};
    if (forward_.known() && forward_.mean() < train_.mean()) {
      result.forward = forward_.mean();
      result.backward = train_.mean() - forward_.mean();
    }
    if (select_.known()) result.selection = select_.mean();
    return result;
  }

 private:
  static void check(const char* what, double value) {
    const bool finite = detail::bit_cast<std::uint64_t>(value) >> 52 != 0x7ff;
    if (!finite || !detail::is_at_least_zero(value)) {
      detail::fail<invalid_argument>("cost_meter: ", what, " is ", value,
                                     ", it must be finite and not negative");
    }
  }

  struct sum {
    std::uint64_t examples = 0;
    double seconds = 0;

    void add(std::uint64_t n, double time) {
      check("a time in seconds", time);
      examples += n;
      seconds += time;
    }
    bool known() const { return examples != 0 && seconds > 0; }
    double mean() const { return seconds / static_cast<double>(examples); }
  };

  work_costs prior_;
  sum train_, forward_, select_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
