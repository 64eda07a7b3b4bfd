// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which examples need a fresh loss?
#pragma once

#include <gradsieve/schedule/expression.hpp>

#include <concepts>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A rule for which losses are stale: whether example `id`, last visited `age` epochs before
//! `epoch`, needs a fresh one. `staleness` is the library's; a user may bring another.
template <class R>
concept staleness_rule = requires(const R& rule, std::int64_t id, std::uint32_t age,
                                  std::uint32_t epoch) {
  { rule.due(id, age, epoch) } -> std::same_as<bool>;
};

//! No loss is ever too old.
struct never_stale {};
//! A loss is stale when its example was last visited `epochs` epochs ago or earlier: Stale-SB's
//! rule (n = 3 in its public code). In [1, 4095].
//! Examples that were visited together come due together, and an epoch may be full of them. With a
//! `spread` below `epochs`, each has an age of its own, by its id: one of the `spread` + 1 ages up
//! to `epochs`.
struct max_age {
  std::uint32_t epochs = 3, spread = 0;
};
//! All losses are stale in every n-th epoch. In [1, 4095].
struct every_n_epochs {
  std::uint32_t n = 3;
};
//! A different n-th of the examples is stale in each epoch, so refreshes spread evenly: an
//! example's turn is when hash(id) mod n == epoch mod n. In [1, 4095].
struct staggered {
  std::uint32_t n = 3;
};

//! A rule that is such terms joined by ||, one of a kind at most; 0 where there is none.
struct staleness_terms {
  std::uint32_t max_age = 0, every_n_epochs = 0, staggered = 0;
};

namespace detail {

struct staleness_leaf {
  enum class kind : std::uint8_t { never, max_age, every_n_epochs, staggered };

  kind what = kind::never;
  std::uint32_t n = 1, spread = 0;

  friend constexpr bool operator==(const staleness_leaf&, const staleness_leaf&) = default;
};

//! A fixed 64-bit mix (SplitMix64's finaliser): neighbouring ids get unrelated values.
GRADSIEVE_HOST_DEVICE constexpr std::uint64_t hash_id(std::int64_t id) {
  auto x = static_cast<std::uint64_t>(id) + 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

//! The age at which an example's loss is stale by a `max_age`.
GRADSIEVE_HOST_DEVICE constexpr std::uint32_t age_due(std::int64_t id, const staleness_leaf& term) {
  if (term.spread == 0) return term.n;
  return term.n - static_cast<std::uint32_t>(hash_id(id) % (term.spread + 1));
}

}  // namespace detail

//! When an example's loss must be made fresh: `max_age{6}`, `max_age{8} || staggered{16}`.
class staleness {
 public:
  // NOLINTBEGIN(google-explicit-constructor): the terms above are staleness rules
  constexpr staleness(never_stale) : terms_(leaf{}) {}
  constexpr staleness(max_age term)
      : staleness(leaf::kind::max_age, term.epochs, "max_age", term.spread) {
    if (term.spread >= term.epochs) {
      detail::fail<invalid_argument>("max_age: a spread of ", term.spread, " is not below its ",
                                     term.epochs, " epochs");
    }
  }
  constexpr staleness(every_n_epochs term)
      : staleness(leaf::kind::every_n_epochs, term.n, "every_n_epochs") {}
  constexpr staleness(staggered term) : staleness(leaf::kind::staggered, term.n, "staggered") {}
  // NOLINTEND(google-explicit-constructor)

  //! Whether example `id`, last visited `age` epochs before `epoch`, needs a fresh loss.
  GRADSIEVE_HOST_DEVICE constexpr bool due(std::int64_t id, std::uint32_t age,
                                           std::uint32_t epoch) const {
    return terms_.evaluate([=](const leaf& term) {
      switch (term.what) {
        case leaf::kind::max_age: return age >= detail::age_due(id, term);
        case leaf::kind::every_n_epochs: return epoch % term.n == 0;
        case leaf::kind::staggered: return detail::hash_id(id) % term.n == epoch % term.n;
        case leaf::kind::never: break;
      }
      return false;
    });
  }

