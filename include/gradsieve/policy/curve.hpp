// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file An owning, type-erased policy: what options hold.
#pragma once

#include <gradsieve/policy/policy.hpp>

#include <new>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

template <class T, class U>
concept other_than = !std::same_as<T, U>;

template <class P>
concept has_mass = requires(const P& p, std::uint32_t rank, std::uint32_t size) {
  { p.mass(rank, size) } -> std::same_as<std::uint64_t>;
};

}  // namespace detail

//! Holds a copy of any policy in place: no allocation, no virtual call, itself trivially copyable.
class curve {
 public:
  template <detail::other_than<curve> P>
  curve(P callable) {  // NOLINT(google-explicit-constructor): any policy is a curve
    detail::diagnose_policy<P>();
    if constexpr (policy<P>) {
      ::new (static_cast<void*>(state_)) P(callable);
      calls_ = &calls_of<P>;
    }
  }

  //! The probability at a percentile in [0, 1], as the policy returned it: not checked.
  double operator()(double percentile) const { return calls_->probability(state_, percentile); }

  //! The probability at rank / size in units of 2^-32, in [0, 2^32]. @throws policy_error.
  std::uint64_t mass(std::uint32_t rank, std::uint32_t size) const {
    return calls_->mass(state_, rank, size);
  }

 private:
  struct calls {
    double (*probability)(const std::byte*, double);
    std::uint64_t (*mass)(const std::byte*, std::uint32_t, std::uint32_t);
  };

  template <class P>
  static const P& held(const std::byte* state) {
    return *std::launder(reinterpret_cast<const P*>(state));
  }
  template <class P>
  static double probability_of(const std::byte* state, double percentile) {
    return static_cast<double>(held<P>(state)(percentile));
  }
  template <class P>
  static std::uint64_t mass_of(const std::byte* state, std::uint32_t rank, std::uint32_t size) {
    if constexpr (detail::has_mass<P>) {
      return held<P>(state).mass(rank, size);
    } else {
      const double percentile = static_cast<double>(rank) / size;
      return to_mass(probability_of<P>(state, percentile), percentile);
    }
  }
  template <class P>
  static constexpr calls calls_of{&probability_of<P>, &mass_of<P>};

  alignas(std::max_align_t) std::byte state_[policy_capacity] = {};
  const calls* calls_ = nullptr;
};
static_assert(std::is_trivially_copyable_v<curve>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
