// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Draws that are functions of an index, and a computed random order: against the standard
//! engine and a shuffle.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/random/bijection.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/wide/path.hpp>

#include <numeric>
#include <random>

namespace {

constexpr gradsieve::draw_key key{.seed = 1, .use = gradsieve::purpose::user};

//! Whether the mean of n words, in units of 2^32, is a half to within six standard deviations.
bool uniform(double mean, std::size_t n) {
  return std::fabs(mean - 0.5) < 6 * std::sqrt(1 / 12.0 / static_cast<double>(n));
}

template <class Word>
void draw_words(benchmark::State& state, std::size_t n, Word word_of) {
  double drawn = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += word_of(i);
    benchmark::DoNotOptimize(sum);
    drawn += static_cast<double>(n);
  }
  bench::per_example(state, drawn);
  if (!uniform(static_cast<double>(sum) / static_cast<double>(n) / 4294967296.0, n)) {
    bench::fail(state, "the words are not uniform");
  }
}

void in_order(benchmark::State& state, std::size_t n) {
  double drawn = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    for (std::size_t block = 0; block < n / 4; ++block) {
      for (const std::uint32_t word : gradsieve::draw_four(key, block).word) sum += word;
    }
    benchmark::DoNotOptimize(sum);
    drawn += static_cast<double>(n);
  }
  bench::per_example(state, drawn);
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < n; ++i) expected += gradsieve::draw(key, i);
  if (sum != expected) bench::fail(state, "blocks and single draws differ");
}

void by_id(benchmark::State& state, std::size_t n) {
  const auto ids = bench::scattered_ids(n, 1'000'000'000);
  draw_words(state, n, [&](std::size_t i) {
    return gradsieve::draw(key, static_cast<std::uint64_t>(ids[i]));
  });
}

void mt19937(benchmark::State& state, std::size_t n) {
  std::mt19937 engine(1);
  draw_words(state, n, [&](std::size_t) { return engine(); });
}

void bernoulli(benchmark::State& state, std::size_t n) {
  std::mt19937_64 engine(1);
  double drawn = 0;
  std::size_t hits = 0;
  for (auto _ : state) {
    hits = 0;
    for (std::size_t i = 0; i < n; ++i) {
      hits += std::size_t{std::bernoulli_distribution(static_cast<double>(i % 4) / 3)(engine)};
    }
    benchmark::DoNotOptimize(hits);
    drawn += static_cast<double>(n);
  }
  bench::per_example(state, drawn);
  const auto examples = static_cast<double>(n);
  if (!bench::plausible(static_cast<double>(hits) / examples, 0.5, examples, examples)) {
    bench::fail(state, "the hits are not as many as the probabilities");
  }
}

//! Visits the first `visited` places of a random order of n, `together` at a time.
void order(benchmark::State& state, std::size_t n, std::size_t visited, std::size_t together) {
  const gradsieve::bijection place(n, key);
  std::vector<std::int64_t> places(together);
  double walked = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    for (std::size_t i = 0; i < visited && together == 1; ++i) sum += place(i);
    for (std::size_t i = 0; i < visited && together != 1; i += together) {
      const std::size_t size = (std::min)(together, visited - i);
      gradsieve::detail::places(gradsieve::detail::wide_path(), place, i, size, places.data());
      for (std::size_t j = 0; j < size; ++j) sum += static_cast<std::uint64_t>(places[j]);
    }
    benchmark::DoNotOptimize(sum);
    walked += static_cast<double>(visited);
  }
  bench::per_example(state, walked);
  const double mean = static_cast<double>(sum) / static_cast<double>(visited);
  if (visited == n ? sum != n * (n - 1) / 2 : !uniform(mean / static_cast<double>(n), visited)) {
    bench::fail(state, "not a permutation: the sum of the places is " + std::to_string(sum));
  }
  bench::publish_checksum(state, bench::checksum(std::span(&sum, 1)));
}

void shuffle(benchmark::State& state, std::size_t n) {
  std::vector<std::int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  std::mt19937_64 engine(1);
  double walked = 0;
  for (auto _ : state) {
    std::shuffle(ids.begin(), ids.end(), engine);
    benchmark::ClobberMemory();
    walked += static_cast<double>(n);
  }
  bench::per_example(state, walked);
  // Sums, since a sort of so many takes longer than all that is measured.
  std::uint64_t sum = 0, squares = 0, expected_sum = 0, expected_squares = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto id = static_cast<std::uint64_t>(ids[i]);
    sum += id;
    squares += id * id;
    expected_sum += i;
    expected_squares += i * i;
  }
  if (sum != expected_sum || squares != expected_squares) bench::fail(state, "ids were lost");
}

const bench::suite all([](const bench::request& asked) {
  static constexpr std::size_t n = 65536;
  const auto add = [](const char* who, void (*run)(benchmark::State&, std::size_t),
                      const char* variant = "") {
    bench::add(
        "draw", who, {{"N", n}}, [run](benchmark::State& s) { run(s, n); }, variant);
  };
  add("gradsieve", &in_order);
  add("gradsieve", &by_id, "by_id");
  add("mt19937", &mt19937);
  add("bernoulli_distribution", &bernoulli);

  for (const std::size_t m : bench::sizes(asked, {65536, 1'000'000, 100'000'000}, 8)) {
    const std::size_t visited = (std::min)(m, std::size_t{1'000'000});
    bench::add("order", "gradsieve", {{"N", m}},
               [=](benchmark::State& s) { order(s, m, visited, 128); });
    bench::add(
        "order", "gradsieve", {{"N", m}}, [=](benchmark::State& s) { order(s, m, visited, 1); },
        "one_at_a_time");
    bench::add("order", "shuffle", {{"N", m}}, [m](benchmark::State& s) { shuffle(s, m); });
  }
});

}  // namespace
