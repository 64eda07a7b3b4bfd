// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/label_guard.hpp>

#include "fuzz/harness.hpp"
#include "support/losses.hpp"
#include "support/noisy_losses.hpp"

namespace {

namespace gs = gradsieve;

gs::loss_ledger ledger() {
  const auto data = support::noisy_losses(2000, 0.2, support::noise::symmetric, 1);
  gs::loss_ledger made(2000);
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    made.observe(support::ids_from(0, 2000), data.losses, epoch);
  }
  return made;
}

struct label_guard {
  using part = gs::label_guard;
  static constexpr auto kind = gs::state_kind::label_guard;

  static std::vector<fuzz::twins<part>> objects() {
    part used;
    used.look(ledger());
    fuzz::require(used.found(), "nothing to save");
    return {{part(), used}};
  }

  static void go_on(part& guard, gs::byte_writer& seen) {
    for (const std::uint32_t size : {1u, 1024u}) {
      fuzz::require(guard.cap(size) <= size, "a cap above the size");
      seen.put(guard.cap(size));
    }
    fuzz::require(guard.cap() >= 0 && guard.cap() <= 1, "a cap that is no share");
    for (const float loss : {-1.0f, 0.0f, 1e-30f, 0.3f, 2.0f, 3e38f}) {
      const double suspicion = guard.suspicion({.key = gs::to_key(loss)});
      fuzz::require(suspicion >= 0 && suspicion <= 1, "a suspicion that is no share");
      seen.put(gs::detail::bit_cast<std::uint64_t>(suspicion));
    }
    seen.put(std::uint64_t{to_string(guard).size()});
    guard.look(ledger());
    seen.put(gs::float_bits(guard.threshold()));
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<label_guard>(); }
