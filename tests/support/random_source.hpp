// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A generator for test inputs that shares nothing with the library's own.
#pragma once

#include <cstdint>

namespace support {

//! SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  //! Below `bound`, near enough to even for inputs.
  std::uint64_t below(std::uint64_t bound) { return (*this)() % bound; }

  //! In [0, 1), with 24 bits, so exact in a float.
  float unit() { return static_cast<float>((*this)() >> 40) * 0x1p-24f; }

 private:
  std::uint64_t state_;
};

}  // namespace support
