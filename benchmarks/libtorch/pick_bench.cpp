// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selecting from a batch of losses that are a tensor, and gathering the selected: the sieve
//! against composed tensor operations.
#include "../support/harness.hpp"
#include "composed.hpp"

#include <gradsieve/gradsieve.hpp>
#include <gradsieve/libtorch/sieve.hpp>

#include <ATen/core/grad_mode.h>

namespace {

constexpr double beta = 2;
constexpr std::size_t history = 1024;

gradsieve::sieve_options options_of(std::size_t n) {
  return {.policy = gradsieve::power{.beta = beta}, .history = history, .max_batch = n, .seed = 1};
}

//! Repeats `select`, which returns the selected positions, over batch after batch.
template <class Select>
void repeat(benchmark::State& state, std::size_t n, Select select) {
  const at::NoGradGuard no_grad;
  const auto batches = bench::tensor_batches(n);
  std::size_t at = 0;
  const auto next = [&]() -> const at::Tensor& { return batches[at++ % batches.size()]; };
  for (std::size_t seen = 0; seen < history; seen += n) select(next());
  double selected = 0, offered = 0;
  for (auto _ : state) {
    const at::Tensor& losses = next();
    const at::Tensor kept = losses.index_select(0, select(losses));
    benchmark::DoNotOptimize(kept.const_data_ptr());
    selected += static_cast<double>(kept.numel());
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  const double drawn = (std::min)(offered, bench::batches<float>::pooled * 1.0);
  if (!bench::plausible(selected / offered, 1 / (1 + beta), drawn, history)) {
    bench::fail(state, "a share of " + std::to_string(selected / offered) + " is selected");
  }
}

//! Whether the tensor holds these positions.
bool equal(const at::Tensor& picked, std::span<const std::uint32_t> positions) {
  const std::span index(picked.const_data_ptr<std::int64_t>(),
                        static_cast<std::size_t>(picked.numel()));
  return std::equal(index.begin(), index.end(), positions.begin(), positions.end(),
                    [](std::int64_t a, std::uint32_t b) { return a == std::int64_t{b}; });
}

void sieve_pick(benchmark::State& state, std::size_t n) {
  gradsieve::libtorch::sieve sieve(options_of(n));
  gradsieve::sieve core(options_of(n));
  bench::batches spans(n);
  for (std::size_t seen = 0; seen < 2 * history; seen += n) {
    const auto losses = spans.next();
    const at::Tensor tensor = at::tensor(c10::ArrayRef<float>(losses.data(), losses.size()));
    if (!equal(sieve.pick(tensor), core.pick(losses).positions())) {
      return bench::fail(state, "not the positions that the core selects");
    }
  }
  repeat(state, n, [&](const at::Tensor& losses) { return sieve.pick(losses); });
}

void composed(benchmark::State& state, std::size_t n) {
  at::manual_seed(1);
  repeat(state, n, bench::composed_pick(history, beta));
}

const bench::suite pick([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {128, 1024, 65536}, 40)) {
    const bench::parameters problem = {{"N", n}, {"H", history}};
    bench::add("tensor_pick", "gradsieve", problem,
               [n](benchmark::State& state) { sieve_pick(state, n); });
    bench::add("tensor_pick", "composed", problem,
               [n](benchmark::State& state) { composed(state, n); });
  }
});

}  // namespace
