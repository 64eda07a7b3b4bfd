// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/boost/p_square_history.hpp>
#include <gradsieve/state/frame.hpp>

#include <algorithm>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

namespace gs = gradsieve;
using losses = std::vector<float>;

//! The history has no frame of its own, but is saved inside that of a sieve.
struct framed : gs::statistics::p_square_history {
  using p_square_history::p_square_history;

  std::vector<std::byte> save() const {
    return gs::save_state<std::vector<std::byte>>(gs::state_kind::sieve, *this);
  }
  void load(std::span<const std::byte> bytes) { load_state(gs::state_kind::sieve, *this, bytes); }
};

struct p_square {
  using part = framed;
  static constexpr auto kind = gs::state_kind::sieve;

  static std::vector<fuzz::twins<part>> objects() {
    const part fresh(9, 2);
    part young = fresh, both = fresh;
    push(young, {0.5f, 3.0f, 1e-42f, -1.0f, support::nan_f(), 0.5f, 0.25f, 2.0f, 1.0f});
    for (int i = 0; i < 5; ++i) push(both, {0.5f, 3.0f, -1.0f, 0.0f});
    return {{fresh, both}, {young, both}};
  }

  static void go_on(part& history, gs::byte_writer& seen) {
    for (int i = 0; i < 6; ++i) {
      push(history, {0.25f, 3.4e38f, -3.4e38f, support::infinity_f(), 2.0f});
      std::vector<gs::loss_key> keys(history.size());
      history.write_sorted_keys(keys);
      fuzz::require(std::is_sorted(keys.begin(), keys.end()), "quantiles do not ascend");
      fuzz::require(std::all_of(keys.begin(), keys.end(), &gs::is_finite),
                    "a quantile is not finite");
      seen.put(std::span<const gs::loss_key>(keys));
      seen.put(history.rejected());
    }
  }

 private:
  static void push(part& history, const losses& batch) {
    std::vector<gs::loss_key> keys;
    for (const float loss : batch) keys.push_back(gs::to_key(loss));
    history.push_keys(keys);
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<p_square>(); }
