// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Several quantiles of a stream of losses in constant memory, by the P² algorithm.
#pragma once

#include <gradsieve/boost/accumulator_state.hpp>

#include <boost/accumulators/framework/accumulator_set.hpp>
#include <boost/accumulators/statistics/count.hpp>
#include <boost/accumulators/statistics/extended_p_square.hpp>
#include <boost/accumulators/statistics/stats.hpp>

#include <algorithm>
#include <array>

namespace gradsieve::inline GRADSIEVE_ABI::statistics {

//! Estimates the quantiles of given probabilities from a marker for each and one between each two,
//! which every loss moves. Exact up to 2 size() + 3 losses. Never forgets: a sketch of losses that
//! drift shows the mixture of all. Two sketches cannot be merged.
//!
//! Floating-point throughout, so its last bits may differ between compilers and flags.
//! Source: K. Raatikainen, Simultaneous estimation of several quantiles, Simulation 49(4), 1987;
//! the implementation is Boost.Accumulators' `extended_p_square`.
class p_square_sketch {
 public:
  //! @param probabilities  at least one, ascending, in (0, 1)
  //! @throws invalid_argument otherwise, naming the first that is wrong
  explicit p_square_sketch(const std::vector<double>& probabilities)
      : set_(boost::accumulators::extended_p_square_probabilities = checked(probabilities)),
        probabilities_(probabilities) {}

  std::size_t size() const { return probabilities_.size(); }                //!< quantiles estimated
  std::uint64_t count() const { return boost::accumulators::count(set_); }  //!< losses so far
  //! Losses it starts from; with fewer it holds them all.
  std::size_t start() const { return 2 * size() + 3; }

  //! Takes a loss. O(size()). @pre `loss` is finite
  void push(double loss) { set_(loss); }

  //! Calls `visit(double)` with each estimate, ascending. @pre count() >= start()
  template <class Visit>
  void for_each_estimate(Visit visit) const {
    for (const double estimate : boost::accumulators::extended_p_square(set_)) visit(estimate);
  }

  //! The quantile of probability q: estimated, linear between those kept; while there are fewer
  //! losses than start(), the one of rank floor(q * count()).
  //! @throws invalid_argument without a loss, for a q outside (0, 1), and for one below the least
  //! or above the greatest probability kept
  double quantile(double q) const {
    if (!detail::in_unit_interval(q) || q <= 0 || q >= 1) {
      detail::fail<invalid_argument>("quantile: q is ", q, ", not in (0, 1)");
    }
    if (q < probabilities_.front() || q > probabilities_.back()) {
      detail::fail<invalid_argument>("quantile: q is ", q, ", but those kept go from ",
                                     probabilities_.front(), " to ", probabilities_.back());
    }
    if (count() == 0) detail::fail<invalid_argument>("quantile: no loss so far");
    if (count() < start()) return exact(q);
    const auto estimates = boost::accumulators::extended_p_square(set_).begin();
    const auto upper = std::lower_bound(probabilities_.begin(), probabilities_.end(), q);
    const auto place = upper - probabilities_.begin();
    const double high = estimates[place];
    if (place == 0) return high;
    const double low = estimates[place - 1];
    return low + (high - low) * (q - upper[-1]) / (*upper - upper[-1]);
  }

  void write(byte_writer& out) const {
    detail::accumulator_writer archive(out);
    set_type copy = set_;  // accumulators show their members for writing as well as for reading
    show(copy, archive);
  }
  //! @throws state_error for other probabilities and for markers out of order; it is then unchanged
  void read(byte_reader& in) {
    detail::accumulator_reader archive(in);
    p_square_sketch fresh(probabilities_), saved(probabilities_);
    show(saved.set_, archive);
    if (!saved.follows(fresh)) {
      detail::fail<state_error>("state: not the markers of ", size(), " quantiles after ",
                                saved.count(), " losses");
    }
    *this = std::move(saved);
  }

 private:
  using features = boost::accumulators::stats<boost::accumulators::tag::count,
                                              boost::accumulators::tag::extended_p_square>;
  using set_type = boost::accumulators::accumulator_set<double, features>;

  //! An archive that looks at the members of `extended_p_square`, which Boost shows in this order.
  struct members {
    enum { probabilities, heights, positions, desired, increments };
    std::array<const std::vector<double>*, 5> lists{};
    std::size_t found = 0;

    void operator&(const std::vector<double>& list) { lists.at(found++) = &list; }
    const std::vector<double>& operator[](std::size_t which) const { return *lists.at(which); }
  };

  template <class Archive>
  static void show(set_type& set, Archive& archive) {
    detail::show_accumulators<boost::accumulators::tag::count,
                              boost::accumulators::tag::extended_p_square>(set, archive);
  }
  static members look_into(set_type& set) {
    members found;
    detail::show_accumulators<boost::accumulators::tag::extended_p_square>(set, found);
    return found;
  }

  static const std::vector<double>& checked(const std::vector<double>& probabilities) {
    using detail::fail;
    if (probabilities.empty()) fail<invalid_argument>("p_square_sketch: no probability is given");
    double previous = 0;
    for (const double p : probabilities) {
      if (!detail::in_unit_interval(p) || p <= previous || p >= 1) {
        fail<invalid_argument>("p_square_sketch: the probability ", p, " after ", previous,
                               "; they must ascend between 0 and 1");
      }
      previous = p;
    }
    return probabilities;
  }

  double exact(double q) const {
    set_type copy = set_;
    const auto& first = look_into(copy)[members::heights];
    std::vector<double> losses(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(count()));
    const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(count()));
    std::nth_element(losses.begin(), losses.begin() + rank, losses.end());
    return losses[static_cast<std::size_t>(rank)];
  }

  //! Whether the empty sketch `fresh` could have come to this state.
  bool follows(p_square_sketch& fresh) {
    const members here = look_into(set_), there = look_into(fresh.set_);
    if (here[members::probabilities] != there[members::probabilities] ||
        here[members::increments] != there[members::increments]) {
      return false;
    }
    const auto &heights = here[members::heights], &positions = here[members::positions];
    if (!std::all_of(heights.begin(), heights.end(), &detail::is_loss_sized)) return false;
    if (count() < start()) {
      return positions == there[members::positions] &&
             here[members::desired] == there[members::desired];
    }
    if (positions.front() != 1 || positions.back() != static_cast<double>(count())) return false;
    for (std::size_t i = 1; i < positions.size(); ++i) {
      const double step = positions[i] - positions[i - 1];
      if (!(step >= 1 && step < positions.back()) || heights[i] < heights[i - 1]) return false;
      if (step != static_cast<double>(static_cast<std::int64_t>(step))) return false;
    }
    return true;
  }

  set_type set_;
  std::vector<double> probabilities_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::statistics
