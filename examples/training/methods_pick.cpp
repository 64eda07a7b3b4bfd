// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Methods that choose after a forward pass: Selective-Backprop as published, with the
//! selection forward reused, and with cached losses.
#include "epochs.hpp"
#include "light_step.hpp"
#include "methods.hpp"

#include <gradsieve/gradsieve.hpp>
#include <gradsieve/methods/stale_selective_backprop.hpp>

#include <cmath>
#include <vector>

namespace training {
namespace {

void train_queue(trainer& run, gradsieve::batch_queue& queue) {
  while (auto batch = run.selecting([&] { return queue.next(); })) {
    if (run.finished()) break;
    run.train_step(batch.ids());
  }
}

gradsieve::methods::selective_backprop published_decision(const method_options& options) {
  return {.beta = options.beta, .floor = options.floor, .history = options.history};
}

gradsieve::sieve_options picked(const trainer& run, const method_options& options,
                                gradsieve::curve policy) {
  return {.policy = policy,
          .history = options.history,
          .max_batch = 1024,
          .seed = run.seed(),
          .active = gradsieve::after_epochs{1}};
}

//! Back-propagates the chosen columns of the selection forward. The batch is widened by what the
//! policy drops, so that about `batch_size` examples remain for each step.
void train_reusing(trainer& run, const gradsieve::sieve_options& options, double keep) {
  gradsieve::sieve sieve(options);
  sieve.watch(run);
  auto order = shuffled(run);
  const auto open = [&](const place& at) {
    sieve.begin_epoch(at.epoch);
    const double share = sieve.active() ? keep : 1;
    const auto width = static_cast<std::size_t>(
        std::min(std::round(static_cast<double>(run.batch_size()) / share), 1024.0));
    return rest_of(order.plan(at.epoch), at, width);
  };
  train_epochs(run, {&sieve, &order}, open, [&](std::span<const std::int64_t> ids) {
    const auto losses = run.forward(ids);
    const auto selection = run.selecting([&] { return sieve.pick(losses); });
    run.backward(selection.positions());
  });
}

//! All batches, for a sieve that picks from them and is told the epoch.
auto batches_for(gradsieve::sieve& sieve, const trainer& run, gradsieve::sieve& order) {
  return [&, all = all_batches(run, order)](const place& at) {
    sieve.begin_epoch(at.epoch);
    return all(at);
  };
}

}  // namespace

void train_sb(trainer& run, const method_options& options) {
  auto sieve = published_decision(options).make(shape_of(run));
  sieve.watch(run);
  auto order = shuffled(run);
  const auto step = [&](std::span<const std::int64_t> ids) {
    if (!sieve.active()) {  // the first epoch trains on everything and needs no second forward
      run.train_step(ids);
      return;
    }
    const auto losses = run.scoring_forward(ids);
    run.selecting([&] { sieve.pick(ids, losses); });
    train_queue(run, sieve.queue());
  };
  train_epochs(run, {&sieve, &order}, batches_for(sieve, run, order), step);
}

void train_stale_sb(trainer& run, const method_options& options) {
  const gradsieve::methods::stale_selective_backprop method{
      .decision = published_decision(options), .refresh = gradsieve::max_age{options.max_age}};
  auto sieve = method.make(shape_of(run));
  sieve.watch(run);
  auto order = shuffled(run);
  std::vector<std::int64_t> due;
  const auto step = [&](std::span<const std::int64_t> ids) {
    if (!sieve.active()) {
      const auto losses = run.train_step(ids);
      run.selecting([&] { sieve.observe(ids, losses); });
      return;
    }
    due.clear();
    run.selecting([&] {
      for (const std::uint32_t position : sieve.due(ids)) due.push_back(ids[position]);
    });
    if (!due.empty()) sieve.refresh(due, run.scoring_forward(due));
    run.selecting([&] { sieve.pick_cached(ids); });
    train_queue(run, sieve.queue());
  };
  train_epochs(run, {&sieve, &order}, batches_for(sieve, run, order), step);
}

void train_skip(trainer& run, const method_options& options) {
  light_step step(run, options);
  auto order = shuffled(run);
  train_epochs(run, {step.memory(), &order}, all_batches(run, order), std::ref(step));
}

void train_sb_reuse(trainer& run, const method_options& options) {
  const gradsieve::power policy{.beta = options.beta, .floor = options.floor};
  train_reusing(run, picked(run, options, policy), 1 / (1 + options.beta));
}

void train_band_reuse(trainer& run, const method_options& options) {
  const gradsieve::band policy{.cap = options.cap, .beta = options.beta, .floor = options.floor};
  train_reusing(run, picked(run, options, policy), options.cap / (1 + options.beta));
}

}  // namespace training
