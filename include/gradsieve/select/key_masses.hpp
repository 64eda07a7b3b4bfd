// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Masses of a batch's keys for selectors that go by values or by ranks within the batch.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/policy.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/selector.hpp>
#include <gradsieve/select/systematic.hpp>

#include <algorithm>
#include <cmath>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What turns finite keys into masses, each at most 2^32: `write(keys, masses)`. It may keep
//! buffers, but nothing of one batch may decide another. `reserve(n)`, if any, as of a `selector`.
template <class M>
concept key_masses = requires(M& masses, std::span<const loss_key> keys,
                              std::span<std::uint64_t> out) {
  masses.write(keys, out);
};

//! In proportion to the losses (or scores): round(2^32 loss / largest loss). Negative ones have
//! mass 0, as have all when none is positive. Integers only. O(n).
struct by_value {
  void write(std::span<const loss_key> keys, std::span<std::uint64_t> out) const {
    loss_key most = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) most = (std::max)(most, keys[i]);
    // The key of a number that is not negative is its bits.
    const detail::float_parts top = detail::parts_of(static_cast<std::uint32_t>(most));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool positive = keys[i] > 0;
      const auto parts = detail::parts_of(static_cast<std::uint32_t>(keys[i]));
      out[i] = positive ? detail::share_of(parts, top) : 0;
    }
  }
};

//! By the rank within the batch, i = 0 … n - 1 ascending: ((i + .5) / n)^exponent. Equal losses
//! rank by their position. O(n log n).
struct by_batch_rank {
  double exponent = 1.0;  //!< >= 0

  void reserve(std::size_t n) { order_.reserve(n); }
  void write(std::span<const loss_key> keys, std::span<std::uint64_t> out) {
    order_.clear();
    for (std::uint32_t i = 0; i < keys.size(); ++i) order_.push_back(i);
    std::sort(order_.begin(), order_.end(), [keys](std::uint32_t a, std::uint32_t b) {
      return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
    });
    for (std::size_t rank = 0; rank < keys.size(); ++rank) {
      const double place = (static_cast<double>(rank) + 0.5) / static_cast<double>(keys.size());
      out[order_[rank]] = to_mass(std::pow(place, exponent), place);
    }
  }

  detail::buffer<std::uint32_t> order_ = {};
};

//! exp(score / temperature), relative to the largest score's. Scores below it by more than 22
//! temperatures have mass 0. O(n).
struct by_boltzmann {
  double temperature = 1.0;  //!< > 0

  void write(std::span<const loss_key> keys, std::span<std::uint64_t> out) const {
    loss_key most = key_below;
    for (std::size_t i = 0; i < keys.size(); ++i) most = (std::max)(most, keys[i]);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const double below =
          static_cast<double>(to_loss(most)) - static_cast<double>(to_loss(keys[i]));
      out[i] = to_mass(std::exp(-below / temperature), 0);
    }
  }
};

static_assert(key_masses<by_value> && key_masses<by_batch_rank> && key_masses<by_boltzmann>);

namespace detail {

//! The masses of a batch's eligible examples, and where those stand in the batch.
class eligible_masses {
 public:
  //! Those that must be selected get `certain_mass`; when they exceed `k`, they are all that is
  //! eligible, with equal masses.
  template <key_masses Masses>
  void assign(Masses& by, std::span<const loss_key> keys, std::size_t k) {
    const bool crowded = is_crowded(keys, k);
    finite_.clear();
    for (std::size_t i = 0; i < keys.size() && !crowded; ++i) {
      if (keys[i] != key_always && keys[i] != key_never) finite_.push_back(keys[i]);
    }
    values_.resize(finite_.size());
    by.write(finite_.view(), values_.room());
    places_.clear();
    masses_.clear();
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
      const bool certain = keys[i] == key_always;
      if (keys[i] == key_never || (crowded && !certain)) continue;
      places_.push_back(i);
      masses_.push_back(!certain ? values_[next++] : crowded ? 1 : certain_mass);
    }
  }

  void reserve(std::size_t n) {
    places_.reserve(n);
    finite_.reserve(n);
    values_.reserve(n);
    masses_.reserve(n);
  }

  std::span<const std::uint64_t> masses() const { return masses_.view(); }
  std::uint32_t place(std::size_t i) const { return places_[i]; }
  std::size_t size() const { return places_.size(); }

 private:
  buffer<std::uint32_t> places_;
  buffer<loss_key> finite_;
  buffer<std::uint64_t> values_, masses_;
};

inline std::size_t count_eligible(std::span<const loss_key> keys) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) n += std::size_t{keys[i] != key_never};
  return n;
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
