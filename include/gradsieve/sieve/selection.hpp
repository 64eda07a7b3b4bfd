// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What was selected of one batch.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/key/loss_batch.hpp>
#include <gradsieve/select/selector.hpp>
#include <gradsieve/select/weights.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

struct pick_options {
  std::uint64_t first_position = 0;  //!< global position of the batch's element 0
  //! The examples' groups; empty: those of `assign_groups`. Read where groups have policies of
  //! their own.
  std::span<const group_id> groups = {};
};

namespace detail {

//! The buffers of a sieve's last pick, reused from step to step.
struct pick_state {
  loss_batch batch;
  detail::buffer<std::uint32_t> positions;
  detail::buffer<std::int64_t> ids;
  detail::buffer<float> probabilities, weights;
  detail::buffer<group_id> groups;      // of each example, where groups have their own policies
  detail::buffer<loss_key> ranked;      // workspace: the keys that replace the losses'
  detail::buffer<std::uint32_t> added;  // positions selected only to reach the least number
  window_view window;
  rule_view rule;
  std::uint64_t least_mass = 0;
  std::size_t selected = 0;
  bool selective = false, has_ids = false, has_probabilities = false;

  //! Forgets the last pick and makes room for a batch of n.
  void begin(std::size_t n) {
    selected = 0;
    has_ids = has_probabilities = false;
    groups.clear();
    ranked.clear();
    added.clear();
    if (positions.size() >= n) return;
    batch.reserve(n);
    positions.resize(n);
    ids.resize(n);
    probabilities.resize(n);
    weights.resize(n);
    groups.reserve(n);
    ranked.reserve(n);
    added.reserve(n);
  }

  //! Lets what is ranked replace the losses, where it was worked out.
  void take_ranks() {
    if (ranked.empty()) return;
    batch.assign_keys(ranked.size(), [this](std::size_t i) { return ranked[i]; });
    ranked.clear();
  }

  group_id group(std::size_t i) const { return groups.empty() ? group_id{0} : groups[i]; }

  template <class Batch = selector_batch>
  Batch view(std::span<const std::int64_t> keyed_by, std::uint64_t first) const {
    return {batch.view(), keyed_by, first, groups.empty() ? nullptr : groups.data()};
  }
};

}  // namespace detail

//! A cheap view of a pick, valid until the next non-const call on its sieve. Probabilities and
//! weights are worked out when first asked for; not from two threads at once.
template <selector Selector>
class basic_selection {
 public:
  basic_selection(detail::pick_state& state, Selector& selector)
      : state_(&state), selector_(&selector) {}

  std::size_t size() const { return state_->selected; }
  bool empty() const { return size() == 0; }
  std::size_t offered() const { return state_->batch.size(); }  //!< the batch's examples
  bool selective() const { return state_->selective; }  //!< false while everything is selected
  //! What each example offered was ranked by (see `decision::keys`), and against which losses.
  std::span<const loss_key> keys() const { return state_->batch.view(); }
  const window_view& window() const { return state_->window; }

  //! Places of the selected examples in the batch, ascending.
  std::span<const std::uint32_t> positions() const { return first(state_->positions); }

  //! Their ids, in the same order. @throws invalid_argument when the pick was given no ids.
  std::span<const std::int64_t> ids() const {
    if (!state_->has_ids) detail::fail<invalid_argument>("selection: the pick was given no ids");
    return first(state_->ids);
  }

  //! How many were selected only to reach `min_batch`.
  std::size_t filled() const { return state_->added.size(); }

  //! The probability with which each was to be selected; 1 while everything is, and for those that
  //! were only added to reach `min_batch`: they stand for no other. O(size log H).
  std::span<const float> probabilities() const {
    detail::pick_state& s = *state_;
    const auto out = s.probabilities.room(size());
    if (!s.has_probabilities) {
      if (s.selective) {
        selector_->inclusion(s.rule, s.window, s.view({}, 0), positions(), out);
        for (const std::uint32_t position : s.added) {
          const auto at =
              std::lower_bound(s.positions.begin(), s.positions.begin() + size(), position);
          out[static_cast<std::size_t>(at - s.positions.begin())] = 1.0f;
        }
      } else {
        std::fill(out.data(), out.data() + out.size(), 1.0f);
      }
      s.has_probabilities = true;
    }
    return out;
  }

  //! One weight for each, valid until weights are asked for again. @throws invalid_argument for
  //! `unbiased` where some are never selected, which no weight can make up for: under a policy that
  //! is 0 somewhere, unless the selector goes by none, and by a selector such as `top_k_selector`.
  std::span<const float> weights(normalisation scale, const weight_options& options = {}) const {
    detail::pick_state& s = *state_;
    if (scale == normalisation::unbiased && s.selective) check_unbiased();
    const auto out = s.weights.room(size());
    write_weights(probabilities(), scale, options, out);
    return out;
  }

 private:
  void check_unbiased() const {
    if (detail::can_be_unbiased(*selector_, state_->least_mass)) return;
    if (!detail::can_be_unbiased(*selector_, full_mass)) {
      detail::fail<invalid_argument>(
          "weights: unbiased weights need a selector that gives each example a chance; this one "
          "gives some none, whatever the policy");
    }
    detail::fail<invalid_argument>(
        "weights: unbiased weights need a policy that is positive everywhere; this one is 0 at "
        "some percentile (give it a floor)");
  }

  template <class T>
  std::span<const T> first(const detail::buffer<T>& buffer) const {
    return buffer.first(size());
  }

  detail::pick_state* state_;
  Selector* selector_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
