// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How a sieve takes a batch in: every check first, then keys, groups and scores, then the
//! ledger.
#pragma once

#include <gradsieve/sieve/example_book.hpp>
#include <gradsieve/sieve/ids.hpp>
#include <gradsieve/sieve/selection.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The part of a sieve that knows the examples. `call` names the caller's call in every error.
class intake {
 public:
  template <class Options>
  explicit intake(const Options& options)
      : book_(options.examples, options.by),
        policies_(options.per_group.size()),
        on_non_finite_(options.on_non_finite) {
    ids_.reserve(options.max_batch);
  }

  example_book& book() { return book_; }
  const example_book& book() const { return book_; }

  void need_ledger(std::string_view call) const {
    if (book_.size() == 0) {
      fail<invalid_argument>(call, ": the sieve has no ledger; set .examples");
    }
  }
  //! @throws unless each example's group is known, where groups have policies.
  void need_groups(std::string_view call) const {
    if (policies_ != 0) book_.need_groups(call);
  }

  //! The ids as 64 bits wide, each in the ledger.
  template <class Ids>
  std::span<const std::int64_t> known_ids(std::string_view call, const Ids& ids) {
    need_ledger(call);
    const auto given = id_span(ids);
    book_.ledger().check_all(given);
    return ids_.widen(given);
  }

  //! Converts a batch's losses to keys and its ids to 64 bits; changes nothing but `state`.
  template <class Ids, class T>
  std::span<const std::int64_t> convert(std::string_view call, const Ids& ids,
                                        std::span<const T> losses, pick_state& state) {
    const auto given = id_span(ids);
    if (given.size() != losses.size()) {
      fail<invalid_argument>(call, ": ", given.size(), " ids and ", losses.size(), " losses");
    }
    if (book_.size() != 0) book_.ledger().check_all(given);
    state.begin(losses.size());
    state.batch.assign(losses, on_non_finite_);
    return ids_.widen(given);
  }

  //! The same for a batch without ids, with its groups.
  template <class T>
  void convert(std::string_view call, std::span<const T> losses, const pick_options& where,
               pick_state& state) const {
    if (book_.by()) fail<invalid_argument>(call, ": the score needs ids, but none were given");
    state.begin(losses.size());
    state.batch.assign(losses, on_non_finite_);
    set_groups(call, {}, where, state);
  }

  //! Works out the groups of the converted batch, and what is to be ranked in the place of its
  //! losses: `state.take_ranks()` puts it there.
  void rank(std::string_view call, std::span<const std::int64_t> ids, const pick_options& where,
            std::uint32_t epoch, pick_state& state) const {
    set_groups(call, ids, where, state);
    if (!book_.ranks()) return;
    state.ranked.resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      loss_key key = book_.rank(ids[i], state.batch.view()[i], epoch);
      if (!is_finite(key) && key != key_always && key != key_never) {
        if (on_non_finite_ == non_finite::raise) {
          fail<non_finite_loss>(call, ": the score of id ", ids[i], " at position ", i,
                                " is not finite");
        }
        key = on_non_finite_ == non_finite::select ? key_always : key_never;
      }
      state.ranked[i] = key;
    }
  }

  //! Fills the batch with what is ranked for the losses on record. An example that was never seen
  //! is selected; one that has only had losses that were not finite goes by the rule for those.
  void recall(std::string_view call, std::span<const std::int64_t> ids, const pick_options& where,
              std::uint32_t epoch, pick_state& state) const {
    state.begin(ids.size());
    state.batch.assign_keys(ids.size(), [&](std::size_t i) {
      const bool select =
          book_.ledger().at(ids[i]).seen() == 0 || on_non_finite_ == non_finite::select;
      return book_.rank_of_record(static_cast<std::size_t>(ids[i]), epoch,
                                  select ? key_always : key_never);
    });
    set_groups(call, ids, where, state);
  }

  //! Enters the converted batch's losses into the ledger, if there is one.
  void record(std::span<const std::int64_t> ids, std::uint32_t epoch, const pick_state& state) {
    if (book_.size() != 0) book_.ledger().observe_keys(ids, state.batch.view(), epoch);
  }

 private:
  //! The groups of the batch: those given, or the ledger's. None unless groups have policies.
  void set_groups(std::string_view call, std::span<const std::int64_t> ids,
                  const pick_options& where, pick_state& state) const {
    if (policies_ == 0) return;
    const std::size_t n = state.batch.size();
    if (where.groups.empty() && n != 0) {
      if (ids.empty() || book_.size() == 0) {
        fail<invalid_argument>(call,
                               ": the policy is one for each group, but no groups were given");
      }
      book_.need_groups(call);
      for (std::size_t i = 0; i < n; ++i) state.groups.push_back(book_.group_of(ids[i]));
      return;
    }
    check_groups(call, where.groups, n, policies_);
    state.groups.assign(where.groups.data(), n);
  }

  example_book book_;
  id_buffer ids_;
  std::size_t policies_;
  non_finite on_non_finite_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
