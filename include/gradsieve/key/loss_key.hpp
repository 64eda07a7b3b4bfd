// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Order-preserving integer keys: comparing two keys compares two losses, whatever the flags.
#pragma once

#include <gradsieve/key/float_bits.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A loss as an integer of the same order: `to_key(a) < to_key(b)` iff a < b, for every pair of
//! numbers; -0 and +0 share a key. Finite losses lie strictly between `key_below` and `key_above`.
using loss_key = std::int32_t;

inline constexpr loss_key key_below = -0x7f800001;  //!< the key of -Inf: below every finite loss
inline constexpr loss_key key_above = 0x7f800000;   //!< the key of +Inf: above every finite loss
//! Outranked by no window entry, not even `key_above`: an example that must be selected.
inline constexpr loss_key key_always = (std::numeric_limits<loss_key>::max)();
//! Outranks no window entry, not even `key_below`: an example that must not be selected.
inline constexpr loss_key key_never = (std::numeric_limits<loss_key>::min)();

//! In a ledger: an example that was retired, whose loss no longer matters. Not finite either.
inline constexpr loss_key key_retired = key_never + 1;

//! The key of a float32 bit pattern: `b ^ ((b >> 31) & 0x7fffffff)`, with -0 as +0.
GRADSIEVE_HOST_DEVICE constexpr loss_key bits_to_key(std::uint32_t bits) {
  const auto b = static_cast<std::int32_t>(bits);
  const loss_key key = b ^ ((b >> 31) & 0x7fffffff);
  return key + loss_key{key == -1};  // -1 is -0, alone
}

template <loss_value T>
GRADSIEVE_HOST_DEVICE constexpr loss_key to_key(T loss) {
  return bits_to_key(float_bits(loss));
}

//! The float of a key; the inverse of `to_key` up to the sign of zero.
GRADSIEVE_HOST_DEVICE constexpr float to_loss(loss_key key) {
  return detail::bit_cast<float>(static_cast<std::uint32_t>(key ^ ((key >> 31) & 0x7fffffff)));
}

//! False for the keys of NaN and the infinities, for `key_always`, `key_never` and `key_retired`.
GRADSIEVE_HOST_DEVICE constexpr bool is_finite(loss_key key) {
  // key_below < key < key_above, as one comparison.
  return static_cast<std::uint32_t>(key) + 0x7f800000u < 0xff000000u;
}

namespace detail {

inline bool all_finite(std::span<const loss_key> keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_finite(keys[i])) return false;
  }
  return true;
}

inline bool ascending(std::span<const loss_key> keys) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (keys[i - 1] > keys[i]) return false;
  }
  return true;
}

//! The span over a range, where there is one.
template <class R>
struct span_over {};
template <class R>
requires requires(const R& range) { std::span{range}; }
struct span_over<R> {
  using element = typename decltype(std::span{std::declval<const R&>()})::element_type;
};

//! The same, but of spans, which the library itself passes about, a compiler that need not look at
//! a dozen concepts to find out that they have one.
template <class R>
struct span_of : span_over<R> {};
template <class T, std::size_t N>
struct span_of<std::span<T, N>> {
  using element = T;
};

template <class R>
concept contiguous = requires {
  typename span_of<R>::element;
};

template <class R>
using element_of = std::remove_cv_t<typename span_of<R>::element>;

//! A span of any length over a contiguous range, so that arrays and vectors are one type.
template <class R>
constexpr std::span<const element_of<R>> to_span(const R& range) {
  const element_of<R>* first = std::data(range);
  return {first, static_cast<std::size_t>(std::size(range))};
}
template <class T, std::size_t N>
constexpr std::span<const std::remove_cv_t<T>> to_span(const std::span<T, N>& range) {
  return range;
}

}  // namespace detail

//! A contiguous range of losses: vector, span, array, C array, Eigen vector of any `loss_value`.
template <class R>
concept loss_range = detail::contiguous<R> && loss_value<detail::element_of<R>>;

//! A contiguous range of example ids, of any integer type. Ids never go through a float.
template <class R>
concept id_range = detail::contiguous<R> && std::integral<detail::element_of<R>> &&
    !std::same_as<detail::element_of<R>, bool>;

namespace detail {

//! What an overload for losses takes where another one takes ids: anything else, so that a wrong
//! argument meets `loss_span`'s sentence and not a list of candidates.
template <class R>
concept not_ids = !id_range<R>;

//! A span of any length over an id range, so that arrays and vectors are one type; or one sentence
//! of the compiler about what the argument lacks.
template <class Ids>
constexpr auto id_span(const Ids& ids) {
  static_assert(id_range<Ids>, "gradsieve: ids must be a contiguous range of integers");
  return to_span(ids);
}

//! A span over any loss range, or one sentence of the compiler about what the argument lacks.
template <class R>
constexpr auto loss_span(const R& losses) {
  static_assert(loss_range<R>,
                "gradsieve: losses must be a contiguous range of float, double or a 16-bit "
                "floating type");
  return to_span(losses);
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
