// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/loss_ledger.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

using ids = std::vector<std::int64_t>;

struct ledger {
  using part = gradsieve::loss_ledger;
  static constexpr auto kind = gradsieve::state_kind::ledger;

  static std::vector<fuzz::twins<part>> objects() {
    part used(5);
    used.observe(ids{0, 2, 4}, std::vector{1.5f, support::nan_f(), -2.0f}, 4099);
    used.select(ids{2, 2, 1});
    used.set_loss(3, 0.5);
    return {{part(), used}};
  }

  static void go_on(part& ledger, gradsieve::byte_writer& seen) {
    const part before = ledger;
    gradsieve::key_quantiles workspace;
    std::vector<gradsieve::loss_key> quantiles(3);
    seen.put(ledger.quantiles(quantiles, workspace));
    seen.put(std::span<const gradsieve::loss_key>(quantiles));
    ids all;
    for (const gradsieve::ledger_entry& entry : before.entries()) {
      fuzz::require(!entry.has_loss() || gradsieve::is_finite(entry.key), "a loss is not finite");
      all.push_back(static_cast<std::int64_t>(all.size()));
      seen.put(ledger.age(all.back(), entry.seen()));
    }
    ledger.observe(all, std::vector<float>(all.size(), 0.25f), 4095);
    ledger.select(all);
    ledger.merge(before, 7);
    ledger.grow(ledger.size() + 1);
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<ledger>(); }
