// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Policies of one's own: a lambda, a struct with a parameter, and what a wrong one is told.
//!   g++ -std=c++20 -O2 -Iinclude examples/custom_policy.cpp -o custom_policy && ./custom_policy
#include <gradsieve/gradsieve.hpp>

#include <cmath>
#include <cstdio>

// A policy is any small callable from a percentile to a probability, both in [0, 1].
// This one selects rarely below its middle and nearly always above it.
struct logistic {
  double middle = 0.6, steepness = 12.0;

  double operator()(double percentile) const {
    return 1 / (1 + std::exp(-steepness * (percentile - middle)));
  }
};

// Feeds a policy losses that a real trainer would pass, and prints what it kept of each quarter.
void show(const char* name, const gradsieve::curve& policy) {
  gradsieve::sieve sieve({.policy = policy, .seed = 1});
  unsigned long kept[4] = {}, offered[4] = {};
  for (std::uint32_t step = 0; step < 400; ++step) {
    float losses[128];
    for (std::uint64_t i = 0; i < 128; ++i) {
      const gradsieve::draw_key key{.seed = 7, .step = step, .use = gradsieve::purpose::user};
      losses[i] = -std::log(1 - static_cast<float>(gradsieve::to_unit(gradsieve::draw(key, i))));
    }
    const auto quarter = [&](float loss) {
      return static_cast<int>((1 - std::exp(-loss)) * 3.999f);
    };
    const auto picked = sieve.pick(losses);
    if (step < 8) continue;  // until the window of 1024 losses is full, everything is selected
    for (const float loss : losses) ++offered[quarter(loss)];
    for (const std::uint32_t i : picked.positions()) ++kept[quarter(losses[i])];
  }
  std::printf("%-12s keeps", name);
  for (int q = 0; q < 4; ++q)
    std::printf(" %5.1f %%", 100.0 * double(kept[q]) / double(offered[q]));
  std::printf("   of each quarter of the losses, lowest first\n");
}

int main() {
  show("power", gradsieve::power{.beta = 2.0});
  show("logistic", logistic{});
  show("two steps", [](double percentile) { return percentile < 0.5 ? 0.1 : 0.9; });
  show("no outliers", gradsieve::band{.cap = 0.75, .beta = 1.0});
  try {
    gradsieve::sieve broken({.policy = [](double percentile) { return 2 * percentile; }});
  } catch (const gradsieve::policy_error& error) {
    std::printf("refused: %s\n", error.what());
  }
}
