// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "methods.hpp"

#include <array>

namespace eigen_mlp {
namespace {

// Learning rates and options were chosen on the hold-out, never on the test set, by
//   eigen_mlp --study grid --epochs 8 --method uniform --method plan …
// and the same with --beta, --cap, --floor and --max-age. Equal trials for every method.
constexpr method_options plan_options{.beta = 1, .floor = 0.5, .cap = 0.95, .max_age = 6};

constexpr std::array<method, 10> table{{
    {"uniform", "plain SGD over all examples", train_uniform, {}, 0.4},
    {"random", "a random subset an epoch, as large as the plan's", train_random, plan_options, 0.4},
    {"plan-permuted", "control: the plan, with the losses shuffled among the examples",
     train_plan_permuted, plan_options, 0.4},
    {"sb",
     "Selective-Backprop as published: a selection forward, then a training step",
     train_sb,
     {.beta = 2},
     0.2},
    {"sb-reuse",
     "Selective-Backprop that back-propagates the selection forward",
     train_sb_reuse,
     {.beta = 1},
     0.2},
    {"stale-sb",
     "Selective-Backprop on cached losses, forwarded again after max-age epochs",
     train_stale_sb,
     {.beta = 2, .max_age = 3},
     0.2},
    {"plan-power",
     "planned from the ledger, percentile^beta: the highest losses always",
     train_plan_power,
     {.beta = 2},
     0.2},
    {"plan", "planned from the ledger of training losses, half of the very highest left out",
     train_plan, plan_options, 0.2},
    {"band",
     "plan that leaves out the highest fifth, as a guard against wrong labels",
     train_plan,
     {.beta = 1, .cap = 0.8},
     0.2},
    {"band-reuse",
     "sb-reuse that leaves out the highest fifth",
     train_band_reuse,
     {.beta = 1, .cap = 0.8},
     0.2},
}};

}  // namespace

std::span<const method> methods() { return table; }

const method* find_method(std::string_view name) {
  for (const method& candidate : table) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

std::string method_names() {
  std::string names;
  for (const method& candidate : table) {
    if (!names.empty()) names += ", ";
    names += candidate.name;
  }
  return names;
}

}  // namespace eigen_mlp
