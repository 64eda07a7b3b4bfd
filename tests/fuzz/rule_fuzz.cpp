// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/rule/rule.hpp>

#include "fuzz/harness.hpp"

namespace {

double wave(double percentile) { return percentile < 0.5 ? 1 - percentile : percentile; }

struct rule {
  using part = gradsieve::rule;
  static constexpr auto kind = gradsieve::state_kind::rule;

  static std::vector<fuzz::twins<part>> objects() {
    using gradsieve::ties;
    const gradsieve::power rising{2.0};
    const gradsieve::band falling{0.7, 1.0, 0.1};
    return {{part(), part(falling, 6)},
            {part(rising, 9), part(&wave, 5)},
            {part(rising, 4, ties::averaged), part(falling, 7, ties::averaged)}};
  }

  //! Decides losses of each rank and between two, for words of both halves.
  static void go_on(part& rule, gradsieve::byte_writer& seen) {
    seen.put(static_cast<std::uint8_t>(rule.shape()));
    seen.put(rule.least_mass());
    seen.put(rule.guarded_rank());
    seen.put(gradsieve::float_bits(static_cast<float>(rule.mean_probability())));
    if (rule.size() == 0) return;  // not compiled: decides nothing
    gradsieve::sorted_window window(rule.size());
    gradsieve::loss_key next = 1;
    const auto slots = window.resize(rule.size());
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = next++ / 2 * 2;
    for (gradsieve::loss_key key = 0; key <= next; ++key) {
      const std::uint64_t mass = rule.view().mass_of(window.view(), key);
      fuzz::require(mass <= gradsieve::full_mass, "a probability above 1");
      seen.put(mass);
      for (std::uint32_t word = 0; word < 64; ++word) {
        seen.put(rule.view().selects(window.view(), key, word * 0x9e3779b9u, word << 26));
      }
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<rule>(); }
