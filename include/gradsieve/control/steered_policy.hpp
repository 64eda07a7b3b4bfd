// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy that can be turned up and down, and capped, while a training runs.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/curve.hpp>
#include <gradsieve/state/frame.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A policy that is a table of masses: T[rank] of H. Holds a view; against a window of another size
//! it takes the nearest lower entry.
struct table_policy {
  const std::uint64_t* masses = nullptr;  //!< T[0] … T[size]
  std::uint32_t size = 0;

  double operator()(double percentile) const {
    return to_probability(masses[static_cast<std::size_t>(percentile * size)]);
  }
  std::uint64_t mass(std::uint32_t rank, std::uint32_t of) const {
    return masses[of == size ? rank : std::uint64_t{rank} * size / of];
  }
};

//! Any policy P under two adjustments, worked out in integers on its table of H + 1 masses.
//!
//! **Level.** From 0 to `most_level`, every mass rises with it and none falls. Up to `scaled_level`
//! it is a factor, min(1, level / `given_level` P), so that `given_level` is the policy as it was
//! given. Beyond, where a factor moves nothing more, a floor rises below all ranks, so that any
//! share can be reached under any policy and any ties. What has any probability keeps some.
//!
//! **Cap.** Ranks above it get nothing whatever the level, and those up to it are ranked among
//! themselves, P(rank / cap): the `band` of any policy.
class steered_policy {
 public:
  static constexpr std::uint64_t given_level = std::uint64_t{1} << 20;
  static constexpr std::uint64_t scaled_level = std::uint64_t{1} << 31;
  static constexpr std::uint64_t most_level = scaled_level + full_mass;

  //! O(history). @throws invalid_argument unless 1 <= history <= 2^24; policy_error.
  steered_policy(const curve& policy, std::size_t history)
      : policy_(policy), base_(sized(history) + 1), masses_(history + 1) {
    set_cap(size());
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(base_.size() - 1); }
  std::uint64_t level() const { return level_; }
  std::uint32_t cap() const { return cap_; }  //!< `size()`: none
  bool capped() const { return cap_ < size(); }

  //! The mass at a rank if the level were `level`.
  std::uint64_t mass_at(std::uint32_t rank, std::uint64_t level) const {
    if (capped() && rank > cap_) return 0;
    const std::uint64_t base = base_[rank];
    const std::uint64_t factor = (std::min)(level, scaled_level);
    const std::uint64_t scaled = (std::min)(base * factor / given_level, full_mass);
    const std::uint64_t floor = level > scaled_level ? level - scaled_level : 0;
    // A table that is 0 up to its cap would not show that it has one.
    const bool some = base != 0 || (capped() && rank == cap_);
    return (std::max)({scaled, floor, std::uint64_t{some}});
  }

  //! @pre level <= most_level
  void set_level(std::uint64_t level) {
    level_ = level;
    for (std::uint32_t rank = 0; rank < masses_.size(); ++rank)
      masses_[rank] = mass_at(rank, level);
  }
  //! @param rank  the highest that may be selected, at least 1; `size()` or more: no cap
  //! @throws policy_error
  void set_cap(std::uint32_t rank) {
    const std::uint32_t cap = (std::min)((std::max)(rank, std::uint32_t{1}), size());
    detail::buffer<std::uint64_t> fresh(base_.size());
    for (std::uint32_t m = 0; m <= cap; ++m) fresh[m] = policy_.mass(m, cap);
    base_.swap(fresh);
    cap_ = cap;
    set_level(level_);
  }

  //! Takes another policy, at the same level under the same cap. @throws policy_error
  void set_policy(const curve& policy) {
    steered_policy fresh = *this;
    fresh.policy_ = policy;
    fresh.set_cap(cap_);
    *this = fresh;  // not moved: the table stays where views of it look
  }

  //! The table as it is now, for `sieve.set_policy`. A view: see `table_policy`.
  curve view() const { return table_policy{masses_.data(), size()}; }

  void write(byte_writer& out) const {
    out.put(level_);
    out.put(cap_);
    out.put(masses_.view());
  }
  //! The saved masses win over what this machine's math library makes of the policy.
  void read(byte_reader& in) {
    const auto level = in.get<std::uint64_t>();
    const auto cap = in.get<std::uint32_t>();
    detail::buffer<std::uint64_t> masses = in.list<std::uint64_t>("steered policy");
    if (level > most_level || cap == 0 || cap > size() || masses.size() != masses_.size() ||
        std::any_of(masses.begin(), masses.end(), [](std::uint64_t m) { return m > full_mass; })) {
      detail::fail<state_error>("state: not a steered policy, level ", level, ", cap ", cap, ", ",
                                masses.size(), " masses");
    }
    level_ = level;
    set_cap(cap);
    std::copy(masses.begin(), masses.end(), masses_.begin());  // not swapped: there are views
  }

 private:
  static std::size_t sized(std::size_t history) {
    if (history < 1 || history > (std::size_t{1} << 24)) {
      detail::fail<invalid_argument>("steered_policy: history is ", history,
                                     ", not in [1, 16777216]");
    }
    return history;
  }

  curve policy_;
  detail::buffer<std::uint64_t> base_, masses_;
  std::uint64_t level_ = given_level;
  std::uint32_t cap_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
