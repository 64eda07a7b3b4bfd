// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Two populations in a histogram of losses: what is learnt, and a hill that stays high.
#pragma once

#include <gradsieve/control/loss_counts.hpp>

#include <array>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A two-component mixture of a ledger's losses. The density of losses that a network comes to fit
//! falls from a peak near zero; labels that contradict the inputs keep a high loss and make a
//! second hill. That hill is taken to be symmetric about its top and nothing is taken for granted
//! of the rest, so the share of the hill at a loss x below its top m is f(2m - x) / f(x), at most
//! 1, and 1 above. No hill, no second component: the tail of hard examples alone has none.
//!
//! Evidence: over one of four widths of smoothing the hill stands above the valley before it by
//! `least_deviations` standard deviations of the difference of the two counts, and by a quarter.
//! Integers throughout: the order of the examples, threads and flags do not matter.
//! Source: a component that is symmetric and otherwise free, Bordes, Mottelet and Vandekerkhove,
//! "Semiparametric estimation of a two-component mixture model", Annals of Statistics 2006; losses
//! of wrong labels as a component, Arazo et al., "Unsupervised label noise modeling and loss
//! correction", ICML 2019 (there with beta densities, and always two).
class loss_mixture {
 public:
  static constexpr std::uint32_t bins = 160;  //!< of equal width
  static constexpr std::uint64_t least_deviations = 6;
  static constexpr std::uint32_t certain = 1u << 16;  //!< a posterior of 1

  bool found() const { return found_; }
  //! The share of the second component; 0 without evidence.
  double share() const { return static_cast<double>(share_) / static_cast<double>(full_share); }
  //! The loss from which on the second component is the more likely one; meaningless unless
  //! `found()`.
  float threshold() const { return to_loss(threshold_); }
  loss_key threshold_key() const { return threshold_; }
  //! How likely a loss belongs to the second component, in [0, 1]; 0 without evidence, and for a
  //! loss that is not finite.
  double posterior(float loss) const {
    const loss_key key = to_key(loss);
    if (!found_ || !is_finite(key)) return 0;
    return static_cast<double>(posterior_[place(loss_counts::bin_of(key))]) / certain;
  }

  //! Fits anew. O(bins of the histogram).
  void fit(const loss_counts& losses) {
    *this = {};
    if (losses.total() < 100) return;
    // Bins of a power of two, so that 99.9 % of the losses lie in the first 64 to 128.
    const std::uint32_t high = losses.quantile(999, 1000) / loss_counts::per_octave;
    if (high < 7) return;  // losses that are next to nothing
    octave_ = high - 6;
    std::array<std::uint64_t, bins> counts{};
    for (std::uint32_t b = 0; b < loss_counts::bins; ++b) counts[place(b)] += losses[b];

    std::array<std::uint64_t, bins> best{};
    hill top;
    for (const std::uint32_t reach : {1u, 2u, 4u, 8u}) {
      const auto smooth = smoothed(counts, reach);
      const hill candidate = find_hill(smooth);
      if (candidate.evidence > top.evidence) {
        top = candidate;
        best = smooth;
      }
    }
    if (top.evidence < least_deviations * least_deviations) return;
    split(counts, best, top, losses.total());
  }

  void write(byte_writer& out) const {
    out.put(found_);
    out.put(octave_);
    out.put(share_);
    out.put(threshold_);
    out.put(std::span<const std::uint32_t>(posterior_));
  }
  void read(byte_reader& in) {
    loss_mixture fresh;
    fresh.found_ = in.flag("a second component's presence");
    fresh.octave_ = in.get<std::uint32_t>();
    fresh.share_ = in.get<std::uint64_t>();
    fresh.threshold_ = in.get<loss_key>();
    const auto posterior = in.list<std::uint32_t>("posteriors");
    if (fresh.octave_ > 0xff || fresh.share_ > full_share || !is_finite(fresh.threshold_) ||
        posterior.size() != bins ||
        std::any_of(posterior.begin(), posterior.end(),
                    [](std::uint32_t p) { return p > certain; })) {
      detail::fail<state_error>("state: not a mixture of losses, ", posterior.size(),
                                " posteriors");
    }
    std::copy(posterior.begin(), posterior.end(), fresh.posterior_.begin());
    *this = fresh;
  }

