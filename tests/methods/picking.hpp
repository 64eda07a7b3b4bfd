// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The methods that pick, one after another, and how often they pick whom.
#pragma once

#include <gradsieve/methods.hpp>

#include <vector>

#include "support/losses.hpp"

namespace picking {

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

inline const std::vector<float>& no_irreducible_losses() {
  static const std::vector<float> zeros(100, 0.0f);
  return zeros;
}

//! Calls `each(description, make)` for every method that picks; `make()` gives a fresh object, in
//! the middle of a run of ten epochs, where all of them select.
template <class Each>
void for_each_method(Each each) {
  const ms::run_shape run{.examples = 100, .batch_size = 16, .epochs = 10, .seed = 3};
  const auto call = [&](const auto& method) {
    each(method.info, [&, method] {
      auto made = method.make(run);
      made.begin_epoch(6);
      return made;
    });
  };
  const std::vector<float>& zeros = no_irreducible_losses();
  call(ms::top_k{});
  call(ms::low_k{});
  call(ms::random_k{});
  call(ms::ordered_sgd{});
  call(ms::selective_backprop{.history = 16, .queued = false});
  call(ms::composer{.interrupt = 0});
  call(ms::importance_sampling{.threshold = 0});
  call(ms::rho_loss{zeros, 0.5});
  call(ms::rho_loss_boltzmann{zeros, 0.5});
  call(ms::minimal_variance{.keep = 0.5});
  call(ms::goss{});
  call(ms::progressive_dropout{});
  call(ms::progressive_dropout_random{});
  call(ms::evolved_sampling{});
  call(ms::ratio_schedule{.decision = {.beta = 1, .history = 16, .queued = false}});
}

//! How often each position of the same batch is selected in so many picks.
template <class Method>
std::vector<std::uint64_t> counts(Method& method, const std::vector<float>& losses, int picks) {
  std::vector<std::uint64_t> result(losses.size(), 0);
  for (int i = 0; i < picks; ++i) {
    for (const std::uint32_t position : method.pick(losses).positions()) ++result[position];
  }
  return result;
}

}  // namespace picking
