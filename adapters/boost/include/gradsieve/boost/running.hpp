// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Statistics of a stream of losses: moments, extrema, P² quantiles, rolling mean.
#pragma once

#include <gradsieve/boost/p_square_sketch.hpp>
#include <gradsieve/key/loss_key.hpp>

#include <boost/accumulators/statistics/max.hpp>
#include <boost/accumulators/statistics/mean.hpp>
#include <boost/accumulators/statistics/min.hpp>
#include <boost/accumulators/statistics/rolling_mean.hpp>
#include <boost/accumulators/statistics/variance.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::statistics {

//! What statistics keep. Use designated initialisers.
struct options {
  //! Quantiles to estimate, ascending in (0, 1). Each costs some 10 ns a loss.
  std::vector<double> quantiles = {0.1, 0.25, 0.5, 0.75, 0.9};
  std::size_t rolling = 1024;  //!< losses that the rolling mean is over
};

//! Statistics of the losses pushed so far, by Boost.Accumulators, in constant memory.
//!
//! NaN and infinities never enter; `rejected()` counts them. Statistics of no loss at all do not
//! exist: asking for one throws. Two cannot be merged, since P² quantiles and a rolling mean
//! cannot.
class running {
 public:
  //! @throws invalid_argument for quantiles that do not ascend in (0, 1), or none, and unless
  //! 1 <= rolling <= 2^24
  explicit running(const options& kept = {})
      : set_(boost::accumulators::tag::rolling_window::window_size = checked(kept.rolling)),
        sketch_(kept.quantiles),
        options_(kept) {}

  //! Takes a loss. O(quantiles).
  template <loss_value T>
  void push(T loss) {
    push_key(to_key(loss));
  }
  void push_key(loss_key key) {
    if (!is_finite(key)) {
      ++rejected_;
      return;
    }
    const auto loss = static_cast<double>(to_loss(key));
    set_(loss);
    sketch_.push(loss);
  }

  std::uint64_t count() const { return sketch_.count(); }
  std::uint64_t rejected() const { return rejected_; }

  //! @throws invalid_argument when count() is 0, as all that follow
  double mean() const { return boost::accumulators::mean(some("mean")); }
  //! Of the losses themselves: the sum of squares is divided by count().
  double variance() const { return boost::accumulators::variance(some("variance")); }
  double minimum() const { return (boost::accumulators::min)(some("minimum")); }
  double maximum() const { return (boost::accumulators::max)(some("maximum")); }
  //! Of the last `options.rolling` losses.
  double rolling_mean() const { return boost::accumulators::rolling_mean(some("rolling_mean")); }
  //! See `p_square_sketch::quantile`. @throws invalid_argument also for a q that is not kept
  double quantile(double q) const { return sketch_.quantile(q); }

  //! Forgets everything, as at an epoch's start.
  void reset() { *this = running(options_); }

  //! @name State
  //! @{
  void write(byte_writer& out) const {
    detail::accumulator_writer archive(out);
    set_type copy = set_;
    show(copy, archive);
    sketch_.write(out);
    out.put(rejected_);
  }
  //! @throws state_error for statistics of other options, or none; nothing is changed
  void read(byte_reader& in) {
    running fresh(options_);
    detail::accumulator_reader archive(in);
    show(fresh.set_, archive);
    fresh.sketch_.read(in);
    fresh.rejected_ = in.get<std::uint64_t>();
    if (boost::accumulators::count(fresh.set_) != fresh.count()) {
      detail::fail<state_error>("state: a mean of ", boost::accumulators::count(fresh.set_),
                                " losses and quantiles of ", fresh.count());
    }
    if (!fresh.plausible()) {
      detail::fail<state_error>("state: not the statistics of ", fresh.count(), " losses");
    }
    *this = std::move(fresh);
  }
  //! @}

 private:
  using features = boost::accumulators::stats<
      boost::accumulators::tag::count, boost::accumulators::tag::immediate_mean,
      boost::accumulators::tag::variance, boost::accumulators::tag::min,
      boost::accumulators::tag::max, boost::accumulators::tag::rolling_mean>;
  using set_type = boost::accumulators::accumulator_set<double, features>;

  template <class Archive>
  static void show(set_type& set, Archive& archive) {
    namespace tag = boost::accumulators::tag;
    detail::show_accumulators<tag::count, tag::immediate_mean, tag::variance, tag::min, tag::max,
                              tag::rolling_window_plus1, tag::rolling_mean>(set, archive);
  }

  //! Whether losses could have these statistics, whose own rounding may have gone a long way.
  bool plausible() const {
    namespace of = boost::accumulators;
    using limits = std::numeric_limits<double>;
    const double least = (of::min)(set_), most = (of::max)(set_), variance = of::variance(set_);
    const double all = of::mean(set_), last = of::rolling_mean(set_);
    if (count() == 0) {
      return least == (limits::max)() && most == limits::lowest() && variance == 0 && all == 0 &&
             last == 0;
    }
    if (!detail::is_loss_sized(least) || !detail::is_loss_sized(most) || least > most) return false;
    double sum = 0;
    const auto window = of::rolling_window_plus1(set_);
    for (const double loss : window) {
      if (loss < least || loss > most) return false;
      sum += loss;
    }
    const auto size = static_cast<double>(of::rolling_count(set_));
    if (count() > options_.rolling) sum -= window.front();  // on its way out
    const double scale = (std::max)(-least, most), slack = scale / 16;
    const auto near = [slack](double value, double low, double high) {
      return low - slack <= value && value <= high + slack;
    };
    return near(all, least, most) && near(last, sum / size, sum / size) && 0 <= variance &&
           variance <= 16 * scale * scale;
  }

  static std::size_t checked(std::size_t rolling) {
    if (rolling < 1 || rolling > (std::size_t{1} << 24)) {
      detail::fail<invalid_argument>("statistics: rolling is ", rolling,
                                     ", it must be in [1, 16777216]");
    }
    return rolling;
  }

  const set_type& some(std::string_view what) const {
    if (count() == 0) detail::fail<invalid_argument>(what, ": no loss so far");
    return set_;
  }

  set_type set_;
  p_square_sketch sketch_;
  options options_;
  std::uint64_t rejected_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::statistics
