// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How long planned epochs will be, before the first of them.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/history/quantiles.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/schedule/staleness.hpp>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! How many of a ledger's n examples a plan is expected to train, j = 0 … `longest` epochs after a
//! visit of every example.
class lengths_after {
 public:
  //! An example of probability p, visited j epochs ago like all others, is visited again with
  //! probability u_j = p + (1 - p) P(its age is A), and its age is A when it was visited A epochs
  //! ago and not drawn since: u_j = p + (1 - p)^A u_{j-A}, u_0 = 1.
  lengths_after(std::uint32_t max_age, std::uint32_t longest)
      : expected_(std::size_t{longest} + 1),
        period_(max_age != 0 ? max_age : longest + 1),
        longest_(longest) {}

  //! Adds n examples that go by one table, of H + 1 masses, which spares ranks from `guarded` on.
  void add(std::span<const std::uint64_t> masses, std::uint32_t guarded, std::uint64_t n) {
    const std::uint32_t period = period_, longest = longest_;
    const auto size = static_cast<std::uint32_t>(masses.size() - 1);
    for (std::uint32_t rank = 0; rank <= size; ++rank) {
      const double p = to_probability(masses[rank]);
      const double count = count_of(rank, n, size);
      if (rank >= guarded) {
        spared_ += count * p;
        continue;
      }
      const double missed = std::pow(1 - p, period);
      double at_once = 1, later = p;  // u_j for multiples of the period, and for the others
      for (std::uint64_t first = 0; first <= longest; first += period) {
        expected_[first] += count * at_once;
        const std::uint64_t end = (std::min)(first + period, std::uint64_t{longest} + 1);
        for (std::uint64_t j = first + 1; j < end; ++j) expected_[j] += count * later;
        at_once = p + missed * at_once;
        later = p + missed * later;
      }
    }
  }

  //! Of the examples that come due.
  double operator[](std::size_t j) const { return expected_[j]; }
  //! Of those above a band's cap, which never come due and are only drawn.
  double spared() const { return spared_; }

 private:
  //! How many of n distinct losses have this rank among their h quantiles.
  static double count_of(std::uint64_t rank, std::uint64_t n, std::uint64_t h) {
    if (n == 0) return 0;
    const std::uint64_t begin = rank == 0 ? 0 : key_quantiles::rank_of(rank - 1, n, h) + 1;
    const std::uint64_t end = rank == h ? n : key_quantiles::rank_of(rank, n, h) + 1;
    return static_cast<double>(end - begin);
  }

  buffer<double> expected_;
  double spared_ = 0;
  std::uint32_t period_, longest_;
};

}  // namespace detail

//! The expected number of examples that a sieve's plans train in each epoch of a run, known before
//! the run: for budgets, progress bars and learning-rate schedules.
//!
//! Exact in the mean when losses are distinct and an example keeps its percentile until it is seen
//! again. In a real training percentiles move: the demo's epochs differed by up to 7 %, its runs by
//! less than 1 % (power{2} with max_age{4}, power{1} with max_age{3}).
//!
//!     const gradsieve::epoch_lengths expected(sieve, epochs);
//!     const double budget = expected.total();       // examples back-propagated
//!     const auto steps = expected.batches(128);     // optimiser steps
class epoch_lengths {
 public:
  //! Of epochs 0 … `epochs` - 1. While selection is off, and in epoch 0, all examples are trained.
  //! O(history epochs + epochs staggered). Picks need no such object: of n losses,
  //! `n * sieve.compiled().mean_probability()` are expected once the window is full.
  //! @throws invalid_argument without a ledger, for `between` without `total_epochs`, and for a
  //! `refresh` rule other than max_age, every_n_epochs and staggered, each at most once, joined by
  //! ||.
  template <class Sieve>
  epoch_lengths(const Sieve& of, std::uint32_t epochs) {
    const auto& options = of.options();
    const auto n = static_cast<std::uint64_t>(of.ledger().size() - of.ledger().retired());
    if (of.ledger().size() == 0) {
      detail::fail<invalid_argument>("epoch_lengths: the sieve has no ledger; set .examples");
    }
    if (options.active.needs_total() && options.total_epochs == 0) {
      detail::fail<invalid_argument>("epoch_lengths: between{} needs total_epochs");
    }
    static_assert(
        requires { options.refresh.terms(); },
        "gradsieve: epoch lengths can be foretold for gradsieve::staleness, or for a "
        "refresh rule with `staleness_terms terms() const`");
    const staleness_terms terms = options.refresh.terms();
    detail::lengths_after lengths(terms.max_age, epochs);
    const rule& compiled = of.compiled();
    if (compiled.groups().count() == 0) lengths.add(compiled.masses(), compiled.guarded_rank(), n);
    for (std::size_t g = 0; g < compiled.groups().count(); ++g) {
      const auto group = static_cast<group_id>(g);
      lengths.add(compiled.groups().masses(g), compiled.guarded_rank(group), count_of(of, group));
    }
    std::uint32_t since_all = 0;
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      const bool selective =
          epoch != 0 && options.active({epoch, epoch, epoch, options.total_epochs});
      since_all = selective ? since_all + 1 : 0;
      examples_.push_back(selective ? selected(lengths, terms, since_all, epoch)
                                    : static_cast<double>(n));
    }
  }

  //! Expected examples trained, by epoch. A template for the sake of those who never ask (decision
  //! 13).
  template <class T = double>
  std::span<const T> examples() const {
    return examples_.view();
  }

  //! Expected examples trained in the whole run.
  double total() const {
    double sum = 0;
    for (const double length : examples_) sum += length;
    return sum;
  }

  //! Batches of a run whose epochs have the expected lengths. `carry` lets what does not fill a
  //! batch wait for the next epoch. @throws invalid_argument for a batch size of 0.
  std::uint64_t batches(std::size_t batch_size, last_batch last = last_batch::partial) const {
    if (last == last_batch::carry) return batch_count(rounded(total()), batch_size, last);
    std::uint64_t sum = 0;
    for (const double length : examples_) sum += batch_count(rounded(length), batch_size, last);
    return sum;
  }

 private:
  //! Examples of a group that are not retired.
  template <class Sieve>
  static std::uint64_t count_of(const Sieve& of, group_id group) {
    std::uint64_t count = 0;
    const auto groups = of.groups();
    for (std::size_t id = 0; id < groups.size(); ++id) {
      count += std::uint64_t{groups[id] == group && !of.ledger().entries()[id].retired()};
    }
    return count;
  }

  static std::size_t rounded(double length) {
    return static_cast<std::size_t>(std::llround(length));
  }

  //! An example's clock starts anew with each epoch in which it is visited for sure.
  static double selected(const detail::lengths_after& lengths, const staleness_terms& terms,
                         std::uint32_t since_all, std::uint32_t epoch) {
    std::uint32_t since = since_all;
    if (terms.every_n_epochs != 0) since = (std::min)(since, epoch % terms.every_n_epochs);
    if (terms.staggered == 0) return lengths.spared() + lengths[since];
    // As many examples had their turn i epochs ago, for each i below `staggered`.
    double sum = 0;
    for (std::uint32_t i = 0; i < terms.staggered; ++i) sum += lengths[(std::min)(since, i)];
    return lengths.spared() + sum / terms.staggered;
  }

  detail::buffer<double> examples_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
