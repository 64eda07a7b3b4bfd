// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Planned methods: the ledger of training losses decides before the batch, so that no
//! forward pass is spent on choosing.
#include "epochs.hpp"
#include "light_step.hpp"
#include "methods.hpp"

#include <gradsieve/automatic.hpp>
#include <gradsieve/gradsieve.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

namespace training {
namespace {

gradsieve::band band_of(const method_options& options) {
  return {.cap = options.cap, .beta = options.beta, .floor = options.floor};
}

const gradsieve::loss_ledger& ledger_of(const gradsieve::sieve& sieve) { return sieve.ledger(); }
const gradsieve::loss_ledger& ledger_of(const gradsieve::automatic& all) {
  return all.sieve().ledger();
}

//! Refreshes what the planner knows of examples that it spares: forward passes alone, within the
//! budget. The run may end on the way.
template <class Planner>
void look_again(trainer& run, Planner& planner, std::span<const std::int64_t> spared) {
  const std::vector<std::int64_t> ids(spared.begin(), spared.end());
  for (std::size_t first = 0; first < ids.size() && !run.finished(); first += run.batch_size()) {
    const auto part = std::span(ids).subspan(first, std::min(run.batch_size(), ids.size() - first));
    const auto losses = run.scoring_forward(part);
    run.selecting([&] { planner.refresh(part, losses); });
  }
}

//! What becomes of examples that a plan spares because they look mislabelled.
enum class spared { stay_out, looked_at_again };

//! Epochs of planned batches until the budget is spent. `before` is told the epoch ahead of each
//! plan, `step` trains a batch and returns its losses.
//! @param planner  what plans and observes
//! @param parts    all that is saved: the planner, then what `step` has
template <class Planner, class Before, class Step>
void train_planned(trainer& run, Planner& planner, trainer::part_list parts, Before before,
                   Step step, spared those = spared::stay_out) {
  const auto open = [&](const place& at) {
    if (at.batch == 0) before(at.epoch);
    const auto plan = run.selecting([&] { return planner.plan(at.epoch); });
    if (at.batch == 0 && those == spared::looked_at_again) {
      look_again(run, planner, plan.refresh());
    }
    return rest_of(plan, at, run.batch_size());
  };
  train_epochs(run, parts, open, [&](std::span<const std::int64_t> ids) {
    const auto losses = step(ids);
    run.selecting([&] { planner.observe(ids, losses); });
  });
  std::vector<remembered> memory;
  for (const auto& entry : ledger_of(planner).entries()) {
    memory.push_back({entry.seen(), entry.selected(), entry.has_loss() ? entry.loss() : 0.0f});
  }
  run.remember(std::move(memory));
}

//! A step on the whole batch.
auto whole_batch(trainer& run) {
  return [&run](std::span<const std::int64_t> ids) { return run.train_step(ids); };
}

void train_planned(trainer& run, const gradsieve::sieve_options& options) {
  gradsieve::sieve sieve(options);
  sieve.watch(run);
  train_planned(
      run, sieve, {&sieve}, [](std::uint32_t) {}, whole_batch(run));
}

//! Deals the known losses anew among the ids that have one.
void permute_losses(gradsieve::loss_ledger& ledger, const gradsieve::draw_key& key) {
  std::vector<std::int64_t> ids;
  std::vector<float> losses;
  for (std::int64_t id = 0; id < ledger.size(); ++id) {
    if (!ledger.at(id).has_loss()) continue;
    ids.push_back(id);
    losses.push_back(ledger.at(id).loss());
  }
  const gradsieve::bijection place(ids.size(), key);
  for (std::size_t i = 0; i < ids.size(); ++i) ledger.set_loss(ids[i], losses[place(i)]);
}

}  // namespace

void train_plan(trainer& run, const method_options& options) {
  // The plan lists overdue examples above the cap for a refresh; it is not taken up. With a floor
  // they come back by themselves; `band` has none, and what it takes for a wrong label stays out.
  train_planned(run, planned(run, options, band_of(options)));
}

void train_plan_skip(trainer& run, const method_options& options) {
  gradsieve::sieve sieve(planned(run, options, band_of(options)));
  light_step step(run, options);
  train_planned(
      run, sieve, {&sieve, step.memory()}, [](std::uint32_t) {}, std::ref(step));
}

void train_plan_power(trainer& run, const method_options& options) {
  train_planned(
      run, planned(run, options, gradsieve::power{.beta = options.beta, .floor = options.floor}));
}

void train_automatic(trainer& run, const method_options& options) {
  gradsieve::automatic sieve({.examples = run.examples(),
                              .seed = run.seed(),
                              .policy = gradsieve::power{.beta = options.beta},
                              .max_age = options.max_age,
                              .history = options.history});
  sieve.sieve().watch(run);
  train_planned(
      run, sieve, {&sieve}, [](std::uint32_t) {}, whole_batch(run), spared::looked_at_again);
}

void train_plan_permuted(trainer& run, const method_options& options) {
  // All side effects of a plan (shorter epochs, rising ages), none of its information.
  gradsieve::sieve sieve(planned(run, options, band_of(options)));
  sieve.watch(run);
  train_planned(
      run, sieve, {&sieve},
      [&](std::uint32_t epoch) {
        permute_losses(sieve.ledger(),
                       {.seed = run.seed(), .step = epoch, .use = gradsieve::purpose::user});
      },
      whole_batch(run));
}

void train_random(trainer& run, const method_options& options) {
  // As many as the plan's policy keeps in the mean.
  const double keep = options.cap / (1 + options.beta) + (1 - options.cap) * options.floor;
  auto subset = planned(run, options, gradsieve::uniform{keep});
  subset.refresh = gradsieve::never_stale{};
  train_planned(run, subset);
}

void train_uniform(trainer& run, const method_options&) {
  // The baseline pays for no ledger: the sieve only shuffles.
  auto order = shuffled(run);
  train_epochs(run, {&order}, all_batches(run, order),
               [&](std::span<const std::int64_t> ids) { run.train_step(ids); });
}

}  // namespace training