 private:
  static constexpr std::uint64_t full_share = std::uint64_t{1} << 32;

  struct hill {
    std::uint32_t valley = 0, top = 0;
    std::uint64_t evidence = 0;  // the square of its height in standard deviations
  };

  //! The bin of equal width that holds a bin of the histogram; the last one is open above.
  std::uint32_t place(std::uint32_t bin) const {
    const std::uint32_t octave = bin / loss_counts::per_octave;
    if (octave < octave_) return 0;
    if (octave >= octave_ + 8) return bins - 1;
    const std::uint32_t mantissa = loss_counts::per_octave + bin % loss_counts::per_octave;
    const std::uint32_t up = octave - octave_;
    return (std::min)(up <= 6 ? mantissa >> (6 - up) : mantissa << (up - 6), bins - 1);
  }
  //! The least loss of such a bin. @pre 0 < bin < bins
  loss_key lower_edge(std::uint32_t bin) const {
    std::uint32_t octave = octave_, mantissa = bin << 6;
    for (; mantissa >= 128; mantissa >>= 1) ++octave;
    const std::uint32_t at = octave * loss_counts::per_octave + mantissa % 64;
    return static_cast<loss_key>(at << 17);
  }

  static std::array<std::uint64_t, bins> smoothed(const std::array<std::uint64_t, bins>& counts,
                                                  std::uint32_t reach) {
    std::array<std::uint64_t, bins> sums{};
    for (std::uint32_t i = 0; i + 1 < bins; ++i) {  // but the open one
      const std::uint32_t first = i > reach ? i - reach : 0;
      for (std::uint32_t j = first; j <= (std::min)(i + reach, bins - 2); ++j) sums[i] += counts[j];
    }
    return sums;
  }

  //! The hill that stands out most after the peak near zero.
  static hill find_hill(const std::array<std::uint64_t, bins>& f) {
    const auto peak = static_cast<std::uint32_t>(std::max_element(f.begin(), f.end()) - f.begin());
    hill best;
    if (peak > 16) return best;  // most examples are not learnt yet
    std::uint32_t valley = peak;
    for (std::uint32_t i = peak; i + 1 < bins; ++i) {
      if (f[i] < f[valley]) valley = i;
      const std::uint64_t rise = f[i] - f[valley];
      if (4 * f[i] < 5 * f[valley] || rise == 0) continue;
      const std::uint64_t evidence = rise * rise / (f[i] + f[valley]);
      if (evidence > best.evidence) best = {valley, i, evidence};
    }
    return best;
  }

  //! Takes the hill apart from the rest.
  void split(const std::array<std::uint64_t, bins>& counts,
             const std::array<std::uint64_t, bins>& f, const hill& top, std::uint64_t total) {
    std::uint64_t mass = 0;  // in posteriors
    std::uint32_t first = top.top;
    for (std::uint32_t i = 0; i < bins; ++i) {
      std::uint64_t posterior = certain;
      if (i < top.top) {
        const std::uint64_t mirrored = 2 * top.top - i < bins - 1 ? f[2 * top.top - i] : 0;
        posterior = f[i] == 0 ? certain / 2 : (std::min)(mirrored * certain / f[i], posterior);
      }
      posterior_[i] = static_cast<std::uint32_t>(posterior);
      mass += posterior * counts[i];
    }
    while (first > top.valley && 2 * posterior_[first - 1] >= certain) --first;
    for (std::uint32_t i = first; i < bins; ++i) {
      posterior_[i] = (std::max)(posterior_[i], certain / 2);
    }
    found_ = first > 0;
    share_ = (std::min)((mass / total) << 16, full_share);
    threshold_ = lower_edge(first);
  }

  bool found_ = false;
  std::uint32_t octave_ = 0;  // of the width of a bin
  std::uint64_t share_ = 0;
  loss_key threshold_ = 0;
  std::array<std::uint32_t, bins> posterior_{};
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
