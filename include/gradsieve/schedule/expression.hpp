// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Small boolean expressions over closed data: the base of both kinds of schedule.
#pragma once

#include <gradsieve/state/frame.hpp>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

enum class operation : std::uint8_t { leaf, all, any, negate };

//! An expression of `Leaf` values joined by &&, || and !, held in postfix order in place: closed,
//! trivially copyable data that can be compared, saved and evaluated without a virtual call.
template <class Leaf>
class expression {
 public:
  static constexpr std::size_t capacity = 16;  //!< leaves and operators together

  struct node {
    operation op = operation::leaf;
    Leaf leaf{};

    friend constexpr bool operator==(const node&, const node&) = default;
  };

  constexpr expression(const Leaf& leaf) : size_(1) {  // NOLINT(google-explicit-constructor)
    nodes_[0].leaf = leaf;
  }

  //! The value, given each leaf's.
  GRADSIEVE_CALLS_ARGUMENT
  template <class LeafValue>
  GRADSIEVE_HOST_DEVICE constexpr bool evaluate(LeafValue value_of) const {
    if (size_ == 1) return value_of(nodes_[0].leaf);
    static_assert(capacity <= 32);
    std::uint32_t stack = 0;  // a bit for each value, the top one lowest: no array, so that kernels
                              // hold it in a register
    for (std::size_t i = 0; i < size_; ++i) {
      switch (nodes_[i].op) {
        case operation::leaf: stack = stack << 1 | std::uint32_t{value_of(nodes_[i].leaf)}; break;
        case operation::negate: stack ^= 1u; break;
        case operation::all: stack = (stack >> 1) & (stack | ~1u); break;
        case operation::any: stack = (stack >> 1) | (stack & 1u); break;
      }
    }
    return (stack & 1u) != 0;
  }

  //! Leaves and operators together.
  constexpr std::size_t size() const { return size_; }
  constexpr const Leaf& front() const { return nodes_[0].leaf; }

  //! Whether `test` holds for some leaf.
  template <class Test>
  constexpr bool any_leaf(Test test) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (nodes_[i].op == operation::leaf && test(nodes_[i].leaf)) return true;
    }
    return false;
  }

  //! Whether the leaves are joined by `op` alone.
  constexpr bool joined_by(operation op) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (nodes_[i].op != operation::leaf && nodes_[i].op != op) return false;
    }
    return true;
  }

  //! @throws invalid_argument when the joined expression exceeds `capacity`.
  constexpr expression join(const expression& right, operation op) const {
    expression joined = *this;
    for (std::size_t i = 0; i < right.size_; ++i) joined.push(right.nodes_[i]);
    joined.push({op, {}});
    return joined;
  }
  constexpr expression negated() const {
    expression result = *this;
    result.push({operation::negate, {}});
    return result;
  }

  //! The same expression of other leaves.
  template <class Change>
  constexpr expression transformed(Change change) const {
    expression result = *this;
    for (std::size_t i = 0; i < size_; ++i) {
      if (nodes_[i].op == operation::leaf) result.nodes_[i].leaf = change(nodes_[i].leaf);
    }
    return result;
  }

  //! Tells two expressions apart in a saved state; `put_leaf(out, leaf)` writes a leaf.
  template <class PutLeaf>
  std::uint64_t fingerprint(PutLeaf put_leaf) const {
    byte_writer out;
    for (std::size_t i = 0; i < size_; ++i) {
      out.put(nodes_[i].op);
      put_leaf(out, nodes_[i].leaf);
    }
    return checksum(out.view());
  }

  friend constexpr bool operator==(const expression&, const expression&) = default;

 private:
  constexpr void push(const node& next) {
    if (size_ == capacity) {
      fail<invalid_argument>("schedule: more than ", capacity, " terms and operators in one");
    }
    nodes_[size_++] = next;
  }

  node nodes_[capacity]{};
  std::uint8_t size_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
