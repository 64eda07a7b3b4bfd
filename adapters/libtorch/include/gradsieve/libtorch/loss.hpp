// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Losses to back-propagate: weighted means, and one loss per sequence from those of its
//! tokens.
#pragma once

#include <gradsieve/libtorch/tensors.hpp>
#include <gradsieve/loss/reduce.hpp>

#include <ATen/ops/full_like.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <limits>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! What a sum of weighted losses is divided by.
enum class denominator {
  examples,  //!< their number: goes with `normalisation::none`, `mean_one` and with `weights`
  weights,   //!< the weights' sum: a weighted mean, whatever their scale
};

namespace detail {

//! Losses are added up in float32 at least: a sum of 16-bit losses overflows.
inline at::Tensor widened(const at::Tensor& losses) {
  return losses.scalar_type() == at::kDouble ? losses : losses.to(at::kFloat);
}

inline void check_weights(const at::Tensor& losses, const at::Tensor& weights) {
  check_vector("weighted_mean", "losses", losses, losses.defined() ? losses.device() : at::kCPU);
  check_vector("weighted_mean", "weights", weights, losses.device());
  if (!at::isFloatingType(losses.scalar_type())) {
    refuse<c10::TypeError>("weighted_mean: losses are ", at::toString(losses.scalar_type()),
                           ", expected floating point");
  }
  if (losses.numel() != weights.numel()) {
    refuse<c10::ValueError>("weighted_mean: ", losses.numel(), " losses and ", weights.numel(),
                            " weights");
  }
}

//! The sum of w l over the examples of weight other than 0. @pre check_weights
inline at::Tensor weighted_sum(const at::Tensor& losses, const at::Tensor& weights) {
  const at::Tensor values = widened(losses);
  return at::where(weights.eq(0), at::zeros_like(values), values.mul(weights)).sum();
}

}  // namespace detail

//! (sum of w l) / `examples`, a tensor of no dimension, float32 or float64. For losses of a part of
//! a step (gradient accumulation, one rank of several): divide by the examples of the whole step,
//! and the gradients add up to the whole step's. An example of weight 0 has no part, whatever its
//! loss; the weights get no gradient.
//! @param losses   [n], one for each example, with a graph
//! @param weights  [n], of any dtype, on the same device
//! @param examples what to divide by, above 0
//! @throws c10::ValueError, c10::TypeError for tensors or a number that do not fit
inline at::Tensor weighted_mean(const at::Tensor& losses, const at::Tensor& weights,
                                std::int64_t examples) {
  detail::check_weights(losses, weights);
  if (examples <= 0) {
    detail::refuse<c10::ValueError>("weighted_mean: over ", examples, " examples");
  }
  return detail::weighted_sum(losses, weights.detach()).div(examples);
}

//! The same over what `by` says. 0, with gradients 0, for no examples and where all weights are 0.
inline at::Tensor weighted_mean(const at::Tensor& losses, const at::Tensor& weights,
                                denominator by) {
  detail::check_weights(losses, weights);
  const at::Tensor w = weights.detach(), sum = detail::weighted_sum(losses, w);
  if (by == denominator::examples) return sum.div((std::max)(losses.numel(), std::int64_t{1}));
  const at::Tensor total = detail::widened(w).sum();
  return sum.div(at::where(total.eq(0), at::ones_like(total), total));
}

//! One loss per sequence, [n], float32 or float64, with the graph: over the tokens kept, as
//! `gradsieve::reduce` to the rounding of torch's sums. A sequence without a token kept is NaN,
//! which a sieve skips, with gradients 0; so is one in which a kept loss is NaN. What is left out
//! has no part, even if it is NaN.
//! @param losses [n, tokens, …], of any floating dtype
//! @param keep   as large, bool, such as `targets != -100`
//! @throws c10::ValueError, c10::TypeError
inline at::Tensor token_losses(const at::Tensor& losses, const at::Tensor& keep,
                               reduction how = reduction::mean) {
  using detail::refuse;
  if (!losses.defined() || !keep.defined()) {
    refuse<c10::ValueError>("token_losses: an undefined tensor");
  }
  if (losses.dim() < 2 || losses.sizes() != keep.sizes()) {
    refuse<c10::ValueError>("token_losses: losses of ", losses.dim(), " dimensions and a mask of ",
                            keep.dim(), ", expected the same shape, [n, tokens]");
  }
  if (losses.device() != keep.device()) {
    refuse<c10::ValueError>("token_losses: losses are on ", losses.device().str().c_str(),
                            ", the mask is on ", keep.device().str().c_str());
  }
  if (!at::isFloatingType(losses.scalar_type()) || keep.scalar_type() != at::kBool) {
    refuse<c10::TypeError>("token_losses: losses are ", at::toString(losses.scalar_type()),
                           ", the mask is ", at::toString(keep.scalar_type()),
                           ", expected floating point and bool");
  }
  const at::Tensor values = detail::widened(losses).flatten(1), kept = keep.flatten(1);
  const at::Tensor count = kept.sum(1);
  const double filler = how == reduction::max ? -std::numeric_limits<double>::infinity() : 0.0;
  const at::Tensor counted = at::where(kept, values, at::full_like(values, filler));
  at::Tensor out;
  if (how == reduction::max) {
    out = values.size(1) == 0 ? counted.sum(1) : counted.amax(1);
  } else {
    out = counted.sum(1);
    if (how == reduction::mean) out = out.div(count.clamp_min(1));
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return at::where(count.eq(0), at::full_like(out, nan), out);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
