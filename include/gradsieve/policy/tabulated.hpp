// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A policy given by its values at equally spaced percentiles.
#pragma once

#include <gradsieve/policy/policy.hpp>

#include <ranges>
#include <span>
#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! What `T&&` is when an object that owns its elements is about to end.
template <class T>
concept owning_temporary = !std::is_reference_v<T> && std::ranges::contiguous_range<T> &&
                           !std::ranges::enable_borrowed_range<std::remove_cv_t<T>>;

}  // namespace detail

//! Linear interpolation between n >= 1 probabilities at the percentiles 0, 1/(n-1), …, 1.
//!
//! Holds a view: the values must live as long as the policy and whatever copied it, such as a sieve
//! and its options. A temporary container is refused by the compiler.
class tabulated {
 public:
  //! @throws invalid_argument when `probabilities` is empty.
  explicit tabulated(std::span<const double> probabilities) : values_(probabilities) {
    if (values_.empty()) detail::fail<invalid_argument>("tabulated: no probabilities given");
  }
  template <detail::owning_temporary T>
  explicit tabulated(T&&) = delete;  // NOLINT(bugprone-forwarding-reference-overload)

  double operator()(double percentile) const {
    const double place = percentile * static_cast<double>(values_.size() - 1);
    const auto left = static_cast<std::size_t>(place);
    if (left + 1 >= values_.size()) return values_.back();
    const double share = place - static_cast<double>(left);
    return values_[left] + share * (values_[left + 1] - values_[left]);
  }

 private:
  std::span<const double> values_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
