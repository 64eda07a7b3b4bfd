// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/sieve.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

namespace gs = gradsieve;
using ids = std::vector<std::int64_t>;

const ids some_ids = {0, 3, 1};
const std::vector<float> some_losses = {0.5f, support::nan_f(), 0.25f};

struct sieve {
  using part = gs::sieve;
  static constexpr auto kind = gs::state_kind::sieve;

  static std::vector<fuzz::twins<part>> objects() {
    gs::sieve_options queued = small(6);
    queued.policy = gs::power{1.0, 0.2};
    queued.queue = {.batch_size = 3};
    gs::sieve_options planned = small(5);
    planned.policy = gs::band{0.7, 1.0, 0.0};
    planned.min_fill = 1;
    planned.on_non_finite = gs::non_finite::select;
    planned.refresh = gs::max_age{1};
    planned.tied = gs::ties::averaged;
    gs::sieve_options without_ledger = small(0);
    without_ledger.order = gs::update_order::decide_then_update;
    without_ledger.keying = gs::draw_by::id;
    without_ledger.queue = {.batch_size = 2, .backlog = 3};

    std::vector<fuzz::twins<part>> made;
    for (const gs::sieve_options& options : {queued, planned, without_ledger}) {
      part used(options);
      for (int i = 0; i < 3; ++i) used.pick(some_ids, some_losses);
      part later = used;
      if (options.examples != 0) later.plan(2);
      used.load(later.save());  // leaves the plan's tables behind, which take long to copy
      made.push_back({part(options), used});
    }
    return made;
  }

  static void go_on(part& sieve, gs::byte_writer& seen) {
    seen.put(sieve.active());
    put(seen, static_cast<float>(sieve.keep_rate()));
    if (sieve.ledger().size() != 0) {
      plan(sieve, sieve.epoch(), seen);
      pick(sieve, seen, [&] { return sieve.pick_cached(some_ids); });
      plan(sieve, sieve.epoch() + 1, seen);
      seen.put(sieve.due(some_ids));
    }
    for (int i = 0; i < 2; ++i) {
      pick(sieve, seen, [&] { return sieve.pick(some_ids, some_losses); });
      for (const float weight : sieve.weights(some_losses)) put(seen, weight);
    }
    const gs::work_counters work = sieve.work();
    for (const std::uint64_t count : {work.forwards, work.backwards, work.skipped}) seen.put(count);
  }

 private:
  static gs::sieve_options small(std::int64_t examples) {
    return {.examples = examples, .history = 4, .max_batch = 4};
  }

  static void put(gs::byte_writer& seen, float value) { seen.put(gs::float_bits(value)); }

  //! Plans an epoch (the saved plan, if it is of this one) and trains on it. The table of a state
  //! may be one that forbids plans.
  static void plan(part& sieve, std::uint32_t epoch, gs::byte_writer& seen) {
    if (sieve.compiled().least_mass() == 0 && !sieve.options().refresh.revisits()) {
      return refused(sieve, [&] { sieve.plan(epoch); });
    }
    const gs::plan_view plan = sieve.plan(epoch);
    fuzz::require(plan.forced() <= plan.size(), "more ids are forced than planned");
    seen.put(plan.selective());
    seen.put(plan.forced());
    seen.put(plan.refresh());
    for (const auto batch : plan.batches(2)) {
      seen.put(batch);
      for (const std::int64_t id : batch) put(seen, static_cast<float>(plan.probability(id)));
      sieve.observe(batch, std::vector<float>(batch.size(), 0.75f));
    }
    sieve.refresh(plan.refresh(), std::vector<float>(plan.refresh().size(), 2.0f));
  }

  //! Picks and trains on what the queue holds. The queue of a state may be ahead of its sieve.
  template <class Pick>
  static void pick(part& sieve, gs::byte_writer& seen, Pick call) {
    const bool queued = sieve.options().queue.batch_size != 0;
    if (queued && sieve.queue().last_step() > sieve.step()) return refused(sieve, call);
    const auto picked = call();
    seen.put(picked.ids());
    for (const float probability : picked.probabilities()) put(seen, probability);
    if (!queued) return;
    while (const auto batch = sieve.queue().next()) seen.put(batch.ids());
  }

  template <class Call>
  static void refused(part& sieve, Call call) {
    const fuzz::bytes before = sieve.save();
    try {
      call();
      fuzz::fail("a call was not refused");
    } catch (const gs::invalid_argument&) {
      fuzz::require(sieve.save() == before, "a call that was refused changed the sieve");
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<sieve>(); }
