// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/columns.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

using losses = std::vector<float>;

struct columns {
  using part = gradsieve::loss_columns;
  static constexpr auto kind = gradsieve::state_kind::columns;

  static std::vector<fuzz::twins<part>> objects() {
    const part fresh(2, {.history = 4});
    part used = fresh;
    used.scores(losses{0.5f, support::nan_f(), -1.0f}, losses{3.0f, 2.0f, 1.0f});
    used.scores(losses{0.25f, 0.5f}, losses{2.5f, 0.0f});
    return {{fresh, used}};
  }

  static void go_on(part& columns, gradsieve::byte_writer& seen) {
    for (int step = 0; step < 3; ++step) {
      for (const float score : columns.scores(losses{0.4f, 2.0f}, losses{1.5f, -0.5f})) {
        seen.put(gradsieve::float_bits(score));
      }
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<columns>(); }
