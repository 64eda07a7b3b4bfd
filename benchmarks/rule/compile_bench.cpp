// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Compiling a policy for a window of H losses, once at the start: against the mere calls of
//! pow.
#include "../support/harness.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/rule/rule.hpp>

namespace {

void compile(benchmark::State& state, std::size_t h, const gradsieve::curve& policy) {
  gradsieve::rule rule;
  double compiled = 0;
  for (auto _ : state) {
    rule.compile(policy, h);
    benchmark::DoNotOptimize(rule.masses().data());
    compiled += static_cast<double>(h);
  }
  bench::per_example(state, compiled);
  for (std::size_t m = 0; m <= h; ++m) {
    const double expected = policy(static_cast<double>(m) / static_cast<double>(h));
    if (std::fabs(gradsieve::to_probability(rule.masses()[m]) - expected) > 1e-9) {
      return bench::fail(state, "the probability at rank " + std::to_string(m) + " is wrong");
    }
  }
}

void bare_pow(benchmark::State& state, std::size_t h) {
  std::vector<double> table(h + 1);
  double compiled = 0;
  volatile double beta = 2;  // known only at run time
  for (auto _ : state) {
    const double exponent = beta;
    for (std::size_t m = 0; m <= h; ++m) {
      table[m] = std::pow(static_cast<double>(m) / static_cast<double>(h), exponent);
    }
    benchmark::ClobberMemory();
    compiled += static_cast<double>(h);
  }
  bench::per_example(state, compiled);
  if (std::fabs(table[h / 2] - 0.25) > 1e-12) bench::fail(state, "pow(0.5, 2) is not 0.25");
}

void add(std::size_t h, const gradsieve::curve& policy, const std::string& variant = "") {
  bench::add(
      "compile", "gradsieve", {{"H", h}},
      [h, policy](benchmark::State& s) { compile(s, h, policy); }, variant);
}

const bench::suite all([](const bench::request& asked) {
  for (const std::size_t h : bench::sizes(asked, {64, 1024, 65536}, 64)) {
    add(h, gradsieve::power{.beta = 2});
    bench::add("compile", "pow_alone", {{"H", h}}, [h](benchmark::State& s) { bare_pow(s, h); });
  }
  add(1024, gradsieve::power{.beta = 0.5}, "beta_0.5");
  add(1024, gradsieve::band{.cap = 0.8}, "band");
  add(
      1024, [](double percentile) { return percentile * 16 - std::floor(percentile * 16); },
      "general");
});

}  // namespace
