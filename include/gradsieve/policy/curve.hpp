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

//! The bytes of a small, trivially copyable callable, held in place.
class callable_bytes {
 public:
  callable_bytes() = default;
  template <class F>
  explicit callable_bytes(const F& callable) {
    if constexpr (fits_in_place<F>) ::new (static_cast<void*>(bytes_)) F(callable);
  }

  //! @pre made from an F
  template <class F>
  const F& as() const {
    return *std::launder(reinterpret_cast<const F*>(bytes_));
  }

 private:
  alignas(std::max_align_t) std::byte bytes_[policy_capacity] = {};
};

}  // namespace detail

//! Holds a copy of any policy in place: no allocation, no virtual call, itself trivially copyable.
class curve {
 public:
  template <detail::other_than<curve> P>
  curve(P callable)  // NOLINT(google-explicit-constructor): any policy is a curve
      : held_(callable) {
    detail::diagnose_policy<P>();
    if constexpr (policy<P>) calls_ = &calls_of<P>;
  }

  //! The probability at a percentile in [0, 1], as the policy returned it: not checked.
  double operator()(double percentile) const { return calls_->probability(held_, percentile); }

  //! The probability at rank / size in units of 2^-32, in [0, 2^32]. @throws policy_error.
  std::uint64_t mass(std::uint32_t rank, std::uint32_t size) const {
    return calls_->mass(held_, rank, size);
  }

 private:
  struct calls {
    double (*probability)(const detail::callable_bytes&, double);
    std::uint64_t (*mass)(const detail::callable_bytes&, std::uint32_t, std::uint32_t);
  };

  template <class P>
  static double probability_of(const detail::callable_bytes& held, double percentile) {
    return static_cast<double>(held.as<P>()(percentile));
  }
  template <class P>
  static std::uint64_t mass_of(const detail::callable_bytes& held, std::uint32_t rank,
                               std::uint32_t size) {
    if constexpr (detail::has_mass<P>) {
      return held.as<P>().mass(rank, size);
    } else {
      const double percentile = static_cast<double>(rank) / size;
      return to_mass(probability_of<P>(held, percentile), percentile);
    }
  }
  template <class P>
  static constexpr calls calls_of{&probability_of<P>, &mass_of<P>};

  detail::callable_bytes held_;
  const calls* calls_ = nullptr;
};
static_assert(std::is_trivially_copyable_v<curve>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
