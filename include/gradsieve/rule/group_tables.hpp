// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One table for each group of examples, such as a class: what policies per group compile to.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/policy_list.hpp>
#include <gradsieve/rule/averaged.hpp>
#include <gradsieve/rule/table.hpp>
#include <gradsieve/state/frame.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A group of examples, such as a class. Groups are numbered from 0.
using group_id = std::uint16_t;

namespace detail {

//! The group of example i, 0 where no groups are given.
GRADSIEVE_HOST_DEVICE constexpr group_id group_at(const group_id* groups, std::size_t i) {
  return groups == nullptr ? group_id{0} : groups[i];
}

//! @param policies  how many groups have one; 0: any group will do
//! @throws invalid_argument unless each of n losses has a group, out_of_range for one without a
//! policy.
inline void check_groups(std::string_view call, slice<const group_id> groups, std::size_t n,
                         std::size_t policies) {
  if (groups.size() != n) {
    fail<invalid_argument>(call, ": ", groups.size(), " groups and ", n, " losses");
  }
  for (std::size_t i = 0; policies != 0 && i < n; ++i) {
    if (groups[i] >= policies) {
      fail<out_of_range>(call, ": group ", groups[i], " at position ", i, " is outside of [0, ",
                         policies, ")");
    }
  }
}

}  // namespace detail

//! Non-owning view of the tables of all groups, one after another; trivially copyable.
struct group_tables_view {
  const std::uint64_t* masses = nullptr;  //!< for each group T[0] … T[H]
  const std::uint64_t* sums = nullptr;    //!< for each group the running sums, H + 2 of them
  std::uint32_t count = 0;                //!< 0: one policy for all
  std::uint32_t size = 0;                 //!< H

  //! The mass of a finite key in a group. O(log H). @pre group < count
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t mass_of(const window_view& window, loss_key key,
                                                        group_id group, ties tied) const {
    const std::uint64_t* row = masses + std::size_t{group} * (size + 1);
    if (tied == ties::strict) return row[window.rank(key)];
    return averaged_mass(window, key, row, sums + std::size_t{group} * (size + 2));
  }
};

//! Owner of the tables of all groups: (H + 1) 16 bytes for each group.
class group_tables {
 public:
  //! Calls each policy for all percentiles. @throws policy_error; the old tables are kept then.
  void compile(const policy_list& policies, std::size_t size) {
    buffer_type fresh(policies.size() * (size + 1));
    for (std::size_t g = 0; g < policies.size(); ++g) {
      tabulate(policies[g], {fresh.data() + g * (size + 1), size + 1});
    }
    build(fresh, size);
  }

  std::size_t count() const { return count_; }
  detail::slice<const std::uint64_t> masses(std::size_t group) const {
    return masses_.part(group * (size_ + 1), size_ + 1);
  }
  group_tables_view view() const {
    return {masses_.data(), sums_.data(), static_cast<std::uint32_t>(count_),
            static_cast<std::uint32_t>(size_)};
  }
  //! The least mass of any group. @pre count() > 0
  std::uint64_t least_mass() const { return detail::range_of(masses_.view()).least; }

  void write(byte_writer& out) const { out.put(masses_.view()); }
  //! Reads tables of `size` + 1 masses each.
  void read(byte_reader& in, std::size_t size) {
    const buffer_type masses = in.list<std::uint64_t>("tables of groups");
    if (masses.size() % (size + 1) != 0 || (size == 0 && !masses.empty()) ||
        detail::range_of(masses.view()).largest > full_mass) {
      detail::fail<state_error>("state: not the tables of groups, ", masses.size(), " masses");
    }
    build(masses, size);
  }

 private:
  using buffer_type = detail::buffer<std::uint64_t>;

  void build(const buffer_type& masses, std::size_t size) {
    masses_ = masses;
    size_ = size;
    count_ = masses.size() / (size + 1);
    sums_.clear();
    for (std::size_t g = 0; g < count_; ++g) {
      std::uint64_t sum = 0;
      sums_.push_back(0);
      for (std::size_t m = 0; m <= size; ++m) {
        sum += masses[g * (size + 1) + m];
        sums_.push_back(sum);
      }
    }
  }

  buffer_type masses_, sums_;
  std::size_t count_ = 0, size_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
