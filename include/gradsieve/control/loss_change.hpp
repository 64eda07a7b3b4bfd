// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What an epoch did to the losses of all examples, though it trained a part of them.
#pragma once

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/sieve/plan.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Mean losses around an epoch. After a selective one they are estimated from the examples that it
//! trained, each weighed by one over its probability, but by 64 at most.
struct loss_change {
  std::uint64_t examples = 0;  //!< that it was estimated from
  //! Of the examples that were drawn for (Hajek's estimate): when the epoch was planned, and when
  //! they were trained. 0 where the plan was not selective.
  double before = 0, after = 0;
  double error = 0;  //!< standard error of after - before
  //! After the epoch, of all examples, those forced too (Horvitz and Thompson's estimate). Rather
  //! too small, by what examples of a probability below 1/64 add.
  double overall = 0;

  //! By which share of `before` the losses rose; 0 unless that is beyond three standard errors, or
  //! where `before` is not positive.
  double rise() const {
    return before > 0 && after - before > 3 * error ? (after - before) / before : 0.0;
  }
};

namespace detail {

//! Losses as integers, so that sums do not depend on the order of their terms or on flags: in units
//! of 2^-23 of the power of two that 99 of 100 do not reach, and no larger than twice that.
class loss_units {
 public:
  void count(loss_key key, std::uint64_t weight) {
    counts_[parts_of(float_bits(to_loss(key))).exponent] += weight;
  }
  void settle() {
    std::uint64_t total = 0, below = 0;
    for (const std::uint64_t count : counts_) total += count;
    for (top_ = 0; top_ < 254 && below < total - total / 100; ++top_) below += counts_[top_];
  }

  std::int64_t operator()(loss_key key) const {
    const std::uint32_t bits = float_bits(to_loss(key));
    const float_parts parts = parts_of(bits);
    const auto size = parts.exponent > top_ ? std::int64_t{1} << 24
                      : top_ - parts.exponent > 24
                          ? 0
                          : static_cast<std::int64_t>(parts.significand >> (top_ - parts.exponent));
    return bits >> 31 != 0 ? -size : size;
  }
  //! A number of units as a loss.
  double loss(double units) const {
    const auto power = static_cast<std::uint64_t>(top_ + 1023 - 127 - 23);
    return units * bit_cast<double>(power << 52);
  }

 private:
  std::uint64_t counts_[256] = {};
  std::uint32_t top_ = 0;
};

constexpr std::uint64_t square_root(std::uint64_t of) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= of) root |= bit;
  }
  return root;
}

}  // namespace detail

//! What the epoch did that `held` planned last, as far as it was trained: from up to 65536 of its
//! examples, in integers. O(examples planned, at most 65536).
//! @param held  a sieve, before it plans another epoch or is told another policy
//! @throws invalid_argument without a plan, and for a sieve that ranks by scores, not losses.
template <class Sieve>
loss_change change_of_losses(const Sieve& held) {
  if (held.options().by) {
    detail::fail<invalid_argument>("change_of_losses: the sieve ranks by scores, not losses");
  }
  const plan_view plan = held.last_plan();
  const loss_ledger& ledger = held.ledger();
  constexpr std::size_t most = 65536;
  constexpr std::uint64_t most_weight = 64, one = 256;  // weights have 8 bits behind the point
  const detail::slice<const std::int64_t> ids(plan.train());
  const detail::slice<const loss_key> keys(plan.keys());
  const std::size_t step = ids.size() / (most + 1) + 1;
  // Calls visit(key now, key when planned, weight) for those trained.
  const auto for_each_trained = [&](auto visit) {
    for (std::size_t i = 0; i < ids.size(); i += step) {
      const ledger_entry& entry = ledger.entries()[static_cast<std::size_t>(ids[i])];
      if (!entry.has_loss() || entry.age(plan.epoch()) != 0) continue;
      visit(entry.key, keys[i],
            one * full_mass / (std::max)(plan.mass(i), full_mass / most_weight));
    }
  };
  detail::loss_units units;
  for_each_trained([&](loss_key now, loss_key, std::uint64_t weight) { units.count(now, weight); });
  units.settle();
  loss_change result;
  std::int64_t before = 0, after = 0, all = 0;
  std::uint64_t weights = 0, squares = 0;
  for_each_trained([&](loss_key now, loss_key when_planned, std::uint64_t weight) {
    const std::int64_t trained = units(now);
    all += static_cast<std::int64_t>(weight) * trained;
    ++result.examples;
    if (when_planned == key_always) return;
    const std::int64_t planned = units(when_planned);
    after += static_cast<std::int64_t>(weight) * trained;
    before += static_cast<std::int64_t>(weight) * planned;
    const auto difference =
        static_cast<std::uint64_t>((std::max)(trained, planned) - (std::min)(trained, planned));
    const std::uint64_t weighed = weight * difference >> 16;  // at most 2^23
    squares += weighed * weighed;
    weights += weight;
  });
  const auto mean = [&](double sum, std::uint64_t of) {
    return of == 0 ? 0.0 : units.loss(sum / static_cast<double>(of));
  };
  result.before = mean(static_cast<double>(before), weights);
  result.after = mean(static_cast<double>(after), weights);
  result.error = mean(65536.0 * static_cast<double>(detail::square_root(squares)), weights);
  if (result.examples == 0) return result;
  // Those looked at stand for all that were planned, of an epoch that was not finished too.
  const double each = static_cast<double>(ids.size()) / static_cast<double>(result.examples);
  const auto offered = static_cast<double>(ledger.size() - ledger.retired());
  result.overall =
      units.loss(each * static_cast<double>(all) / (offered * static_cast<double>(one)));
  return result;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
