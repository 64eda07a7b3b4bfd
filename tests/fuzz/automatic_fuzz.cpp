// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/automatic.hpp>

#include "fuzz/harness.hpp"
#include "support/losses.hpp"

namespace {

namespace gs = gradsieve;

//! One that can be copied: by its state, since its controller cannot be.
class copyable : public gs::automatic {
 public:
  using gs::automatic::automatic;
  copyable(const copyable& other) : gs::automatic(other.options()) { load(other.save()); }
  copyable& operator=(const copyable& other) {
    copyable copy(other);
    static_cast<gs::automatic&>(*this) = std::move(static_cast<gs::automatic&>(copy));
    return *this;
  }
  ~copyable() = default;
};

constexpr std::int64_t examples = 12;

//! Losses that are gone after the first epoch but for a few, which stay high as wrong labels do.
std::vector<float> losses_of(std::span<const std::int64_t> ids, std::uint32_t epoch) {
  std::vector<float> losses = support::random_losses(ids.size(), epoch);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    losses[i] =
        ids[i] % 4 == 0 ? 8 + losses[i] : losses[i] * losses[i] / static_cast<float>(epoch + 1);
  }
  return losses;
}

void train(gs::automatic& sieve, std::uint32_t epoch, gs::byte_writer& seen) {
  const gs::plan_view plan = sieve.plan(epoch);
  seen.put(plan.selective());
  seen.put(plan.refresh());
  const auto left_out = support::to_vector(plan.refresh());
  for (const auto batch : plan.batches(5)) {
    seen.put(batch);
    sieve.observe(batch, losses_of(batch, epoch));
  }
  sieve.refresh(left_out, losses_of(left_out, epoch));
}

struct automatic {
  using part = copyable;
  static constexpr auto kind = gs::state_kind::automatic;

  static std::vector<fuzz::twins<part>> objects() {
    gs::automatic_options plain{.examples = examples, .history = 4};
    gs::automatic_options bare{.examples = examples,
                               .keep = 0.5,
                               .warm_up = 0,
                               .history = 4,
                               .use_gate = false,
                               .use_guard = false};
    std::vector<fuzz::twins<part>> made;
    for (const gs::automatic_options& options : {plain, bare}) {
      part used(options);
      gs::byte_writer seen;
      for (std::uint32_t epoch = 0; epoch < 5; ++epoch) train(used, epoch, seen);
      used.sieve().retire(std::vector{3});
      used.plan(5);
      made.push_back({part(options), used});
    }
    return made;
  }

  static void go_on(part& sieve, gs::byte_writer& seen) {
    const std::uint32_t epoch = sieve.sieve().epoch();
    train(sieve, epoch, seen);
    if (epoch < ~std::uint32_t{0} - 1) {
      train(sieve, epoch + 1, seen);
      train(sieve, epoch + 2, seen);
    }
    seen.put(sieve.sieve().compiled().masses());
    seen.put(gs::float_bits(sieve.guard().threshold()));
    seen.put(std::string_view(sieve.report()));
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<automatic>(); }
