// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The training methods by name: each is a few lines around the library's sieve.
#pragma once

#include "trainer.hpp"

#include <gradsieve/methods/method_info.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace training {

//! What the methods can be told; each reads the ones it has a use for.
struct method_options {
  double beta = 1;             //!< probability = percentile^beta, or (percentile / cap)^beta
  double floor = 0;            //!< the least probability; of a band, the one above the cap
  double cap = 1;              //!< of a band: percentiles above are taken for noise
  double skip = 0;             //!< share of the lowest losses that is not back-propagated
  double keep = 0.5;           //!< share of a batch or an epoch, where a method has one
  std::uint32_t max_age = 6;   //!< epochs after which an example is visited again
  std::size_t history = 1024;  //!< losses in the sliding window
};

struct method {
  std::string_view name;
  std::string_view description;
  void (*train)(trainer&, const method_options&);
  method_options options{};  //!< defaults
  //! What the library says of it; null for what is not published as a method.
  const gradsieve::methods::method_info* published = nullptr;
};

//! In display order; the first is the baseline.
std::span<const method> methods();

//! The method of that name, or null.
const method* find_method(std::string_view name);

//! "uniform, random, …": for messages.
std::string method_names(std::span<const method> all);

// methods_plan.cpp: ids are chosen before the batch
void train_uniform(trainer&, const method_options&);
void train_random(trainer&, const method_options&);
void train_plan(trainer&, const method_options&);
void train_plan_skip(trainer&, const method_options&);
void train_plan_power(trainer&, const method_options&);
void train_plan_permuted(trainer&, const method_options&);
void train_automatic(trainer&, const method_options&);

// methods_pick.cpp: examples are chosen after a forward pass
void train_sb(trainer&, const method_options&);
void train_skip(trainer&, const method_options&);
void train_sb_reuse(trainer&, const method_options&);
void train_band_reuse(trainer&, const method_options&);
void train_stale_sb(trainer&, const method_options&);

// methods_candidates.cpp: plan-power with one thing changed
void train_plan_strata(trainer&, const method_options&);
void train_plan_weights(trainer&, const method_options&);
void train_plan_fading(trainer&, const method_options&);
void train_plan_classes(trainer&, const method_options&);
void train_plan_score(trainer&, const method_options&);

// methods_published.cpp: the others of gradsieve/methods.hpp
void train_top_k(trainer&, const method_options&);
void train_low_k(trainer&, const method_options&);
void train_random_k(trainer&, const method_options&);
void train_ordered(trainer&, const method_options&);
void train_composer(trainer&, const method_options&);
void train_importance(trainer&, const method_options&);
void train_minimal_variance(trainer&, const method_options&);
void train_goss(trainer&, const method_options&);
void train_dropout(trainer&, const method_options&);
void train_dropout_random(trainer&, const method_options&);
void train_evolved(trainer&, const method_options&);
void train_ratio(trainer&, const method_options&);
void train_info_batch(trainer&, const method_options&);
void train_random_subsets(trainer&, const method_options&);
void train_online_batch_selection(trainer&, const method_options&);
void train_replay(trainer&, const method_options&);
void train_reweighting(trainer&, const method_options&);

}  // namespace training
