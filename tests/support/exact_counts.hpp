// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Counting all 2^32 words without visiting each, from the columns of an alias table.
#pragma once

#include <gradsieve/rule/rule.hpp>

#include <stdexcept>
#include <vector>

namespace support {

//! Calls `visit(word, count)` for runs of words that the table maps to one outcome, all 2^32 in
//! all. The runs' other end is visited with a count of 0, so that both can be compared.
template <class Visit>
void for_each_run(const gradsieve::alias_view& table, Visit visit) {
  const std::uint64_t columns = std::uint64_t{table.mask} + 1;
  const std::uint64_t words = gradsieve::full_mass / columns;
  for (std::uint64_t own = 0; own < columns; ++own) {
    // The words of a column are own + v * columns; those with v below the cut are its own.
    const std::uint64_t cut = table.columns[own] / columns;
    const auto word = [&](std::uint64_t v) {
      return static_cast<std::uint32_t>(own + v * columns);
    };
    if (cut > 0) {
      visit(word(0), cut);
      visit(word(cut - 1), std::uint64_t{0});
    }
    visit(word(cut), words - cut);
    visit(word(words - 1), std::uint64_t{0});
  }
}

//! How many of the 2^32 words give each outcome.
inline std::vector<std::uint64_t> outcome_counts(const gradsieve::alias_view& table) {
  std::vector<std::uint64_t> counts(std::size_t{table.mask} + 1, 0);
  std::uint32_t outcome = 0;
  for_each_run(table, [&](std::uint32_t word, std::uint64_t count) {
    if (count == 0 && table(word) != outcome) throw std::logic_error("a run of two outcomes");
    outcome = table(word);
    counts[outcome] += count;
  });
  return counts;
}

//! How many of the 2^32 words select: `selects(word)` must depend on the table's outcome alone.
template <class Selects>
std::uint64_t selecting_words(const gradsieve::alias_view& table, Selects selects) {
  std::uint64_t total = 0;
  bool selected = false;
  for_each_run(table, [&](std::uint32_t word, std::uint64_t count) {
    if (count == 0 && selects(word) != selected) throw std::logic_error("a run of two decisions");
    selected = selects(word);
    if (selected) total += count;
  });
  return total;
}

//! How many of the 2^32 words select a loss of this key, by the rule's own decisions.
inline std::uint64_t selecting_words(const gradsieve::rule_view& rule,
                                     const gradsieve::window_view& window,
                                     gradsieve::loss_key key) {
  const auto selects = [&](std::uint32_t word) { return rule.selects(window, key, word); };
  switch (rule.shape) {
    case gradsieve::table_shape::monotone: return selecting_words(rule.monotone.slot_of, selects);
    case gradsieve::table_shape::rise_fall:
      return selecting_words(rule.interval.interval_of, selects);
    case gradsieve::table_shape::arbitrary: break;
  }
  // Here the decision is a threshold on the word: find it by bisection.
  std::uint64_t low = 0, high = gradsieve::full_mass;
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    if (selects(static_cast<std::uint32_t>(middle))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace support
