// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Integer masses whose sum is kept while they change one by one.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>

#include <bit>
#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! The masses of n examples as the leaves of a binary tree of sums: one can be changed, or found by
//! its place in the running sum, in O(log n). Sums of integers, so nothing drifts, however often it
//! is changed. 16 to 32 bytes an example.
class mass_tree {
 public:
  mass_tree() = default;
  explicit mass_tree(std::span<const std::uint64_t> masses) { assign(masses); }

  //! O(n). @throws invalid_argument for a mass above 2^32 or 2^31 masses or more.
  void assign(std::span<const std::uint64_t> masses) {
    reset(masses.size());
    for (std::size_t i = 0; i < masses.size(); ++i) {
      check(masses[i]);
      nodes_[leaves_ + i] = masses[i];
    }
    for (std::size_t node = leaves_ - 1; node > 0; --node) {
      nodes_[node] = nodes_[2 * node] + nodes_[2 * node + 1];
    }
  }

  //! Room for n masses, so that `assign` of as many allocates nothing.
  void reserve(std::size_t n) { nodes_.reserve(2 * std::bit_ceil(n + std::size_t{n == 0})); }

  std::size_t size() const { return size_; }
  std::uint64_t total() const { return nodes_.empty() ? 0 : nodes_[1]; }
  //! @pre i < size()
  std::uint64_t operator[](std::size_t i) const { return nodes_[leaves_ + i]; }

  //! @pre i < size() @throws invalid_argument for a mass above 2^32.
  void set(std::size_t i, std::uint64_t mass) {
    check(mass);
    const std::uint64_t before = nodes_[leaves_ + i];
    for (std::size_t node = leaves_ + i; node > 0; node /= 2) nodes_[node] += mass - before;
  }

  //! The example in whose mass a place of the running sum lies. @pre place < total()
  std::size_t find(std::uint64_t place) const {
    std::size_t node = 1;
    while (node < leaves_) {
      node *= 2;
      if (place < nodes_[node]) continue;
      place -= nodes_[node];
      ++node;
    }
    return node - leaves_;
  }

 private:
  void reset(std::size_t n) {
    if (n >= std::size_t{1} << 31) {
      detail::fail<invalid_argument>("mass_tree: ", n, " masses, there must be fewer than 2^31");
    }
    size_ = n;
    leaves_ = std::bit_ceil(n + std::size_t{n == 0});
    nodes_.assign(2 * leaves_, 0);
  }
  static void check(std::uint64_t mass) {
    if (mass > std::uint64_t{1} << 32) {
      detail::fail<invalid_argument>("mass_tree: a mass is ", mass, ", above 2^32");
    }
  }

  detail::buffer<std::uint64_t> nodes_;  // [1] is the root, node i has the children 2i and 2i + 1
  std::size_t size_ = 0, leaves_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
