// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/keep_controller.hpp>

#include "fuzz/harness.hpp"
#include "support/losses.hpp"

namespace {

namespace gs = gradsieve;

//! A controller beside the sieve that it steers. A copy has a sieve that has seen nothing, and a
//! controller that loaded the other one's state, since a controller cannot be copied.
class controlled {
 public:
  controlled(const gs::sieve_options& options, const gs::keep_options& keep)
      : keep_(keep), sieve_(options), control_(sieve_, keep) {}
  controlled(const controlled& other) : controlled(other.sieve_.options(), other.keep_) {
    control_.load(sieve_, other.save());
  }
  controlled& operator=(const controlled& other) {
    controlled copy(other);
    keep_ = copy.keep_;
    sieve_ = std::move(copy.sieve_);
    control_ = std::move(copy.control_);
    return *this;
  }
  ~controlled() = default;

  fuzz::bytes save() const { return control_.save(); }
  void load(std::span<const std::byte> bytes) {
    const fuzz::bytes before = sieve_.save();
    try {
      control_.load(sieve_, bytes);
    } catch (const gs::state_error&) {
      fuzz::require(sieve_.save() == before, "a load that was refused changed the sieve");
      throw;
    }
  }

  //! Plans an epoch and trains on it, then picks from a batch.
  void train(std::uint32_t epoch, gs::byte_writer& seen) {
    if (sieve_.ledger().size() != 0) {
      const gs::plan_view plan = control_.plan(sieve_, epoch);
      seen.put(plan.train());
      const auto ids = support::to_vector(plan.train());
      sieve_.observe(ids, support::random_losses(ids.size(), epoch));
    }
    const auto picked = sieve_.pick(support::random_losses(6, epoch));
    seen.put(picked.positions());
    control_.after(sieve_, picked);
    seen.put(control_.reached());
    const double owed = control_.owed();
    fuzz::require(owed >= -9 && owed <= 9, "more is owed than a step has");
    seen.put(gs::detail::bit_cast<std::uint64_t>(owed));
    seen.put(sieve_.compiled().masses());
  }

 private:
  gs::keep_options keep_;
  gs::sieve sieve_;
  gs::keep_controller control_;
};

struct keep_controller {
  using part = controlled;
  static constexpr auto kind = gs::state_kind::keep_controller;

  static std::vector<fuzz::twins<part>> objects() {
    const gs::sieve_options picking{
        .policy = gs::power{1}, .history = 5, .min_fill = 2, .tied = gs::ties::averaged};
    const gs::sieve_options planning{
        .examples = 9, .policy = gs::power{3}, .history = 4, .refresh = gs::max_age{3}};
    std::vector<fuzz::twins<part>> made;
    for (const part& fresh : {part(picking, {.keep = 0.4}), part(planning, {.per_epoch = 5})}) {
      part used = fresh;
      gs::byte_writer seen;
      for (std::uint32_t epoch = 0; epoch < 5; ++epoch) used.train(epoch, seen);
      made.push_back({fresh, used});
    }
    return made;
  }

  static void go_on(part& control, gs::byte_writer& seen) {
    for (const std::uint32_t epoch : {0u, 1u, 4u, 5u}) control.train(epoch, seen);
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<keep_controller>(); }
