// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file An epoch's selection with tensors, training left out: the plan, its batches of 128, and
//! their losses observed. The sieve against composed tensor operations.
#include "../support/harness.hpp"
#include "composed.hpp"

#include <gradsieve/libtorch/sieve.hpp>
#include <gradsieve/policy/combinators.hpp>

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace {

constexpr std::int64_t batch = 128;
constexpr std::size_t history = 1024;
//! Without the floor some examples would never be seen again.
constexpr double beta = 2, least = 0.1;

//! What is selected of n examples whose losses all differ.
double expected_share(std::size_t n) {
  double sum = 0;
  for (std::size_t rank = 0; rank < n; ++rank) {
    sum += (std::max)(std::pow(static_cast<double>(rank) / static_cast<double>(n), beta), least);
  }
  return sum / static_cast<double>(n);
}

//! Ids below n, each at most once.
bool are_distinct_ids(const at::Tensor& ids, std::int64_t n) {
  const at::Tensor sorted = std::get<0>(ids.sort());
  return sorted[0].item<std::int64_t>() >= 0 && sorted[-1].item<std::int64_t>() < n &&
         sorted.diff().gt(0).all().item<bool>();
}

//! Repeats epochs: `plan()` returns ids, `observe(ids, losses)` takes a batch's. An example's loss
//! is always the same, so a plan's expected size is too.
template <class Plan, class Observe>
void repeat(benchmark::State& state, std::size_t n, Plan plan, Observe observe) {
  const at::NoGradGuard no_grad;
  const at::Tensor losses = bench::tensor_batches(n).front();
  double selected = 0, offered = 0;
  at::Tensor ids;
  for (auto _ : state) {
    ids = plan();
    const auto batches = ids.split(batch);
    const auto measured = losses.index_select(0, ids).split(batch);  // in the place of training
    for (std::size_t i = 0; i < batches.size(); ++i) observe(batches[i], measured[i]);
    selected += static_cast<double>(ids.numel());
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  const double expected = expected_share(n), share = selected / offered;
  // Five standard deviations, and a step of the table of percentiles.
  const double bound = 5 * std::sqrt(expected * (1 - expected) / offered) + 1.0 / history;
  if (std::fabs(share - expected) > bound) {
    return bench::fail(state, "a share of " + std::to_string(share) + " is planned, expected " +
                                  std::to_string(expected));
  }
  if (!are_distinct_ids(ids, static_cast<std::int64_t>(n))) {
    bench::fail(state, "the plan holds ids twice, or some that do not exist");
  }
}

void sieve_epochs(benchmark::State& state, std::size_t n) {
  gradsieve::libtorch::sieve sieve(
      {.examples = static_cast<std::int64_t>(n),
       .policy = gradsieve::with_floor{gradsieve::power{.beta = beta}, least},
       .history = history,
       .seed = 1,
       .refresh = gradsieve::never_stale{}});
  sieve.observe(at::arange(static_cast<std::int64_t>(n)), bench::tensor_batches(n).front());
  std::uint32_t epoch = 0;
  repeat(
      state, n, [&] { return sieve.plan(++epoch); },
      [&](const at::Tensor& ids, const at::Tensor& losses) { sieve.observe(ids, losses); });
}

void composed(benchmark::State& state, std::size_t n) {
  at::manual_seed(1);
  bench::composed_plan ledger(bench::tensor_batches(n).front(), beta, least);
  repeat(
      state, n, [&] { return ledger.plan(); },
      [&](const at::Tensor& ids, const at::Tensor& losses) { ledger.observe(ids, losses); });
}

const bench::suite plan([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {128, 1024, 65536}, 40)) {
    bench::add("tensor_epoch", "gradsieve", {{"N", n}},
               [n](benchmark::State& state) { sieve_epochs(state, n); });
    bench::add("tensor_epoch", "composed", {{"N", n}},
               [n](benchmark::State& state) { composed(state, n); });
  }
});

}  // namespace
