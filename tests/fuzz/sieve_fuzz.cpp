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
const std::vector<gs::group_id> some_groups = {1, 0, 1};

//! Not finite for an example that was last seen three epochs ago.
float aged(std::int64_t id, float loss, std::uint32_t age, gs::group_id group) {
  if (age == 3) return support::nan_f();
  return loss + static_cast<float>(age) - static_cast<float>(group + id % 2);
}

struct sieve {
  using part = gs::sieve;
  static constexpr auto kind = gs::state_kind::sieve;

  static std::vector<fuzz::twins<part>> objects() {
    gs::sieve_options queued = small(6);
    queued.policy = gs::power{1.0, 0.2};
    queued.queue = {.batch_size = 3};
    queued.min_batch = 2;
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
    gs::sieve_options grouped = small(5);
    grouped.per_group = gs::policy_list{gs::power{1.0, 0.2}, gs::band{0.7, 1.0, 0.1}};
    grouped.by = &aged;
    grouped.refresh = gs::max_age{2};
    grouped.min_batch = 1;

    std::vector<fuzz::twins<part>> made;
    for (const gs::sieve_options& options : {queued, planned, without_ledger, grouped}) {
      part used(options);
      for (int i = 0; i < 3; ++i) used.pick(some_ids, some_losses, {.groups = some_groups});
      if (options.examples != 0) {
        used.assign_groups(std::vector<int>(used.ledger().entries().size(), 1));
        used.retire(ids{2});
        used.plan(2);
      }
      used.load(used.save());  // leaves the plan's tables behind, which take long to copy
      made.push_back({part(options), used});
    }
    return made;
  }

  static void go_on(part& sieve, gs::byte_writer& seen) {
    seen.put(sieve.active());
    put(seen, static_cast<float>(sieve.keep_rate()));
    const gs::pick_options with_groups{.groups = some_groups};
    if (sieve.ledger().size() != 0) {
      plan(sieve, sieve.epoch(), seen);
      pick(sieve, seen, knows_groups(sieve), [&] { return sieve.pick_cached(some_ids); });
      plan(sieve, sieve.epoch() + 1, seen);
      seen.put(sieve.due(some_ids));
      pick(sieve, seen, knows_groups(sieve), [&] { return sieve.pick(some_ids, some_losses); });
    }
    for (int i = 0; i < 2; ++i) {
      pick(sieve, seen, true, [&] { return sieve.pick(some_ids, some_losses, with_groups); });
      for (const float weight : sieve.weights(some_ids, some_losses, with_groups)) {
        put(seen, weight);
      }
    }
    const gs::work_counters work = sieve.work();
    for (const std::uint64_t count : {work.forwards, work.backwards, work.skipped}) seen.put(count);
  }

 private:
  static gs::sieve_options small(std::int64_t examples) {
    return {.examples = examples, .history = 4, .max_batch = 4};
  }

  static void put(gs::byte_writer& seen, float value) { seen.put(gs::float_bits(value)); }

  //! Whether every example has the group that its policy is chosen by. A state may hold none.
  static bool knows_groups(const part& sieve) {
    return sieve.options().per_group.size() == 0 ||
           sieve.groups().size() == sieve.ledger().entries().size();
  }

  //! Plans an epoch (the saved plan, if it is of this one) and trains on it. The table of a state
  //! may be one that forbids plans.
  static void plan(part& sieve, std::uint32_t epoch, gs::byte_writer& seen) {
    const bool covers = sieve.compiled().least_mass() != 0 || sieve.options().refresh.revisits();
    if (!covers || !knows_groups(sieve)) return refused(sieve, [&] { sieve.plan(epoch); });
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

  //! Picks, where the sieve knows enough, and trains on what the queue holds. The queue of a state
  //! may be ahead of its sieve.
  template <class Pick>
  static void pick(part& sieve, gs::byte_writer& seen, bool knows_enough, Pick call) {
    const bool queued = sieve.options().queue.batch_size != 0;
    if (!knows_enough || (queued && sieve.queue().last_step() > sieve.step())) {
      return refused(sieve, call);
    }
    const auto picked = call();
    seen.put(picked.ids());
    for (const float probability : picked.probabilities()) {
      fuzz::require(probability > 0, "an example was selected that could not have been");
      put(seen, probability);
    }
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
