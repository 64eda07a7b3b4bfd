// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selecting from a batch of losses, window update included: the sieve against what one
//! writes in an afternoon, and against a copy of the losses, below which nothing can go.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/losses.hpp"
#include "../support/reference.hpp"
#include "../support/rivals.hpp"

#include <gradsieve/gradsieve.hpp>

#include <numeric>

namespace {

using gradsieve::draw_by;
using gradsieve::update_order;

struct problem {
  std::size_t n = 65536, h = 1024;
  double beta = 2;  //!< 0: the policy is another than `power`
  gradsieve::curve policy = gradsieve::power{.beta = beta};
  update_order order = update_order::update_then_decide;
  draw_by keying = draw_by::position;
  gradsieve::ties tied = gradsieve::ties::strict;

  //! The policy as a rival computes it.
  double probability(double percentile) const {
    return beta > 0 ? std::pow(percentile, beta) : policy(percentile);
  }
  //! What it selects of losses like the window's.
  double share() const {
    double sum = 0;
    for (std::size_t m = 0; m < h; ++m) {
      sum += probability(static_cast<double>(m) / static_cast<double>(h));
    }
    return sum / static_cast<double>(h);
  }
};

//! Repeats `select`, which returns how many it selected, over batch after batch.
template <class T, class Select>
void repeat(benchmark::State& state, const problem& p, Select select) {
  bench::batches<T> batches(p.n);
  for (std::size_t seen = 0; seen < p.h; seen += p.n) select(batches.next());
  double selected = 0, offered = 0;
  for (auto _ : state) {
    selected += static_cast<double>(select(batches.next()));
    offered += static_cast<double>(p.n);
  }
  bench::per_example(state, offered);
  // The batches come round again, so no more than a pool of them is independent.
  const double drawn = (std::min)(offered, bench::batches<T>::pooled * 1.0);
  if (!bench::plausible(selected / offered, p.share(), drawn, static_cast<double>(p.h))) {
    bench::fail(state, "a share of " + std::to_string(selected / offered) +
                           " is selected, the policy's is " + std::to_string(p.share()));
  }
}

template <class T>
void gradsieve_pick(benchmark::State& state, const problem& p) {
  gradsieve::sieve sieve({.policy = p.policy,
                          .history = p.h,
                          .max_batch = p.n,
                          .seed = 1,
                          .order = p.order,
                          .keying = p.keying,
                          .tied = p.tied});
  std::vector<std::int64_t> ids;
  if (p.keying == draw_by::id) ids = bench::scattered_ids(p.n, 1'000'000'000);
  const auto pick = [&](std::span<const T> batch) {
    return ids.empty() ? sieve.pick(batch) : sieve.pick(ids, batch);
  };

  bench::batches<T> batches(p.n);
  while (sieve.history().size() < p.h) pick(batches.next());
  const std::span<const T> batch = batches.next();
  const gradsieve::loss_window before = sieve.history();
  const gradsieve::draw_key key{
      .seed = 1,
      .step = static_cast<std::uint32_t>(sieve.step()),
      .use = ids.empty() ? gradsieve::purpose::pick_by_position : gradsieve::purpose::pick_by_id};
  const auto positions = pick(batch).positions();
  const bool updated = p.order == update_order::update_then_decide;
  const std::uint32_t sum = bench::checksum(positions);
  // The largest problem's takes seconds: the first repetition's is every one's.
  static std::uint32_t right_of_largest = 0;
  if (p.n < 100'000'000 || sum != right_of_largest) {
    const auto expected = bench::reference(
        sieve.compiled(), updated ? sieve.history().view() : before.view(), key, p.n,
        [&](std::size_t i) { return gradsieve::to_key(batch[i]); },
        [&](std::size_t i) { return ids.empty() ? static_cast<std::int64_t>(i) : ids[i]; });
    if (!std::equal(positions.begin(), positions.end(), expected.begin(), expected.end())) {
      return bench::fail(state, "not the positions that the rule defines");
    }
    if (p.n >= 100'000'000) right_of_largest = sum;
  }
  repeat<T>(state, p, [&](std::span<const T> next) { return pick(next).size(); });
  bench::publish_checksum(state, sum);
}

//! A sorted copy of the window, a binary search, pow, and the standard engine, for each example.
template <class T>
void lower_bound_pow(benchmark::State& state, const problem& p) {
  bench::sorted_copy<T> window(p.h);
  bench::standard_draws uniform;
  std::vector<std::uint32_t> chosen;
  const bool update_first = p.order == update_order::update_then_decide;
  repeat<T>(state, p, [&](std::span<const T> batch) {
    if (update_first || window.window().empty()) window.push(batch);
    window.sort();
    chosen.clear();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      if (uniform() < p.probability(window.percentile(batch[i]))) chosen.push_back(i);
    }
    if (!update_first) window.push(batch);
    benchmark::DoNotOptimize(chosen.data());
    return chosen.size();
  });
}

//! The published Python code's arithmetic, line by line: the whole window is counted per example.
void published_rule(benchmark::State& state, const problem& p) {
  std::deque<float> window;
  bench::standard_draws uniform;
  std::vector<std::uint32_t> chosen;
  repeat<float>(state, p, [&](std::span<const float> batch) {
    for (const float loss : batch) {
      window.push_back(loss);
      if (window.size() > p.h) window.pop_front();
    }
    chosen.clear();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const auto lower =
          std::count_if(window.begin(), window.end(), [&](float past) { return past < batch[i]; });
      const double percentile =
          static_cast<double>(lower) * 100. / static_cast<double>(window.size());
      if (uniform() < std::pow(percentile / 100., p.beta)) chosen.push_back(i);
    }
    benchmark::DoNotOptimize(chosen.data());
    return chosen.size();
  });
}

