// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One loss per example from one per token, masked: against a sum in
//! float, whose last bits go by the flags, and a copy.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/loss/reduce.hpp>

namespace {

constexpr std::size_t rows = 64, columns = 1024;

template <class Reduce>
void repeat(benchmark::State& state, Reduce reduce) {
  const auto losses = bench::losses(rows * columns);
  std::vector<std::uint8_t> keep(losses.size());
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = bench::word_at(i) % 8 != 0;
  std::vector<float> out(rows);
  double reduced = 0;
  for (auto _ : state) {
    reduce(losses, keep, out);
    benchmark::ClobberMemory();
    reduced += static_cast<double>(losses.size());
  }
  bench::per_example(state, reduced);
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0, count = 0;
    for (std::size_t i = r * columns; i < (r + 1) * columns; ++i) {
      sum += keep[i] * static_cast<double>(losses[i]);
      count += keep[i];
    }
    if (std::fabs(static_cast<double>(out[r]) / (sum / count) - 1) > 1e-5) {
      return bench::fail(state, "the mean of row " + std::to_string(r) + " is wrong");
    }
  }
}

void reduce(benchmark::State& state) {
  repeat(state, [](std::span<const float> losses, std::span<const std::uint8_t> keep,
                   std::span<float> out) {
    gradsieve::reduce(gradsieve::loss_matrix<float>{losses.data(), rows, columns}, keep,
                      gradsieve::reduction::mean, out);
  });
}

void float_sum(benchmark::State& state) {
  repeat(state, [](std::span<const float> losses, std::span<const std::uint8_t> keep,
                   std::span<float> out) {
    for (std::size_t r = 0; r < rows; ++r) {
      float sum = 0;
      int count = 0;
      for (std::size_t i = r * columns; i < (r + 1) * columns; ++i) {
        if (keep[i] == 0) continue;
        sum += losses[i];
        ++count;
      }
      out[r] = sum / static_cast<float>(count);
    }
  });
}

const bench::suite all([](const bench::request&) {
  const auto add = [](const char* who, void (*run)(benchmark::State&)) {
    bench::add("reduce", who, {{"rows", rows}, {"columns", columns}}, run);
  };
  add("gradsieve", &reduce);
  add("float_sum", &float_sum);
  add("copy", [](benchmark::State& s) { bench::copy<float>(s, rows * columns); });
});

}  // namespace