  //! No example visited less than so many epochs ago is due; 0 where the age alone does not tell.
  constexpr std::uint32_t least_age() const {
    if (terms_.size() != 1) return 0;
    const leaf& only = terms_.front();
    if (only.what == leaf::kind::never) return 4096;
    return only.what == leaf::kind::max_age ? only.n - only.spread : 0;
  }

  //! Whether an example that is never visited comes due within 4095 epochs, asked of 64 examples
  //! with unrelated turns.
  constexpr bool revisits() const {
    for (std::int64_t id = 0; id < 64; ++id) {
      if (!revisits(id)) return false;
    }
    return true;
  }

  //! The rule's terms, for whoever foretells visits.
  //! @throws invalid_argument unless they are of different kinds, joined by || alone, and without a
  //! spread.
  constexpr staleness_terms terms() const {
    staleness_terms found;
    const bool repeated = terms_.any_leaf([&](const leaf& term) {
      if (term.what == leaf::kind::never) return false;
      std::uint32_t& n = term.what == leaf::kind::max_age          ? found.max_age
                         : term.what == leaf::kind::every_n_epochs ? found.every_n_epochs
                                                                   : found.staggered;
      const bool again = n != 0;
      n = term.n;
      return again || term.spread != 0;
    });
    if (repeated || !terms_.joined_by(detail::operation::any)) {
      detail::fail<invalid_argument>(
          "staleness: visits can be foretold for max_age without a spread, every_n_epochs and "
          "staggered, each at most once and joined by ||, not for this rule");
    }
    return found;
  }

  //! Tells two rules apart in a saved state.
  std::uint64_t fingerprint() const {
    return terms_.fingerprint([](byte_writer& out, const leaf& term) {
      out.put(term.what);
      out.put(term.n);
      if (term.spread != 0) out.put(term.spread);
    });
  }

  friend constexpr staleness operator&&(const staleness& a, const staleness& b) {
    return staleness(a.terms_.join(b.terms_, detail::operation::all));
  }
  friend constexpr staleness operator||(const staleness& a, const staleness& b) {
    return staleness(a.terms_.join(b.terms_, detail::operation::any));
  }
  friend constexpr staleness operator!(const staleness& a) { return staleness(a.terms_.negated()); }
  friend constexpr bool operator==(const staleness&, const staleness&) = default;

 private:
  using leaf = detail::staleness_leaf;

  constexpr explicit staleness(const detail::expression<leaf>& terms) : terms_(terms) {}

  constexpr bool revisits(std::int64_t id) const {
    constexpr std::uint32_t oldest = 4095;
    for (std::uint32_t epoch = oldest; epoch <= 2 * oldest; ++epoch) {
      if (due(id, oldest, epoch)) return true;
    }
    return false;
  }

  constexpr staleness(leaf::kind what, std::uint32_t n, const char* name, std::uint32_t spread = 0)
      : terms_(leaf{.what = what, .n = n, .spread = spread}) {
    if (n < 1 || n > 4095) {
      detail::fail<invalid_argument>(name, ": ", n, " is not in [1, 4095]");
    }
  }

  detail::expression<leaf> terms_;
};

// Declared here too, so that the terms, which only convert to a staleness, find them.
constexpr staleness operator&&(const staleness& a, const staleness& b);
constexpr staleness operator||(const staleness& a, const staleness& b);
constexpr staleness operator!(const staleness& a);

static_assert(staleness_rule<staleness>);

namespace detail {

//! What a sieve's options start with: a rule of the user's as it is made, ours as `never_stale`.
template <staleness_rule Refresh>
constexpr Refresh default_refresh() {
  if constexpr (std::same_as<Refresh, staleness>)
    return never_stale{};
  else
    return Refresh{};
}

//! The same question to any rule; one that cannot tell is taken to come back.
template <staleness_rule Refresh>
constexpr bool revisits(const Refresh& rule) {
  if constexpr (requires { rule.revisits(); }) return rule.revisits();
  return true;
}

//! An age below which the rule finds no example due; 0 for a rule that cannot tell.
template <staleness_rule Refresh>
constexpr std::uint32_t least_age(const Refresh& rule) {
  if constexpr (requires { rule.least_age(); })
    return rule.least_age();
  else
    return 0;
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