//! Weights for all instead of a selection.
void weights(benchmark::State& state, const problem& p) {
  gradsieve::sieve sieve({.policy = p.policy, .history = p.h, .max_batch = p.n, .seed = 1});
  bench::batches batches(p.n);
  double offered = 0;
  std::span<const float> last;
  for (auto _ : state) {
    last = sieve.weights(batches.next());
    benchmark::DoNotOptimize(last.data());
    offered += static_cast<double>(p.n);
  }
  bench::per_example(state, offered);
  const double mean = std::accumulate(last.begin(), last.end(), 0.0) / static_cast<double>(p.n);
  if (std::fabs(mean - 1) > 1e-4) bench::fail(state, "the mean weight is not 1");
}

void weights_lower_bound_pow(benchmark::State& state, const problem& p) {
  bench::sorted_copy<float> window(p.h);
  bench::batches batches(p.n);
  std::vector<float> out(p.n);
  double offered = 0, sum = 0;
  for (auto _ : state) {
    const auto batch = batches.next();
    window.push(batch);
    window.sort();
    sum = 0;
    for (std::size_t i = 0; i < p.n; ++i) {
      const double probability = p.probability(window.percentile(batch[i]));
      out[i] = static_cast<float>(probability);
      sum += probability;
    }
    const double scale = static_cast<double>(p.n) / sum;
    for (float& weight : out) weight = static_cast<float>(static_cast<double>(weight) * scale);
    benchmark::DoNotOptimize(out.data());
    offered += static_cast<double>(p.n);
  }
  bench::per_example(state, offered);
  const double mean = std::accumulate(out.begin(), out.end(), 0.0) / static_cast<double>(p.n);
  if (std::fabs(mean - 1) > 1e-4) bench::fail(state, "the mean weight is not 1");
}

template <class T = float>
void add_all(const problem& p, const std::string& variant = "") {
  const auto add = [&](const char* who, void (*run)(benchmark::State&, const problem&)) {
    bench::add(
        "pick", who, {{"N", p.n}, {"H", p.h}}, [p, run](benchmark::State& s) { run(s, p); },
        variant);
  };
  add("gradsieve", &gradsieve_pick<T>);
  if (p.n <= 1 << 20) add("lower_bound_pow_mt19937_64", &lower_bound_pow<T>);
  if (!variant.empty()) return;
  add("copy", [](benchmark::State& s, const problem& q) { bench::copy<T>(s, q.n); });
  if (p.n * p.h <= 1 << 26) add("published_rule", &published_rule);
}

const bench::suite pick([](const bench::request& asked) {
  // 30 bytes: the loss, and what the sieve keeps of an example of the largest batch.
  for (const std::size_t n :
       bench::sizes(asked, {128, 1024, 8192, 65536, 1 << 20, 100'000'000}, 30)) {
    add_all({.n = n});
  }
  for (const std::size_t h : bench::sizes(asked, {64, 256, 4096, 16384, 65536}, 20)) {
    add_all({.h = h});
  }
  add_all<double>({}, "double");
  add_all({.n = 128, .order = update_order::decide_then_update}, "decide_then_update");
  add_all({.order = update_order::decide_then_update}, "decide_then_update");
  add_all({.keying = draw_by::id}, "by_id");
  add_all({.tied = gradsieve::ties::averaged}, "averaged_ties");
  add_all({.beta = 0.5}, "beta_0.5");
  add_all({.beta = 3}, "beta_3");
  add_all({.beta = 0, .policy = gradsieve::band{.cap = 0.8}}, "band");
  add_all(
      {.beta = 0,
       .policy = [](double percentile) { return percentile * 16 - std::floor(percentile * 16); }},
      "general");

  const problem p;
  bench::add("weights", "gradsieve", {{"N", p.n}, {"H", p.h}},
             [p](benchmark::State& s) { weights(s, p); });
  bench::add("weights", "lower_bound_pow", {{"N", p.n}, {"H", p.h}},
             [p](benchmark::State& s) { weights_lower_bound_pow(s, p); });
});

}  // namespace
