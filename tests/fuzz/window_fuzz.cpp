// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/loss_window.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

struct window {
  using part = gradsieve::loss_window;
  static constexpr auto kind = gradsieve::state_kind::window;

  static std::vector<fuzz::twins<part>> objects() {
    part half(4), wrapped(4);
    half.push({2.0f, -1.0f});
    for (const float loss : {0.5f, 3.0f, 0.5f, -0.0f, 1e-42f, support::infinity_f()})
      wrapped.push({loss});
    return {{half, wrapped}, {part(1), part(1)}};
  }

  static void go_on(part& window, gradsieve::byte_writer& seen) {
    for (int i = 0; i < 3; ++i) {
      window.push({0.25f, support::nan_f(), static_cast<float>(i)});
      seen.put(window.view().rank(gradsieve::to_key(0.25f)));
      seen.put(gradsieve::to_key(window.quantile(0.5)));
      seen.put(gradsieve::float_bits(static_cast<float>(window.percentile(1.0))));
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<window>(); }
