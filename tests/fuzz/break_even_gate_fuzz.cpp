// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/break_even_gate.hpp>

#include "fuzz/harness.hpp"
#include "support/losses.hpp"

namespace {

namespace gs = gradsieve;

gs::loss_ledger ledger() {
  gs::loss_ledger made(64);
  auto losses = support::random_losses(64);
  for (float& loss : losses) loss = loss * loss * loss * loss;
  made.observe(support::ids_from(0, 64), losses, 0);
  return made;
}

struct gate {
  using part = gs::break_even_gate;
  static constexpr auto kind = gs::state_kind::break_even_gate;

  static std::vector<fuzz::twins<part>> objects() {
    part used;
    for (std::uint32_t epoch : {0u, 2u, 5u}) {
      used.decide(epoch, ledger(), {.offered = 64, .trained = 20}, {});
      used.executed({.offered = 64, .trained = 20}, {});
      used.trained({.examples = 20, .before = 1, .after = 0.9, .error = 0.01, .overall = 0.9});
    }
    return {{part(), used}};
  }

  static void go_on(part& gate, gs::byte_writer& seen) {
    const auto ask = [&](std::uint32_t epoch) {
      const auto& verdict = gate.decide(epoch, ledger(), {.offered = 64, .trained = 20}, {});
      seen.put(verdict.reason);
      seen.put(gs::detail::bit_cast<std::uint64_t>(verdict.saving));
      seen.put(std::uint64_t{gate.reason().size()});
    };
    std::uint32_t before = 0;
    for (const gs::gate_verdict& verdict : gate.verdicts()) {
      fuzz::require(verdict.epoch >= before, "epochs that fall");
      before = verdict.epoch;
    }
    if (!gate.verdicts().empty()) ask(before);
    gate.executed({.offered = 64, .trained = 64}, {});
    gate.trained({.examples = 64, .before = 1, .after = 1.2, .error = 0.01, .overall = 1.2});
    if (before != ~std::uint32_t{0}) ask(before + 1);
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<gate>(); }
