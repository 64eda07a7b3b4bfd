// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What one writes in an afternoon with tensor operations, and what both sides are given.
#pragma once

#include "../support/losses.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace bench {

//! The losses of `batches` as tensors of n that own nothing.
inline std::vector<at::Tensor> tensor_batches(std::size_t n) {
  const std::size_t count = n < batches<float>::pooled ? batches<float>::pooled / n : 1;
  const auto pool = losses(n * count);
  // from_blob wants a pointer that it could write through; nobody does.
  const at::Tensor all =
      at::from_blob(const_cast<float*>(pool.data()), {static_cast<std::int64_t>(pool.size())});
  return all.split(static_cast<std::int64_t>(n));
}

//! Selective-Backprop on a ring of the last losses.
class composed_pick {
 public:
  composed_pick(std::size_t history, double beta)
      : ring_(at::zeros({static_cast<std::int64_t>(history)})), beta_(beta) {}

  //! Positions of the selected, [count], int64.
  at::Tensor operator()(const at::Tensor& losses) {
    push(losses);
    const at::Tensor sorted = std::get<0>(ring_.narrow(0, 0, filled_).sort());
    const at::Tensor percentile = at::searchsorted(sorted, losses).div(filled_);
    return at::rand_like(losses).lt(percentile.pow(beta_)).nonzero().squeeze(1);
  }

 private:
  void push(const at::Tensor& losses) {
    const std::int64_t h = ring_.numel(), n = (std::min)(losses.numel(), h);
    const at::Tensor last = losses.narrow(0, losses.numel() - n, n);
    const std::int64_t first = (std::min)(n, h - next_);
    ring_.narrow(0, next_, first).copy_(last.narrow(0, 0, first));
    if (first < n) ring_.narrow(0, 0, n - first).copy_(last.narrow(0, first, n - first));
    next_ = (next_ + n) % h;
    filled_ = (std::min)(filled_ + n, h);
  }

  at::Tensor ring_;
  double beta_;
  std::int64_t next_ = 0, filled_ = 0;
};

//! Epochs planned from the last loss of each example.
class composed_plan {
 public:
  composed_plan(const at::Tensor& losses, double beta, double floor)
      : ledger_(losses.clone()), beta_(beta), floor_(floor) {}

  //! Ids to train, shuffled.
  at::Tensor plan() const {
    const at::Tensor sorted = std::get<0>(ledger_.sort());
    const at::Tensor percentile = at::searchsorted(sorted, ledger_).div(ledger_.numel());
    const at::Tensor probability = percentile.pow(beta_).clamp_min(floor_);
    const at::Tensor ids = at::rand_like(ledger_).lt(probability).nonzero().squeeze(1);
    return ids.index_select(0, at::randperm(ids.numel(), at::kLong));
  }
  void observe(const at::Tensor& ids, const at::Tensor& losses) {
    ledger_.index_copy_(0, ids, losses);
  }

 private:
  at::Tensor ledger_;
  double beta_, floor_;
};

}  // namespace bench
