// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Integer masses of a batch's examples, from scores or from a policy.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/select/draw_words.hpp>
#include <gradsieve/select/positions.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! round(2^32 score / most), score <= most, in integers: a compiler that may flush subnormals to
//! zero, or divide by multiplying, gives the same.
constexpr std::uint64_t share_of(const float_parts& score, const float_parts& most) {
  const std::uint32_t below = most.exponent - score.exponent;
  if (below > 33) return 0;
  const std::uint64_t whole = most.significand << below;
  return ((score.significand << 33) + whole) / (2 * whole);
}

inline void check_room(std::size_t room, std::size_t given, std::string_view what) {
  if (room < given) {
    fail<invalid_argument>("write_masses: room for ", room, " masses, but ", given, what);
  }
}

}  // namespace detail

//! Writes round(2^32 score / max score): masses in proportion to the scores, which any selector
//! over masses takes. Scores below 2^-33 of the largest become 0; all are 0 when every score is.
//! The same under every flag. O(n).
//! @param out  room for a mass for each score.
//! @throws invalid_argument for a score that is negative, NaN or infinite, naming its position, and
//! for too little room; nothing is written.
inline void write_masses(std::span<const float> scores, std::span<std::uint64_t> out) {
  detail::check_room(out.size(), scores.size(), " scores");
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    // On bits: -0 is 0, other negatives and NaN are above +Inf's bits, whatever the flags.
    const std::uint32_t bits = float_bits(scores[i]);
    if (bits == 0x80000000u) continue;
    if (bits >= 0x7f800000u) {
      detail::fail<invalid_argument>("write_masses: the score at position ", i,
                                     " is negative or not finite");
    }
    if (bits > most) most = bits;
  }
  const detail::float_parts top = detail::parts_of(most);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    out[i] = most == 0 ? 0 : detail::share_of(detail::parts_of(float_bits(scores[i])), top);
  }
}

//! Writes 2^32 times the policy's probability of each loss, for selectors over masses, such as
//! `with_replacement`. A NaN or infinite loss has mass 0. O(n log H).
//! @param window  as many entries as the rule was compiled for.
//! @param losses  n losses of any floating type.
//! @param out  room for n masses.
//! @param groups  each loss's, for a rule with policies per group; else without effect.
//! @throws invalid_argument for sizes that do not fit, out_of_range for a group without a policy;
//! nothing is written.
template <class Losses>
void write_masses(const rule_view& rule, const window_view& window, const Losses& losses,
                  std::span<std::uint64_t> out, std::span<const group_id> groups = {}) {
  const auto values = detail::loss_span(losses);
  detail::check_room(out.size(), values.size(), " losses");
  if (rule.size == 0 || rule.size != window.size) {
    detail::fail<invalid_argument>("write_masses: the rule was compiled for a window of ",
                                   rule.size, " losses, this one holds ", window.size);
  }
  const std::uint32_t policies = rule.by_group.count;
  if (policies != 0 || !groups.empty()) {
    detail::check_groups("write_masses", groups, values.size(), policies);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const loss_key key = to_key(values[i]);
    const group_id group = groups.empty() ? group_id{0} : groups[i];
    out[i] = is_finite(key) ? rule.mass_of(window, key, group) : 0;
  }
}

//! Independent draws: position i is selected with probability masses[i] / 2^32. Writes ascending
//! positions into `out` (as long as `masses`) and returns how many. O(n).
//! @throws invalid_argument for too little room, or for 2^32 masses or more; nothing is written.
inline std::size_t poisson_over(std::span<const std::uint64_t> masses, const draw_key& key,
                                std::span<std::uint32_t> out, std::uint64_t first = 0) {
  detail::check_positions("poisson_over", masses.size());
  if (out.size() < masses.size()) {
    detail::fail<invalid_argument>("poisson_over: room for ", out.size(), " positions, but ",
                                   masses.size(), " masses");
  }
  constexpr std::size_t chunk = detail::wide_kernels::most;
  alignas(64) std::uint32_t buffer[chunk];
  std::size_t count = 0;
  for (std::size_t done = 0; done < masses.size();) {
    const std::uint64_t index = first + done;
    const std::size_t n = (std::min)(chunk - index % 4, masses.size() - done);
    const std::uint32_t* words = detail::draw_words(detail::wide_path(), key, index, n, buffer);
    for (std::size_t i = 0; i < n; ++i) {
      out[count] = static_cast<std::uint32_t>(done + i);
      count += std::size_t{words[i] < masses[done + i]};
    }
    done += n;
  }
  return count;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
