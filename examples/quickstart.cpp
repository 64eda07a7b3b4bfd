// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selective-Backprop in a hand-written trainer: logistic regression, no dependency.
//!   g++ -std=c++20 -O2 -Iinclude examples/quickstart.cpp -o quickstart && ./quickstart
#include <gradsieve/gradsieve.hpp>

#include <cmath>
#include <cstdio>
#include <numeric>

constexpr std::size_t features = 20, batch = 128;
struct example {
  double x[features], label;
};

// Example i of an endless data set: the label says on which side of a hyperplane the point lies.
example draw_example(std::uint64_t i) {
  example e{};
  double side = 0;
  for (std::size_t j = 0; j < features; ++j) {
    const auto word =
        gradsieve::draw({.seed = 7, .use = gradsieve::purpose::user}, i * features + j);
    e.x[j] = 2 * gradsieve::to_unit(word) - 1;
    side += j % 2 == 0 ? e.x[j] : -e.x[j];
  }
  e.label = side > 0 ? 1 : 0;
  return e;
}

// How far the model's probability is from the label: -log(1 - |miss|) is the loss.
double miss(const double* w, const example& e) {
  return 1 / (1 + std::exp(-std::inner_product(w, w + features, e.x, 0.0))) - e.label;
}

void train(const char* name, const gradsieve::curve& policy) {
  double w[features] = {};
  gradsieve::sieve sieve({.policy = policy, .history = 1024, .seed = 1});
  std::uint64_t next = 0;
  while (sieve.work().backwards < 10'000) {
    example data[batch];
    float losses[batch];
    for (std::size_t i = 0; i < batch; ++i) {  // forward pass: one loss per example
      data[i] = draw_example(next++);
      losses[i] = static_cast<float>(-std::log1p(-std::fabs(miss(w, data[i]))));
    }
    for (const auto i : sieve.pick(losses).positions()) {  // backward pass of the chosen
      const double error = miss(w, data[i]);
      for (std::size_t j = 0; j < features; ++j) w[j] -= 0.1 * error * data[i].x[j];
    }
  }
  int wrong = 0;  // of 100 000 fresh examples
  for (int i = 0; i < 100'000; ++i) wrong += std::fabs(miss(w, draw_example(next++))) > 0.5;
  std::printf("%-18s after 10 000 gradients: test error %.2f %%\n", name, wrong / 1000.0);
}

int main() {
  train("every example", gradsieve::uniform{1.0});
  train("selective-backprop", gradsieve::power{.beta = 2.0});
}
