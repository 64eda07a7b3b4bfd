// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/boost/observer.hpp>

#include <cmath>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

namespace gs = gradsieve;

struct statistics {
  using part = gs::statistics::observer;
  static constexpr auto kind = gs::state_kind::statistics;

  static std::vector<fuzz::twins<part>> objects() {
    const part fresh({.quantiles = {0.5}, .rolling = 3});
    part few = fresh, many = fresh;
    decide(few, {0.5f, support::nan_f(), -2.0f});
    for (int i = 0; i < 4; ++i) decide(many, {0.5f, 3.0f, 1e-42f, -1.0f});
    return {{fresh, many}, {few, many}};
  }

  static void go_on(part& observer, gs::byte_writer& seen) {
    if (observer.all().count() >> 50 != 0) return;  // no run is that long, and 2^53 are refused
    for (int i = 0; i < 3; ++i) {
      decide(observer, {0.25f, 3.4e38f, -3.4e38f, support::infinity_f(), 2.0f});
      for (const auto* losses : {&observer.all(), &observer.selected(), &observer.skipped()}) {
        seen.put(losses->count());
        seen.put(losses->rejected());
        for (const double statistic :
             {losses->mean(), losses->variance(), losses->minimum(), losses->maximum(),
              losses->rolling_mean(), losses->quantile(0.5)}) {
          fuzz::require(std::isfinite(statistic), "a statistic is not finite");
          seen.put(gs::detail::bit_cast<std::uint64_t>(statistic));
        }
      }
    }
  }

 private:
  //! Selects every other loss.
  static void decide(part& observer, const std::vector<float>& losses) {
    std::vector<gs::loss_key> keys;
    std::vector<std::uint32_t> selected;
    for (const float loss : losses) {
      if (keys.size() % 2 == 0) selected.push_back(static_cast<std::uint32_t>(keys.size()));
      keys.push_back(gs::to_key(loss));
    }
    observer.decided({keys, selected, true});
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<statistics>(); }
