// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Is selection on at this point of the training?
#pragma once

#include <gradsieve/key/float_bits.hpp>
#include <gradsieve/schedule/expression.hpp>

#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Where a training run stands.
struct progress {
  std::uint32_t epoch = 0;
  std::uint64_t step = 0;
  std::uint64_t done = 0;   //!< of `total`, in the caller's unit: epochs, steps, work
  std::uint64_t total = 0;  //!< 0: not known, and `between` must not be used
};

//! Selection is on at every step.
struct always {};
//! Selection is on at no step.
struct never {};
//! On from epoch `epochs` (counted from 0) on: the first ones train on everything.
struct after_epochs {
  std::uint32_t epochs = 1;
};
//! On while the share of training that is done lies in [start, end): 0.5 and 0.9 in Composer.
struct between {
  double start = 0.0, end = 1.0;
};
//! On at every n-th step only: steps 0, n, 2n, …
struct every_nth {
  std::uint64_t n = 1;
};

namespace detail {

struct activity_leaf {
  enum class kind : std::uint8_t { always, never, after_epochs, between, every_nth, within };

  kind what = kind::always;
  std::uint64_t count = 0;
  double start = 0, end = 0;
  std::uint64_t until = 0;  // within: done lies in [count, until)

  //! @pre not `between`, whose shares are resolved first
  GRADSIEVE_HOST_DEVICE constexpr bool holds(const progress& at) const {
    switch (what) {
      case kind::never: return false;
      case kind::after_epochs: return at.epoch >= count;
      case kind::every_nth: return at.step % count == 0;
      case kind::within: return at.done >= count && at.done < until;
      case kind::always:
      case kind::between: break;
    }
    return true;
  }

  friend constexpr bool operator==(const activity_leaf&, const activity_leaf&) = default;
};

//! The first whole unit at or after a share of the total: compared as an integer ever after. A
//! share such as 0.55 has no exact double, so a product as near to a whole number as the noise of
//! one multiplication is that number.
inline std::uint64_t ceil_share(double share, std::uint64_t total) {
  if (share >= 1) return total;
  const double product = share * static_cast<double>(total);
  const double whole = std::round(product);
  const bool exact = std::fabs(product - whole) <= 1e-15 * static_cast<double>(total);
  return static_cast<std::uint64_t>(exact ? whole : std::ceil(product));
}

//! A term whose shares are whole units of a training's length.
inline activity_leaf resolved(const activity_leaf& term, std::uint64_t total) {
  if (term.what != activity_leaf::kind::between) return term;
  return {.what = activity_leaf::kind::within,
          .count = ceil_share(term.start, total),
          .until = ceil_share(term.end, total)};
}

}  // namespace detail

//! An `activity` of a training whose length is known: integers only, trivially copyable, so that
//! kernels may ask it too. `progress::total` plays no part.
class resolved_activity {
 public:
  constexpr resolved_activity() : terms_(detail::activity_leaf{}) {}  //!< always
  constexpr explicit resolved_activity(const detail::expression<detail::activity_leaf>& terms)
      : terms_(terms) {}

  GRADSIEVE_HOST_DEVICE constexpr bool operator()(const progress& at) const {
    return terms_.evaluate([&](const detail::activity_leaf& term) { return term.holds(at); });
  }

 private:
  detail::expression<detail::activity_leaf> terms_;
};

//! When selection is on: `after_epochs{1} && between{0.0, 0.875}`, `!every_nth{4}`.
class activity {
 public:
  // NOLINTBEGIN(google-explicit-constructor): the terms above are activities
  constexpr activity(always) : terms_(leaf{}) {}
  constexpr activity(never) : terms_(leaf{.what = leaf::kind::never}) {}
  constexpr activity(after_epochs term)
      : terms_(leaf{.what = leaf::kind::after_epochs, .count = term.epochs}) {}
  //! @throws invalid_argument unless 0 <= start <= end <= 1.
  constexpr activity(between term)
      : terms_(leaf{.what = leaf::kind::between, .start = term.start, .end = term.end}) {
    if (!detail::in_unit_interval(term.start) || !detail::in_unit_interval(term.end) ||
        term.start > term.end) {
      detail::fail<invalid_argument>("between: start ", term.start, " and end ", term.end,
                                     " must satisfy 0 <= start <= end <= 1");
    }
  }
  //! @throws invalid_argument for n = 0.
  constexpr activity(every_nth term)
      : terms_(leaf{.what = leaf::kind::every_nth, .count = term.n}) {
    if (term.n == 0) detail::fail<invalid_argument>("every_nth: n is 0, it must be at least 1");
  }
  // NOLINTEND(google-explicit-constructor)

  bool operator()(const progress& at) const {
    return terms_.evaluate(
        [&](const leaf& term) { return detail::resolved(term, at.total).holds(at); });
  }

  //! The same for a training of `total` units, in integers.
  resolved_activity resolved(std::uint64_t total) const;

  //! Whether `progress::total` must be known.
  bool needs_total() const {
    return terms_.any_leaf([](const leaf& term) { return term.what == leaf::kind::between; });
  }

  //! Tells two schedules apart in a saved state.
  std::uint64_t fingerprint() const {
    return terms_.fingerprint([](byte_writer& out, const leaf& term) {
      out.put(term.what);
      out.put(term.count);
      out.put(detail::bit_cast<std::uint64_t>(term.start));
      out.put(detail::bit_cast<std::uint64_t>(term.end));
    });
  }

  friend constexpr activity operator&&(const activity& a, const activity& b) {
    return activity(a.terms_.join(b.terms_, detail::operation::all));
  }
  friend constexpr activity operator||(const activity& a, const activity& b) {
    return activity(a.terms_.join(b.terms_, detail::operation::any));
  }
  friend constexpr activity operator!(const activity& a) { return activity(a.terms_.negated()); }
  friend constexpr bool operator==(const activity&, const activity&) = default;

 private:
  using leaf = detail::activity_leaf;

  constexpr explicit activity(const detail::expression<leaf>& terms) : terms_(terms) {}

  detail::expression<leaf> terms_;
};

inline resolved_activity activity::resolved(std::uint64_t total) const {
  return resolved_activity(
      terms_.transformed([=](const leaf& term) { return detail::resolved(term, total); }));
}

// Declared here too, so that the terms, which only convert to an activity, find them.
constexpr activity operator&&(const activity& a, const activity& b);
constexpr activity operator||(const activity& a, const activity& b);
constexpr activity operator!(const activity& a);

}  // namespace gradsieve::inline GRADSIEVE_ABI
