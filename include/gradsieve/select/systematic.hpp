// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of n by integer systematic sampling: one random offset, no draw per example.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/select/positions.hpp>
#include <gradsieve/select/shares.hpp>
#include <gradsieve/slice.hpp>

#include <algorithm>
#include <span>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What `systematic` did to reach its count.
struct systematic_result {
  std::size_t selected = 0;  //!< min(k, n)
  std::size_t filled = 0;    //!< of them without any mass, taken uniformly to make up the count
};

//! Draws exactly min(k, n) of n examples with inclusion probabilities pi_i = min(1, c m_i) that sum
//! to k. Positions ascend. Examples whose share would exceed 1 are certain and taken out first.
//! When fewer than k have mass, the rest is filled uniformly from those without. Neighbours in the
//! order given have dependent inclusions. Integers only: the same everywhere.
//!
//! O(n), in a few passes; keeps its buffers. Source: Madow 1949; tickets at
//! floor((j S + a) / k), a = floor(u S / 2^32).
class systematic {
 public:
  //! @param masses  each at most 2^32, or `certain_mass`, at most k of those; n below 2^32.
  //! @param out  room for min(k, n) positions.
  //! @throws invalid_argument for another mass above 2^32, more certain ones than k, too little
  //! room, 2^32 masses or more.
  systematic_result operator()(detail::slice<const std::uint64_t> masses, std::size_t k,
                               const draw_key& key, std::span<std::uint32_t> out) {
    const std::size_t n = masses.size();
    detail::check_positions("systematic", n);
    k = (std::min)(k, n);
    if (out.size() < k) {
      detail::fail<invalid_argument>("systematic: room for ", out.size(), " positions, ", k,
                                     " are drawn");
    }
    prepare(masses, k);
    // Shares that are neither certain nor empty get tickets; the others are all in or all out.
    detail::tickets with_mass(shares_.drawn, shares_.sum, draw(key, 0));
    detail::tickets without(shares_.filled, shares_.zeros, draw(key, 1));
    systematic_result result;
    std::size_t selected = 0;
    for (std::size_t i = 0; selected < k; ++i) {
      const std::uint64_t mass = masses[i];
      const bool empty = mass == 0, certain = shares_.is_certain(mass);
      // Nothing is passed by who has no part in it. Written whatever comes of it: no branch.
      const bool filled = without.pass(std::uint64_t{empty});
      const bool drawn = with_mass.pass(certain ? 0 : mass);
      out[selected] = static_cast<std::uint32_t>(i);
      selected += std::size_t{filled || certain || drawn};
      result.filled += std::size_t{filled};
    }
    result.selected = selected;
    return result;
  }

  //! The inclusion probability of a mass under the k and masses of the last `prepare` or draw.
  double inclusion(std::uint64_t mass) const { return shares_.inclusion(mass); }

  //! Whether an independent draw of a mass's own inclusion probability selects it: exact to 2^-32,
  //! in integers. Never one without mass.
  bool draws(std::uint64_t mass, std::uint32_t word) const { return shares_.draws(mass, word); }

  //! Finds which masses are certain, and what is left for the others. O(n) a pass; in practice
  //! there are two or three.
  void prepare(detail::slice<const std::uint64_t> masses, std::size_t k) {
    k = (std::min)(k, masses.size());
    shares_ = {};
    detail::mass_tally pass;
    do {
      pass = {};
      for (std::size_t i = 0; i < masses.size(); ++i) {
        const std::uint64_t mass = masses[i];
        if (mass > certain_mass) {
          detail::fail<invalid_argument>("systematic: a mass is ", mass, ", above 2^32");
        }
        pass.add(shares_.certain_from, mass);
      }
      if (pass.certain > k) {
        detail::fail<invalid_argument>("systematic: ", pass.certain,
                                       " masses are certain, but k is ", k);
      }
    } while (shares_.settle(pass, k));
  }

 private:
  detail::systematic_shares shares_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
