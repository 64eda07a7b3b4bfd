// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The concept of a selector: which examples of a batch are drawn, and with what probability.
#pragma once

#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/rule.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! One batch as a selector sees it. Keys are finite, `key_always` (must be selected) or `key_never`
//! (must not be).
struct selector_batch {
  std::span<const loss_key> keys;
  std::span<const std::int64_t> ids = {};  //!< empty: draws are keyed by position
  std::uint64_t first = 0;                 //!< global position of keys[0], when keyed by position
  const group_id* groups = nullptr;        //!< one for each key, where groups have their own policy

  group_id group(std::size_t i) const { return detail::group_at(groups, i); }
  //! What the draw of example i is keyed by.
  std::uint64_t draw_index(std::size_t i) const {
    return ids.empty() ? first + i : static_cast<std::uint64_t>(ids[i]);
  }
};

//! Decides over one batch. A selector may keep buffers; what one batch leaves for the next must be
//! saved with the sieve, by `write(byte_writer&) const` and `read(byte_reader&)`:
//! * `select` writes the selected positions, ascending, into `out` (as long as the batch, or as
//!   `capacity` says) and returns how many. One that draws with replacement repeats positions.
//! * `inclusion` writes the probability with which each of `positions` was to be selected from the
//!   batch last given to `select`; with replacement, how often it was expected.
//!
//! What it may have besides:
//! * `bool can_be_unbiased(std::uint64_t least_mass) const`: whether each example that may be
//!   selected has a chance, under a policy whose least mass is `least_mass`; else no weights can
//!   make up for those that have none. Absent, the chances are the policy's: `least_mass != 0`. One
//!   that draws by scores of its own answers true, as a score of 0 says that an example adds
//!   nothing; nor is it asked about batches whose examples that must be selected leave no place.
//! * `void reserve(std::size_t n)`: makes room for batches of n, so that `select` and `inclusion`
//!   of those, and of smaller ones, allocate nothing.
template <class S>
concept selector = requires(S& s, const rule_view& rule, const window_view& window,
                            const draw_key& key, const selector_batch& batch,
                            std::span<std::uint32_t> out, std::span<const std::uint32_t> positions,
                            std::span<float> probabilities) {
  { s.select(rule, window, key, batch, out) } -> std::same_as<std::size_t>;
  s.inclusion(rule, window, batch, positions, probabilities);
};

namespace detail {

template <class Selector>
bool can_be_unbiased(const Selector& selector, std::uint64_t least_mass) {
  if constexpr (requires { selector.can_be_unbiased(least_mass); }) {
    return selector.can_be_unbiased(least_mass);
  } else {
    return least_mass != 0;
  }
}

//! Crowded: more examples must be selected than k, so that no other can be.
inline bool is_crowded(slice<const loss_key> keys, std::size_t k) {
  std::size_t must = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) must += std::size_t{keys[i] == key_always};
  return must > k;
}

//! Tells a part that keeps buffers how large batches may be.
template <class Part>
void reserve_for(Part& part, std::size_t n) {
  if constexpr (requires { part.reserve(n); }) part.reserve(n);
}

//! Selectors that look at a whole batch have no meaning for draws that follow an id around.
inline void refuse_ids(std::string_view name, const selector_batch& batch) {
  if (!batch.ids.empty()) {
    fail<invalid_argument>(name,
                           ": draws cannot be keyed by id, since an example's decision depends "
                           "on the others of its batch");
  }
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
