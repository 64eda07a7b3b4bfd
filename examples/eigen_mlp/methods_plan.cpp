// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Planned methods: the ledger of training losses decides before the batch, so that no
//! forward pass is spent on choosing.
#include "epochs.hpp"
#include "light_step.hpp"
#include "methods.hpp"

#include <gradsieve/gradsieve.hpp>

#include <numeric>
#include <vector>

namespace eigen_mlp {
namespace {

gradsieve::sieve_options planned(const trainer& run, const method_options& options,
                                 gradsieve::curve policy) {
  return {.examples = run.examples(),
          .policy = policy,
          .seed = run.seed(),
          .active = gradsieve::after_epochs{1},
          .refresh = gradsieve::max_age{options.max_age}};
}

gradsieve::band band_of(const method_options& options) {
  return {.cap = options.cap, .beta = options.beta, .floor = options.floor};
}

//! Epochs of planned batches until the budget is spent. `before` is told the epoch ahead of each
//! plan, `step` trains a batch and returns its losses.
//! @param sieves  the one that plans, then those that `step` has
template <class Before, class Step>
void train_planned(trainer& run, trainer::sieve_list sieves, Before before, Step step) {
  gradsieve::sieve& sieve = **sieves.begin();
  const auto open = [&](const place& at) {
    if (at.batch == 0) before(at.epoch);
    const auto plan = run.selecting([&] { return sieve.plan(at.epoch); });
    return rest_of(plan, at, run.batch_size());
  };
  train_epochs(run, sieves, open, [&](std::span<const std::int64_t> ids) {
    const auto losses = step(ids);
    run.selecting([&] { sieve.observe(ids, losses); });
  });
  std::vector<remembered> memory;
  for (const auto& entry : sieve.ledger().entries()) {
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
      run, {&sieve}, [](std::uint32_t) {}, whole_batch(run));
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
      run, {&sieve, step.memory()}, [](std::uint32_t) {}, std::ref(step));
}

void train_plan_power(trainer& run, const method_options& options) {
  train_planned(
      run, planned(run, options, gradsieve::power{.beta = options.beta, .floor = options.floor}));
}

void train_plan_permuted(trainer& run, const method_options& options) {
  // All side effects of a plan (shorter epochs, rising ages), none of its information.
  gradsieve::sieve sieve(planned(run, options, band_of(options)));
  sieve.watch(run);
  train_planned(
      run, {&sieve},
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

}  // namespace eigen_mlp
