// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a policy compiles to: tables that the host and kernels read alike.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/rule/averaged.hpp>
#include <gradsieve/rule/general.hpp>
#include <gradsieve/rule/group_tables.hpp>
#include <gradsieve/rule/interval.hpp>
#include <gradsieve/rule/monotone.hpp>
#include <gradsieve/rule/table.hpp>
#include <gradsieve/state/frame.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Non-owning, trivially copyable view of a compiled policy.
struct rule_view {
  table_shape shape = table_shape::monotone;
  std::uint32_t size = 0;                 //!< H, the window's entries
  const std::uint64_t* masses = nullptr;  //!< T[0] … T[H]
  monotone_rule monotone;                 //!< valid for table_shape::monotone
  interval_rule interval;                 //!< valid for table_shape::rise_fall
  const std::uint64_t* sums = nullptr;    //!< T[0] + … + T[m - 1], m = 0 … H + 1
  ties tied = ties::strict;
  group_tables_view by_group = {};  //!< in the place of `masses` where it has any

  //! Calls `visitor` with the form of rule that serves this shape, so that a loop over losses is
  //! compiled once for each and decides which before it starts. @pre one policy for all groups
  GRADSIEVE_CALLS_ARGUMENT
  template <class Visitor>
  GRADSIEVE_HOST_DEVICE constexpr auto visit(Visitor&& visitor) const {
    if (tied == ties::averaged) {
      if (shape == table_shape::monotone) return visitor(averaged_monotone_rule{monotone});
      return visitor(averaged_general_rule{masses, sums});
    }
    switch (shape) {
      case table_shape::monotone: return visitor(monotone);
      case table_shape::rise_fall: return visitor(interval);
      case table_shape::arbitrary: break;
    }
    return visitor(general_rule{masses});
  }

  //! Whether a loss of this key is selected by this random word, and a second one for ties.
  GRADSIEVE_HOST_DEVICE constexpr bool selects(const window_view& window, loss_key key,
                                               std::uint32_t word,
                                               std::uint32_t tie_word = 0) const {
    return visit(
        [&](const auto& form) { return form(window, key, word, [=] { return tie_word; }); });
  }

  //! The mass with which a key is selected: T[rank] (of the group's table, where groups have their
  //! own), all for `key_always`, none for `key_never`.
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t mass_of(const window_view& window, loss_key key,
                                                        group_id group = 0) const {
    if (key == key_always) return full_mass;
    if (key == key_never) return 0;
    if (by_group.count != 0) return by_group.mass_of(window, key, group, tied);
    return tied == ties::averaged ? averaged_mass(window, key, masses, sums)
                                  : masses[window.rank(key)];
  }
};

//! Owner of a compiled policy for windows of exactly `size()` losses.
class rule {
 public:
  rule() = default;
  explicit rule(const curve& policy, std::size_t size, ties tied = ties::strict,
                const policy_list& per_group = {})
      : tied_(tied) {
    compile(policy, size, per_group);
  }

  //! Calls the policy once for each of the `size` + 1 percentiles and builds the tables. O(size).
  //! Allocates only when `size` exceeds every size before.
  //! @throws invalid_argument unless 1 <= size <= 2^24; policy_error (the old rule is kept).
  //! @param per_group  a policy for each group, in the place of `policy`; none: it is for all
  void compile(const curve& policy, std::size_t size, const policy_list& per_group = {}) {
    if (size < 1 || size > most_size) {
      detail::fail<invalid_argument>("rule: the window's size is ", size,
                                     ", it must be in [1, 16777216]");
    }
    reserve(size);
    fresh_.resize(size + 1);
    tabulate(policy, fresh_.room());
    groups_.compile(per_group, size);
    build();
  }

  std::size_t size() const { return masses_.empty() ? 0 : masses_.size() - 1; }
  table_shape shape() const { return shape_; }
  //! T[0] … T[H]. A template for the sake of those who never ask (decision 13).
  template <class T = std::uint64_t>
  std::span<const T> masses() const {
    return masses_.view();
  }
  //! The tables of groups, if they have policies of their own.
  const group_tables& groups() const { return groups_; }

  //! The mean of the table over the ranks 0 … H - 1: the share selected of losses like the
  //! window's.
  double mean_probability() const {
    // Whole and rest apart, so that the mean of equal masses is their value, however many they are.
    if (size() == 0) return 0;
    const std::uint64_t sum = sums_[size()];
    const std::uint64_t whole = sum / size();
    const double rest = static_cast<double>(sum % size()) / static_cast<double>(size());
    return (static_cast<double>(whole) + rest) / static_cast<double>(full_mass);
  }

  //! The least probability of any group, in units of 2^-32; 0 before `compile`.
  std::uint64_t least_mass() const { return least_; }

