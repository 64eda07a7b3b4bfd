// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file RHO-LOSS: examples whose loss exceeds what a model that never trained on them has.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/successive_selector.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! The score loss - irreducible[id], the loss that a model trained on a hold-out has on the
//! example. NaN, and so never selected, for an id beyond them. Holds a view: the values must
//! outlive the sieve.
class excess_loss {
 public:
  explicit excess_loss(std::span<const float> irreducible) : irreducible_(irreducible) {}

  float operator()(std::int64_t id, float loss, std::uint32_t, group_id) const {
    if (std::cmp_greater_equal(id, irreducible_.size()))
      return detail::bit_cast<float>(0x7fc00000u);
    return loss - irreducible_[static_cast<std::size_t>(id)];
  }

 private:
  std::span<const float> irreducible_;
};

//! The int(keep n) examples of a large batch with the greatest excess loss, at least one. Picks
//! need ids; the ledger, if there is one, keeps the losses. Source: equation 3 and algorithm 1 of
//! the paper, which selects 32 of 320. Equal scores: the earlier win. NaN is never selected.
//! Difference from the public code: that forwards the selected ones again to train them, here it
//! may be the same pass.
struct rho_loss {
  std::span<const float> irreducible;  //!< by id
  double keep = 0.1;                   //!< in (0, 1]

  static constexpr method_info info{.name = "rho_loss",
                                    .source = "Mindermann et al., ICML 2022, arXiv 2206.07137",
                                    .rule = "the largest loss - irreducible loss of the batch",
                                    .weights = "-",
                                    .cost = "O(n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 8};
  using sieve_type = basic_sieve<no_history, counted<top_k_selector, keep_share>>;

  //! @throws invalid_argument unless 0 < keep <= 1 and there is a loss for each of `examples`.
  sieve_type make(const run_shape& run) const {
    detail::check_share("rho_loss: keep", keep);
    return {options(run), no_history(), counted<top_k_selector, keep_share>({keep})};
  }

  sieve_options options(const run_shape& run) const {
    if (!std::cmp_equal(irreducible.size(), run.examples)) {
      detail::fail<invalid_argument>("rho_loss: ", irreducible.size(), " irreducible losses for ",
                                     run.examples, " examples");
    }
    sieve_options made = run.batch_alone();
    made.by = excess_loss(irreducible);
    return made;
  }
};

//! The same by chance: int(keep n) one after another without replacement, p in proportion to
//! exp(excess / temperature). All equal: uniformly. Source: the paper's variant for noisy scores.
//! The exponential's last bit may differ between math libraries.
struct rho_loss_boltzmann {
  std::span<const float> irreducible;  //!< by id
  double keep = 0.1;                   //!< in (0, 1]
  double temperature = 1.0;            //!< > 0

  static constexpr method_info info{.name = "rho_loss_boltzmann",
                                    .source = "Mindermann et al., ICML 2022, arXiv 2206.07137",
                                    .rule = "p = exp((loss - irreducible) / T) in the batch",
                                    .weights = "-",
                                    .cost = "O(n + k log n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 8};
  using selector_type = counted<successive_selector<by_boltzmann>, keep_share>;
  using sieve_type = basic_sieve<no_history, selector_type>;

  //! @throws invalid_argument as `rho_loss`, and unless the temperature is above 0.
  sieve_type make(const run_shape& run) const {
    detail::check_share("rho_loss_boltzmann: keep", keep);
    if (!(temperature > 0) || !detail::is_at_least_zero(temperature)) {
      detail::fail<invalid_argument>("rho_loss_boltzmann: temperature is ", temperature,
                                     ", it must be above 0");
    }
    const successive_selector<by_boltzmann> inner(0, {.temperature = temperature});
    return {rho_loss{irreducible, keep}.options(run), no_history(), selector_type({keep}, inner)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
