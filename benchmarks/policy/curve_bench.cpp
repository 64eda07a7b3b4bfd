// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Evaluating a policy, and tabulating it in integers: against calls of pow, rounded.
#include "../support/harness.hpp"

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/power.hpp>

#include <cmath>

namespace {

constexpr std::size_t h = 1024;

double percentile(std::size_t rank) { return static_cast<double>(rank) / static_cast<double>(h); }

//! Repeats `fill`, which writes what belongs to the ranks 0 … h.
template <class T, class Fill>
std::vector<T> repeat(benchmark::State& state, Fill fill) {
  std::vector<T> table(h + 1);
  double filled = 0;
  for (auto _ : state) {
    fill(table);
    benchmark::ClobberMemory();
    filled += static_cast<double>(table.size());
  }
  bench::per_example(state, filled);
  return table;
}

//! Whether the table is the formula's, to `tolerated`.
template <class T, class Formula>
void check(benchmark::State& state, const std::vector<T>& table, Formula formula, double unit,
           double tolerated) {
  for (std::size_t rank = 0; rank <= h; ++rank) {
    const double value = static_cast<double>(table[rank]) / unit;
    if (std::fabs(value - formula(percentile(rank))) > tolerated) {
      return bench::fail(state, "the probability at rank " + std::to_string(rank) + " is wrong");
    }
  }
}

void evaluate(benchmark::State& state, const gradsieve::curve& policy, double (*formula)(double)) {
  const auto table = repeat<double>(state, [&](std::vector<double>& out) {
    for (std::size_t rank = 0; rank <= h; ++rank) out[rank] = policy(percentile(rank));
  });
  check(state, table, formula, 1, 1e-12);
}

void evaluate_formula(benchmark::State& state, double (*formula)(double)) {
  const auto table = repeat<double>(state, [&](std::vector<double>& out) {
    for (std::size_t rank = 0; rank <= h; ++rank) out[rank] = formula(percentile(rank));
  });
  check(state, table, formula, 1, 1e-12);
}

void tabulate(benchmark::State& state, const gradsieve::curve& policy, double (*formula)(double)) {
  const auto table = repeat<std::uint64_t>(state, [&](std::vector<std::uint64_t>& out) {
    for (std::uint32_t rank = 0; rank <= h; ++rank) out[rank] = policy.mass(rank, h);
  });
  check(state, table, formula, 4294967296.0, 1e-9);
}

//! Neither checked nor, for a power, the same in every math library.
void tabulate_formula(benchmark::State& state, double (*formula)(double)) {
  const auto table = repeat<std::uint64_t>(state, [&](std::vector<std::uint64_t>& out) {
    for (std::size_t rank = 0; rank <= h; ++rank) {
      out[rank] = static_cast<std::uint64_t>(std::llround(formula(percentile(rank)) * 0x1p32));
    }
  });
  check(state, table, formula, 4294967296.0, 1e-9);
}

volatile double two = 2;  // known only at run time

const bench::suite all([](const bench::request&) {
  struct kind {
    const char* variant;
    gradsieve::curve policy;
    double (*formula)(double);
  };
  const kind kinds[] = {
      {"", gradsieve::power{.beta = 2}, [](double p) { return std::pow(p, two); }},
      {"beta_0.5", gradsieve::power{.beta = 0.5}, [](double p) { return std::pow(p, two / 4); }},
      {"band", gradsieve::band{.cap = 0.8},
       [](double p) { return p <= 0.8 ? std::pow(p / 0.8, two / 2) : 0; }},
      {"general", [](double p) { return p * 16 - std::floor(p * 16); },
       [](double p) { return p * 16 - std::floor(p * 16); }},
  };
  for (const kind& each : kinds) {
    const auto policy = each.policy;
    const auto formula = each.formula;
    bench::add(
        "evaluate_policy", "gradsieve", {{"H", h}},
        [=](benchmark::State& s) { evaluate(s, policy, formula); }, each.variant);
    bench::add(
        "evaluate_policy", "bare_formula", {{"H", h}},
        [=](benchmark::State& s) { evaluate_formula(s, formula); }, each.variant);
    bench::add(
        "tabulate_policy", "gradsieve", {{"H", h}},
        [=](benchmark::State& s) { tabulate(s, policy, formula); }, each.variant);
    bench::add(
        "tabulate_policy", "rounded_formula", {{"H", h}},
        [=](benchmark::State& s) { tabulate_formula(s, formula); }, each.variant);
  }
});

}  // namespace
