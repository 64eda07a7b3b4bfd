// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file InfoBatch: a share of the well-learnt examples is left out of each epoch, the rest of them
//! weighted up.
#pragma once

#include <gradsieve/loss/fixed_sum.hpp>
#include <gradsieve/methods/epoch_method.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/random_k.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Of the m examples whose last loss is below a threshold, exactly int((1 - r) m) are trained,
//! uniformly without replacement, with weight 1 / (1 - r); all others with weight 1. The threshold
//! is the mean of the known losses, or their q-quantile (the entry of rank floor(q N)). The mean is
//! an integer sum, rounded once: equal losses are never below it. O(n); of a quantile 4 bytes an
//! example.
class info_batch_rule {
 public:
  explicit info_batch_rule(double ratio = 0.5, double quantile = 0)
      : ratio_(ratio), quantile_(quantile) {}

  void choose(const epoch_situation& at, epoch_choice& out) {
    const loss_key threshold = find_threshold(at.entries);
    // Finite and below the threshold, as one comparison.
    constexpr auto least = static_cast<std::uint32_t>(key_below) + 1;
    const auto bound = static_cast<std::uint32_t>(threshold) - least;
    const auto is_low = [=](const ledger_entry& entry) {
      return static_cast<std::uint32_t>(entry.key) - least < bound;
    };
    std::size_t below = 0, retired = 0;
    for (std::size_t id = 0; id < at.entries.size(); ++id) {
      below += std::size_t{is_low(at.entries[id])};
      retired += std::size_t{at.entries[id].retired()};
    }
    const auto kept = static_cast<std::size_t>((1 - ratio_) * static_cast<double>(below));
    kept_.resize(kept + 1);
    random_k_selector{kept}.over(below, at.key, kept_.room(kept));
    kept_[kept] = ~std::uint32_t{0};                                          // no one's place
    const float weight_of[2] = {1.0f, static_cast<float>(1 / (1 - ratio_))};  // by being low
    const std::size_t wanted = at.entries.size() - retired - below + kept;
    std::int64_t* const train = out.train.extend(wanted);
    float* const weights = out.weights.extend(wanted);
    const std::uint32_t* next = kept_.data();
    std::size_t size = 0, place = 0;  // among those planned; among those below
    // Written whoever it is, kept by advancing: no branch depends on a loss.
    for (std::size_t id = 0; size < wanted; ++id) {
      const ledger_entry& entry = at.entries[id];
      const std::size_t low = is_low(entry), drawn = low & std::size_t{*next == place};
      train[size] = static_cast<std::int64_t>(id);
      weights[size] = weight_of[low];
      size += 1 - low - std::size_t{entry.retired()} + drawn;
      next += drawn;
      place += low;
    }
  }

  void write(byte_writer& out) const {
    detail::write_number(ratio_, out);
    detail::write_number(quantile_, out);
  }
  void read(byte_reader& in) {
    detail::expect_number("a ratio of", ratio_, in);
    detail::expect_number("a quantile of", quantile_, in);
  }

 private:
  loss_key find_threshold(const ledger_view& entries) {
    return quantile_ > 0 ? quantile_of(entries) : mean_of(entries);
  }

  static loss_key mean_of(const ledger_view& entries) {
    const auto bits_at = [&](std::size_t id) {
      return float_bits(entries[id].loss()) & (0u - std::uint32_t{entries[id].has_loss()});
    };
    detail::magnitude_range range;
    std::size_t count = 0;
    for (std::size_t id = 0; id < entries.size(); ++id) {
      range.add(bits_at(id));
      count += std::size_t{entries[id].has_loss()};
    }
    if (count == 0) return key_below + 1;  // below which there is no loss
    detail::fixed_sum sum(static_cast<std::uint32_t>(range.largest));
    sum.add_all(range, entries.size(), bits_at);
    return bits_to_key(sum.over(count));
  }

  loss_key quantile_of(const ledger_view& entries) {
    keys_.clear();
    for (const ledger_entry& entry : entries) {
      if (entry.has_loss()) keys_.push_back(entry.key);
    }
    if (keys_.empty()) return key_below + 1;
    const auto rank = static_cast<std::size_t>(quantile_ * static_cast<double>(keys_.size()));
    loss_key* const at = keys_.begin() + (std::min)(rank, keys_.size() - 1);
    std::nth_element(keys_.begin(), at, keys_.end());
    return *at;
  }

  double ratio_, quantile_;
  detail::buffer<std::uint32_t> kept_;
  detail::buffer<loss_key> keys_;
};

//! Source: the paper's soft pruning, r = .5, delta = .875: the last 1 - delta of the epochs train
//! on all with weight 1. Losses are those of the training steps. An example without a loss is
//! trained with weight 1, and of equal losses all are. Differences from the public code: the last
//! epochs are told apart by whole numbers, so weights are 1 in all of them; a float32 mean may
//! exceed every one of many equal losses; new examples start from a score of 3 there.
struct info_batch {
  double ratio = 0.5;    //!< r, in [0, 1)
  double delta = 0.875;  //!< share of the epochs that prune
  double quantile = 0;   //!< of the losses, in [0, 1]; 0: the mean

  static constexpr method_info info{.name = "info_batch",
                                    .source = "Qin et al., ICLR 2024, arXiv 2303.04947",
                                    .rule = "losses below the mean: a share 1 - r of them",
                                    .weights = "1 / (1 - r) below the mean",
                                    .cost = "O(n) an epoch",
                                    .hooks = hook::plan,
                                    .example_bytes = 8};

  //! @throws invalid_argument for numbers outside their ranges, and without `examples` or `epochs`.
  epoch_method<info_batch_rule> make(const run_shape& run) const {
    if (!detail::in_unit_interval(ratio) || ratio >= 1) {
      detail::fail<invalid_argument>("info_batch: ratio is ", ratio, ", not in [0, 1)");
    }
    if (!detail::in_unit_interval(quantile)) {
      detail::fail<invalid_argument>("info_batch: quantile is ", quantile, ", not in [0, 1]");
    }
    const activity active = between{0, delta};
    run.need_epochs(active, "info_batch");
    return {run, active, info_batch_rule(ratio, quantile)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