  //! The rank from which on losses are spared as suspicious: the start of the table's flat end,
  //! when the table fell to it; H + 1 for a policy that never falls. O(H).
  std::uint32_t guarded_rank(group_id group = 0) const {
    const auto table = groups_.count() != 0 ? groups_.masses(group) : masses_.view();
    std::size_t m = table.size();
    while (m > 0 && table[m - 1] == table.back()) --m;
    const bool fell = m > 0 && table[m - 1] > table.back();
    return static_cast<std::uint32_t>(fell ? m : table.size());
  }

  rule_view view() const {
    return {shape_,
            static_cast<std::uint32_t>(size()),
            masses_.data(),
            {alias_.view(), first_slot_},
            {alias_.view(), intervals_.data()},
            sums_.data(),
            tied_,
            groups_.view()};
  }

  //! @name State: the table, so that a loaded rule decides as the saved one whatever the math
  //! library
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::rule, *this);
  }
  //! Takes the saved size. @throws state_error for other bytes; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::rule, *this, bytes); }

  void write(byte_writer& out) const {
    out.put(tied_);
    out.put(masses_.view());
    groups_.write(out);
  }
  void read(byte_reader& in) {
    in.expect("a rule for ties of", static_cast<std::uint8_t>(tied_));
    detail::buffer<std::uint64_t> masses = in.list<std::uint64_t>("rule");
    const bool sized = masses.empty() || (masses.size() >= 2 && masses.size() <= most_size + 1);
    if (!sized || detail::range_of(masses.view()).largest > full_mass) {
      detail::fail<state_error>("state: not a rule's table of ", masses.size(), " masses");
    }
    group_tables groups;
    groups.read(in, masses.empty() ? 0 : masses.size() - 1);
    if (masses.empty()) {
      const ties tied = tied_;
      *this = rule();
      tied_ = tied;
    } else {
      fresh_ = std::move(masses);
      groups_ = std::move(groups);
      build();
    }
  }
  //! @}

 private:
  static constexpr std::size_t most_size = std::size_t{1} << 24;

  //! Makes `fresh_` the table, and what its shape needs.
  void build() {
    masses_.swap(fresh_);
    least_ = groups_.count() != 0 ? groups_.least_mass() : detail::range_of(masses_.view()).least;
    shape_ = shape_of(masses_.view());
    sums_.assign(1, 0);
    for (const std::uint64_t mass : masses_) sums_.push_back(sums_.back() + mass);
    if (shape_ == table_shape::monotone) build_slots();
    if (shape_ == table_shape::rise_fall) build_intervals();
  }

  //! Room for every form of a rule of this size, so that later, smaller ones allocate nothing.
  void reserve(std::size_t size) {
    masses_.reserve(size + 1);
    fresh_.reserve(size + 1);
    outcomes_.reserve(size + 2);
    intervals_.reserve(std::bit_ceil(size + 2));
    alias_.reserve(size + 2);
    sums_.reserve(size + 2);
  }

  void build_slots() {
    // Slot j's mass is the table's step there; the range of slots with mass gets the columns.
    outcomes_.clear();
    std::uint64_t before = 0;
    first_slot_ = 0;
    for (std::size_t slot = 0; slot <= masses_.size(); ++slot) {
      const std::uint64_t upto = slot < masses_.size() ? masses_[slot] : full_mass;
      if (upto == 0) {
        first_slot_ = static_cast<std::uint32_t>(slot + 1);
      } else {
        outcomes_.push_back(upto - before);
      }
      before = upto;
    }
    while (outcomes_.back() == 0) outcomes_.pop_back();
    alias_.assign(outcomes_.view());
  }

  void build_intervals() {
    // Shrink the run of ranks [first, last] with T > u as u rises through the table's values.
    outcomes_.clear();
    intervals_.clear();
    std::size_t first = 0, last = masses_.size() - 1;
    std::uint64_t u = 0;
    while (u < full_mass) {
      while (first <= last && masses_[first] <= u) ++first;
      while (last > first && masses_[last] <= u) --last;
      const bool empty = first > last || masses_[first] <= u;
      const std::uint64_t next = empty ? full_mass : (std::min)(masses_[first], masses_[last]);
      outcomes_.push_back(next - u);
      // Nothing is greater than the uppermost slot but `key_always`.
      const auto low = static_cast<std::uint32_t>(empty ? masses_.size() : first);
      intervals_.push_back({low, static_cast<std::uint32_t>(empty ? masses_.size() : last + 1)});
      u = next;
    }
    alias_.assign(outcomes_.view());
    // Columns without mass of their own are read before their cut is known to be empty.
    intervals_.resize(std::size_t{alias_.view().mask} + 1);
  }

  detail::buffer<std::uint64_t> masses_, fresh_, outcomes_, sums_;
  detail::buffer<slot_interval> intervals_;
  alias_table alias_;
  std::uint32_t first_slot_ = 0;
  std::uint64_t least_ = 0;
  group_tables groups_;
  table_shape shape_ = table_shape::monotone;
  ties tied_ = ties::strict;
};

//! The rule of `policy` against a window of `size` losses.
inline rule compile(const curve& policy, std::size_t size, ties tied = ties::strict) {
  return rule(policy, size, tied);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
