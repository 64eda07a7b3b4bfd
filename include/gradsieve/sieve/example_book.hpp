// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve knows of each example: its ledger entry, its group, and how it is scored.
#pragma once

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/sieve/score.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The ledger, a column of groups beside it, and the score that is ranked in the place of a loss.
class example_book {
 public:
  example_book(std::int64_t examples, const score& by) : ledger_(examples), score_(by) {}

  loss_ledger& ledger() { return ledger_; }
  const loss_ledger& ledger() const { return ledger_; }
  std::size_t size() const { return static_cast<std::size_t>(ledger_.size()); }
  const score& by() const { return score_; }
  const buffer<group_id>& groups() const { return groups_; }

  //! Takes a label for each example. @param policies  how many groups have a policy; 0: any number
  template <class Labels>
  void assign_groups(const Labels& labels, std::size_t policies) {
    static_assert(id_range<Labels>, "gradsieve: groups must be a contiguous range of integers");
    const auto given = to_span(labels);
    if (given.size() != size()) {
      fail<invalid_argument>("assign_groups: ", given.size(), " groups for ", size(), " examples");
    }
    const std::size_t end = policies != 0 ? policies : 0x10000;
    for (std::size_t id = 0; id < given.size(); ++id) {
      if (std::cmp_less(given[id], 0) || std::cmp_greater_equal(given[id], end)) {
        fail<out_of_range>("assign_groups: group ", given[id], " of example ", id,
                           " is outside of [0, ", end, ")");
      }
    }
    groups_.assign(given.data(), given.size());
  }

  //! Keeps these examples alone, with what is known of them, renumbered in the order given.
  //! @throws out_of_range for an id outside of the ledger; nothing is changed.
  template <id_range Ids>
  void compact(const Ids& kept) {
    loss_ledger fresh = ledger_.compacted(kept);
    buffer<group_id> groups;
    if (!groups_.empty()) {
      groups.reserve(kept.size());
      for (std::size_t i = 0; i < kept.size(); ++i) {
        groups.push_back(group_of(static_cast<std::int64_t>(kept[i])));
      }
    }
    ledger_ = std::move(fresh);
    groups_ = std::move(groups);
  }

  //! @throws invalid_argument unless the group of every example is known.
  void need_groups(std::string_view call) const {
    if (groups_.size() < size()) {
      fail<invalid_argument>(call, ": the policy is one for each group, and the groups of ",
                             groups_.size(), " of ", size(),
                             " examples are known; call assign_groups");
    }
  }

  group_id group_of(std::int64_t id) const {
    const auto i = static_cast<std::size_t>(id);
    return i < groups_.size() ? groups_[i] : group_id{0};
  }

  //! What is ranked for a loss that example `id` has at `epoch`; other keys stay as they are, and a
  //! retired example is never selected.
  loss_key rank(std::int64_t id, loss_key loss, std::uint32_t epoch) const {
    const bool known = static_cast<std::size_t>(id) < size();
    const std::uint32_t age =
        known ? ledger_.entries()[static_cast<std::size_t>(id)].age(epoch) : 0;
    if (known && ledger_.entries()[static_cast<std::size_t>(id)].retired()) return key_never;
    return is_finite(loss) ? score_(id, loss, age, group_of(id)) : loss;
  }
  //! Whether `rank` may differ from the loss.
  bool ranks() const { return score_ || ledger_.retired() != 0; }

  //! The same for the loss on record: `unknown` where there is none, or no finite score.
  loss_key rank_of_record(std::size_t id, std::uint32_t epoch, loss_key unknown) const {
    const ledger_entry& entry = ledger_.entries()[id];
    if (entry.has_loss()) {
      if (!score_) return entry.key;
      const auto example = static_cast<std::int64_t>(id);
      const loss_key key = score_(example, entry.key, entry.age(epoch), group_of(example));
      return is_finite(key) ? key : unknown;
    }
    return entry.retired() ? key_never : unknown;
  }

  void write(byte_writer& out) const {
    ledger_.write(out);
    out.put(std::uint64_t{groups_.size()});
    for (const group_id group : groups_) out.put(group);
    out.put(bool{score_});
  }
  //! Into this book, so that no third copy of the ledger is held: a half-read one is the caller's
  //! to throw away. @param policies  how many groups have a policy; 0: any number
  void read(byte_reader& in, std::size_t policies) {
    const std::int64_t asked = ledger_.size();
    ledger_.read(in);
    if ((asked != 0) != (ledger_.size() != 0)) {
      fail<state_error>("state: saved ", ledger_.size() != 0 ? "with" : "without",
                        " a ledger, this sieve has ", asked != 0 ? "one" : "none");
    }
    if (ledger_.size() < asked) {
      fail<state_error>("state: saved with a ledger of ", ledger_.size(),
                        " examples, this sieve has ", asked);
    }
    buffer<group_id> groups = in.list<group_id>("groups");
    if (groups.size() > size()) {
      fail<state_error>("state: ", groups.size(), " groups for ", size(), " examples");
    }
    for (const group_id group : groups) {
      if (policies != 0 && group >= policies) {
        fail<state_error>("state: an example of group ", group, ", but there are policies for ",
                          policies);
      }
    }
    const bool scored = in.flag("a score's presence");
    if (scored != bool{score_}) {
      fail<state_error>("state: saved ", scored ? "with" : "without", " a score, this sieve has ",
                        score_ ? "one" : "none");
    }
    groups_ = std::move(groups);
  }

 private:
  loss_ledger ledger_;
  buffer<group_id> groups_;
  score score_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
