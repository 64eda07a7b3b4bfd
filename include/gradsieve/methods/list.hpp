// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file All methods' descriptions in one table.
#pragma once

#include <gradsieve/methods/batch_k.hpp>
#include <gradsieve/methods/composer.hpp>
#include <gradsieve/methods/evolved_sampling.hpp>
#include <gradsieve/methods/goss.hpp>
#include <gradsieve/methods/importance_sampling.hpp>
#include <gradsieve/methods/info_batch.hpp>
#include <gradsieve/methods/loss_reweighting.hpp>
#include <gradsieve/methods/minimal_variance.hpp>
#include <gradsieve/methods/online_batch_selection.hpp>
#include <gradsieve/methods/ordered_sgd.hpp>
#include <gradsieve/methods/prioritised_replay.hpp>
#include <gradsieve/methods/progressive_dropout.hpp>
#include <gradsieve/methods/random_subsets.hpp>
#include <gradsieve/methods/ratio_schedule.hpp>
#include <gradsieve/methods/rho_loss.hpp>
#include <gradsieve/methods/selective_backprop.hpp>
#include <gradsieve/methods/stale_selective_backprop.hpp>
#include <gradsieve/methods/uniform.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! In the order of the table that `list_methods` prints: baselines first.
inline constexpr method_info all[] = {
    uniform::info,
    random_k::info,
    random_subsets::info,
    low_k::info,
    top_k::info,
    ordered_sgd::info,
    selective_backprop::info,
    stale_selective_backprop::info,
    composer::info,
    online_batch_selection::info,
    importance_sampling::info,
    info_batch::info,
    rho_loss::info,
    rho_loss_boltzmann::info,
    minimal_variance::info,
    prioritised_replay::info,
    goss::info,
    progressive_dropout::info,
    progressive_dropout_random::info,
    evolved_sampling::info,
    loss_reweighting::info,
    ratio_schedule::info,
};

//! The description of that name, or null.
constexpr const method_info* find(std::string_view name) {
  for (const method_info& each : all) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
