// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "studies.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace training {
namespace {

constexpr std::array<study, 5> table{{
    {"grid", "learning rates on a fixed tenth of the training set, equal trials for every method",
     study_grid},
    {"front",
     "plain SGD's batch size, momentum and learning rate at equal seconds, on the same tenth",
     study_front},
    {"gradient-norm", "loss against the norm of the example's gradient during training",
     study_gradient_norm},
    {"labels", "Selective-Backprop and the band with 1, 10 and 20 % wrong labels", study_labels},
    {"stale", "forward passes saved by cached losses, and what they cost in error", study_stale},
}};

}  // namespace

std::span<const study> studies() { return table; }

const study* find_study(std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &study::name);
  return found == table.end() ? nullptr : found;
}

std::string study_names() {
  std::string names;
  for (const study& candidate : table) {
    if (!names.empty()) names += ", ";
    names += candidate.name;
  }
  return names;
}

job make_job(const program& by, const settings& chosen, const method& what) {
  const tuned best = by.best_for(what);
  const method_options usual = best.options.value_or(what.options);
  job task{.what = &what, .options = usual, .training = {}};
  task.options.beta = chosen.beta.value_or(usual.beta);
  task.options.floor = chosen.floor.value_or(usual.floor);
  task.options.cap = chosen.cap.value_or(usual.cap);
  task.options.skip = chosen.skip.value_or(usual.skip);
  task.options.keep = chosen.keep.value_or(usual.keep);
  task.options.max_age = chosen.max_age.value_or(usual.max_age);
  task.options.history = chosen.history.value_or(usual.history);
  task.training.batch_size = chosen.batch_size;
  task.training.learning_rate = chosen.learning_rate.value_or(best.learning_rate);
  if (chosen.shape == decay::cosine) {
    task.training.schedule = gradsieve::cosine_decay{.warm_up = warm_up};
  }
  task.training.optimiser = {.momentum = static_cast<float>(chosen.momentum),
                             .weight_decay = static_cast<float>(chosen.weight_decay)};
  return task;
}

std::vector<std::uint64_t> seeds_or(const settings& chosen, std::uint64_t count) {
  if (!chosen.seeds.empty()) return chosen.seeds;
  std::vector<std::uint64_t> seeds(chosen.quick ? 1 : count);
  std::iota(seeds.begin(), seeds.end(), 1u);
  return seeds;
}

double epochs_or(const settings& chosen, double epochs) {
  if (!chosen.epochs.empty()) return chosen.epochs.front();
  return chosen.quick ? epochs / 4 : epochs;
}

job with_epochs(job task, double epochs, std::uint64_t seed, const dataset& train) {
  task.training.budget = epochs * static_cast<double>(train.size());
  task.training.seed = seed;
  return task;
}

std::string percent(double share, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, 100 * share);
  return text;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace training
