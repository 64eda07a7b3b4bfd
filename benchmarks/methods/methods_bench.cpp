// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Published methods against their obvious forms in the standard library: Composer's rule on
//! a batch, an epoch of InfoBatch, a batch of prioritised replay.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/methods/composer.hpp>
#include <gradsieve/methods/info_batch.hpp>
#include <gradsieve/methods/prioritised_replay.hpp>

#include <cmath>
#include <numeric>
#include <random>

namespace {

namespace methods = gradsieve::methods;

constexpr std::size_t batch = 1024, drawn = 128;

// Composer: half of a batch by its ranks.

void composer(benchmark::State& state) {
  const auto losses = bench::losses(batch);
  const methods::composer method{.start = 0, .end = 1, .interrupt = 0};
  auto sieve = method.make({.batch_size = batch, .epochs = 1});
  double offered = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(sieve.pick(losses).size());
    offered += batch;
  }
  bench::per_example(state, offered);
  const auto picked = sieve.pick(losses);
  const auto at = picked.positions();
  if (at.size() != batch / 2 || !std::is_sorted(at.begin(), at.end(), std::less_equal<>())) {
    return bench::fail(state, "not half of the batch in ascending order");
  }
}

//! Sorted places, then one draw after another by a search in running sums made anew.
void composer_obvious(benchmark::State& state) {
  const auto losses = bench::losses(batch);
  std::mt19937_64 engine(1);
  std::vector<std::size_t> order(batch), chosen;
  std::vector<double> p(batch), sums(batch);
  double offered = 0;
  for (auto _ : state) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return losses[a] < losses[b]; });
    for (std::size_t rank = 0; rank < batch; ++rank) {
      p[order[rank]] = (static_cast<double>(rank) + 0.5) / static_cast<double>(batch);
    }
    chosen.clear();
    while (chosen.size() < batch / 2) {
      std::partial_sum(p.begin(), p.end(), sums.begin());
      const double at = std::uniform_real_distribution<>(0, sums.back())(engine);
      const auto found = std::upper_bound(sums.begin(), sums.end(), at);
      const auto i = std::min(static_cast<std::size_t>(found - sums.begin()), batch - 1);
      if (p[i] > 0) chosen.push_back(i);
      p[i] = 0;
    }
    benchmark::DoNotOptimize(chosen.data());
    offered += batch;
  }
  bench::per_example(state, offered);
  std::sort(chosen.begin(), chosen.end());
  if (std::adjacent_find(chosen.begin(), chosen.end()) != chosen.end()) {
    return bench::fail(state, "an example was drawn twice");
  }
}

// InfoBatch: an epoch's plan.

void info_batch(benchmark::State& state, std::size_t n) {
  auto method = methods::info_batch{.delta = 1}.make(
      {.examples = static_cast<std::int64_t>(n), .epochs = 1u << 30, .seed = 1});
  std::vector<std::int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  const auto losses = bench::losses(n);
  method.observe(ids, losses);
  std::uint32_t epoch = 0;
  double offered = 0;
  std::size_t planned = 0;
  for (auto _ : state) {
    planned = method.plan(++epoch).size();
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  double mean = 0;
  for (const float loss : losses) mean += static_cast<double>(loss) / static_cast<double>(n);
  const auto low = static_cast<std::size_t>(std::count_if(
      losses.begin(), losses.end(), [&](float loss) { return static_cast<double>(loss) < mean; }));
  if (planned != n - low + low / 2) bench::fail(state, "not half of the losses below the mean");
}

//! A mean in double, those below it shuffled, half of them taken.
void info_batch_obvious(benchmark::State& state, std::size_t n) {
  const auto losses = bench::losses(n);
  std::mt19937_64 engine(1);
  std::vector<std::size_t> low, train;
  std::vector<float> weights;
  double offered = 0;
  for (auto _ : state) {
    low.clear();
    train.clear();
    weights.clear();
    double mean = 0;
    for (const float loss : losses) mean += static_cast<double>(loss);
    mean /= static_cast<double>(n);
    for (std::size_t id = 0; id < n; ++id) {
      (static_cast<double>(losses[id]) < mean ? low : train).push_back(id);
    }
    weights.assign(train.size(), 1.0f);
    std::shuffle(low.begin(), low.end(), engine);
    train.insert(train.end(), low.begin(),
                 low.begin() + static_cast<std::ptrdiff_t>(low.size() / 2));
    weights.resize(train.size(), 2.0f);
    benchmark::DoNotOptimize(train.data());
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  if (train.size() + low.size() - low.size() / 2 != n) bench::fail(state, "examples are missing");
}

// Prioritised replay: a batch is drawn, trained, and its priorities renewed.

void replay(benchmark::State& state, std::size_t n) {
  auto method =
      methods::prioritised_replay{}.make({.examples = static_cast<std::int64_t>(n), .seed = 1});
  const auto losses = bench::losses(drawn);
  std::vector<std::int64_t> ids;
  double examples = 0;
  for (auto _ : state) {
    const auto batch_drawn = method.draw(drawn);
    ids.assign(batch_drawn.ids.begin(), batch_drawn.ids.end());
    method.observe(ids, losses);
    examples += drawn;
  }
  bench::per_example(state, examples);
  double sum = 0;
  for (std::int64_t id = 0; id < method.ledger().size(); ++id) sum += method.probability(id);
  if (std::abs(sum - 1) > 1e-9) bench::fail(state, "the probabilities do not sum to 1");
}

//! Running sums made anew for each batch, a search for each draw.
void replay_obvious(benchmark::State& state, std::size_t n) {
  const auto losses = bench::losses(drawn);
  std::mt19937_64 engine(1);
  std::vector<double> p(n, 1.0), sums(n);
  double examples = 0;
  for (auto _ : state) {
    std::partial_sum(p.begin(), p.end(), sums.begin());
    std::uniform_real_distribution<> place(0, sums.back());
    for (std::size_t j = 0; j < drawn; ++j) {
      const auto found = std::upper_bound(sums.begin(), sums.end(), place(engine));
      const auto i = std::min(static_cast<std::size_t>(found - sums.begin()), n - 1);
      p[i] = std::pow(static_cast<double>(losses[j]) + 1e-6, 0.6);
    }
    examples += drawn;
  }
  bench::per_example(state, examples);
  if (!(sums.back() > 0)) bench::fail(state, "the priorities do not sum up");
}

const bench::suite methods_suite([](const bench::request& asked) {
  bench::add("composer", "gradsieve", {{"N", batch}}, composer);
  bench::add("composer", "obvious", {{"N", batch}}, composer_obvious);
  for (const std::size_t n : bench::sizes(asked, {60'000, 1'000'000}, 64)) {
    bench::add("info_batch", "gradsieve", {{"N", n}},
               [n](benchmark::State& state) { info_batch(state, n); });
    bench::add("info_batch", "obvious", {{"N", n}},
               [n](benchmark::State& state) { info_batch_obvious(state, n); });
    bench::add("replay", "gradsieve", {{"N", n}},
               [n](benchmark::State& state) { replay(state, n); });
    bench::add("replay", "obvious", {{"N", n}},
               [n](benchmark::State& state) { replay_obvious(state, n); });
  }
});

}  // namespace
