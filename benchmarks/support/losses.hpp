// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What is benchmarked on: fixed losses and ids, the same in every build.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

//! A random word for each index, by integers alone (SplitMix64).
constexpr std::uint64_t word_at(std::uint64_t index) {
  std::uint64_t x = (index + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

//! Close to log-normal, like a classifier's losses in the middle of training: the exponent is a sum
//! of coin flips. Made of bits, since a fused multiply-add in one build would give others.
inline float loss_at(std::uint64_t index) {
  const std::uint64_t word = word_at(index);
  const auto exponent = static_cast<std::uint32_t>(118 + std::popcount(word & 0xffff));
  return std::bit_cast<float>((exponent << 23) | static_cast<std::uint32_t>(word >> 41));
}

//! The first n losses. Kept, and valid until more are asked for.
template <class T = float>
std::span<const T> losses(std::size_t n) {
  static std::vector<T> pool;
  for (std::size_t i = pool.size(); i < n; ++i) pool.push_back(static_cast<T>(loss_at(i)));
  return std::span<const T>(pool).first(n);
}

//! Batches of n that go through a pool in turn, so that no branch predictor learns one by heart.
template <class T = float>
class batches {
 public:
  static constexpr std::size_t pooled = 262144;

  explicit batches(std::size_t n) : n_(n), pool_(losses<T>(n < pooled ? n * (pooled / n) : n)) {}
  std::span<const T> next() {
    at_ = at_ + n_ < pool_.size() ? at_ + n_ : 0;
    return pool_.subspan(at_, n_);
  }

 private:
  std::size_t n_, at_ = 0;
  std::span<const T> pool_;
};

//! n ids of a ledger of `examples`, scattered; an id may come twice.
inline std::vector<std::int64_t> scattered_ids(std::size_t n, std::size_t examples) {
  std::vector<std::int64_t> ids(n);
  for (std::size_t i = 0; i < n; ++i) {
    ids[i] = static_cast<std::int64_t>(word_at(i) % std::uint64_t{examples});
  }
  return ids;
}

//! Whether a share among `drawn` independent draws is the expected one, to within five standard
//! deviations; percentiles taken against a sample of `window` losses add theirs.
inline bool plausible(double share, double expected, double drawn, double window) {
  const double variance = expected * (1 - expected);
  return std::fabs(share - expected) <= 5 * std::sqrt(variance / drawn + variance / window);
}

}  // namespace bench
