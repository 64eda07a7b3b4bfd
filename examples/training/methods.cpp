// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "methods.hpp"

#include <gradsieve/methods.hpp>

#include <array>

namespace training {
namespace {

// The plan's options come from a search with the MLP, on a hold-out, over beta 1 to 3, cap 0.9 to 1
// and floor 0.3 to 0.5 at 4, 8 and 16 epochs; that was some 60 configurations, where uniform's
// batch size and weight decay got 25. automatic has the library's defaults. band's cap is that of a
// known share of wrong labels. A trainer may have found others (program.hpp).
constexpr method_options plan_options{.beta = 1.5, .floor = 0.5, .cap = 0.95, .max_age = 6};
constexpr method_options noise_guard{.beta = 1, .floor = 0, .cap = 0.8, .max_age = 6};
constexpr method_options published{.beta = 2};
constexpr method_options steep{.beta = 3, .max_age = 8};
constexpr method_options skipping{.skip = 0.7};
constexpr method_options planned_skipping{
    .beta = 1.5, .floor = 0.5, .cap = 0.95, .skip = 0.5, .max_age = 6};

constexpr method_options halves{.beta = 1, .keep = 0.5};

namespace published_as = gradsieve::methods;

constexpr std::array<method, 35> table{{
    {"uniform", "plain SGD over all examples", train_uniform, {}, &published_as::uniform::info},
    {"random", "a random subset an epoch, as large as the plan's", train_random, plan_options},
    {"plan-permuted", "control: the plan, with the losses shuffled among the examples",
     train_plan_permuted, plan_options},
    {"sb", "Selective-Backprop as published: a selection forward, then a training step", train_sb,
     published, &published_as::selective_backprop::info},
    {"sb-reuse", "Selective-Backprop that back-propagates the selection forward", train_sb_reuse,
     method_options{}},
    {"skip", "plain SGD without the backward pass of the lowest losses", train_skip, skipping},
    {"stale-sb", "Selective-Backprop on losses that are up to max-age epochs old", train_stale_sb,
     method_options{.beta = 2, .max_age = 3}, &published_as::stale_selective_backprop::info},
    {"plan-power", "planned from the ledger, the highest losses always", train_plan_power,
     published},
    {"plan-strata", "plan-power, exactly k an epoch, its strata dealt out among the batches",
     train_plan_strata, steep},
    {"plan-weights", "plan-power, with weights that lean towards unbiased ones at the end",
     train_plan_weights, steep},
    {"plan-fading", "plan-power by the percentile when observed, fading with age",
     train_plan_fading, steep},
    {"plan-classes", "plan-power by the percentile within the class", train_plan_classes, steep},
    {"plan-score", "plan-power by a running mean of the losses and their deviation",
     train_plan_score, steep},
    {"plan", "planned from the ledger of training losses, no selection forward", train_plan,
     plan_options},
    {"plan-skip", "plan, and no backward pass for the lowest losses of a batch", train_plan_skip,
     planned_skipping},
    {"automatic",
     "planned by the library's defaults: keep rate held, gate, guard against wrong labels",
     train_automatic, method_options{.beta = 3, .max_age = 8}},
    {"band", "plan without the highest fifth: a guard against wrong labels", train_plan,
     noise_guard},
    {"band-reuse", "sb-reuse without the highest fifth", train_band_reuse, noise_guard},
    {"random-k", "a random half of each forward pass", train_random_k, halves,
     &published_as::random_k::info},
    {"rs2", "a random half of the data an epoch, in turns", train_random_subsets, halves,
     &published_as::random_subsets::info},
    {"low-k", "control: the smaller half of the losses", train_low_k, halves,
     &published_as::low_k::info},
    {"top-k", "the larger half of the losses", train_top_k, halves, &published_as::top_k::info},
    {"ordered-sgd", "the larger losses, fewer as the accuracy rises", train_ordered, halves,
     &published_as::ordered_sgd::info},
    {"composer", "by ranks within the batch, in the middle of the training", train_composer, halves,
     &published_as::composer::info},
    {"obs", "Online Batch Selection: drawn by the rank of the last loss",
     train_online_batch_selection, halves, &published_as::online_batch_selection::info},
    {"importance", "drawn in proportion to the loss, once that pays, with weights",
     train_importance, halves, &published_as::importance_sampling::info},
    {"info-batch", "half of the losses below the mean, with weights", train_info_batch, halves,
     &published_as::info_batch::info},
    {"mvs", "minimal-variance sampling by the loss, with weights", train_minimal_variance, halves,
     &published_as::minimal_variance::info},
    {"replay", "prioritised replay: batches drawn by the last loss, with weights", train_replay,
     halves, &published_as::prioritised_replay::info},
    {"goss", "the largest third of the losses, a sixth of the rest, with weights", train_goss,
     halves, &published_as::goss::info},
    {"dropout", "Progressive Data Dropout: those not yet sure", train_dropout, halves,
     &published_as::progressive_dropout::info},
    {"dropout-random", "its twin: as many at random", train_dropout_random, halves,
     &published_as::progressive_dropout_random::info},
    {"evolved", "Evolved Sampling: by running means of the losses", train_evolved, halves,
     &published_as::evolved_sampling::info},
    {"reweight", "loss-based reweighting: nothing is dropped", train_reweighting, halves,
     &published_as::loss_reweighting::info},
    {"ratio", "exactly k by percentile, in low and high phases", train_ratio, halves,
     &published_as::ratio_schedule::info},
}};

}  // namespace

std::span<const method> methods() { return table; }

const method* find_method(std::string_view name) {
  for (const method& candidate : table) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

std::string method_names(std::span<const method> all) {
  std::string names;
  for (const method& candidate : all) {
    if (!names.empty()) names += ", ";
    names += candidate.name;
  }
  return names;
}

}  // namespace training
