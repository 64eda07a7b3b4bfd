// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selectors on their own, the window being sorted already: each against the obvious form of
//! the standard library.
#include "../support/harness.hpp"
#include "../support/losses.hpp"
#include "../support/reference.hpp"
#include "../support/rivals.hpp"

#include <gradsieve/gradsieve.hpp>

#include <numeric>
#include <random>

namespace {

using gradsieve::loss_key;

constexpr std::size_t n = 65536, h = 1024, k = n / 4;
constexpr gradsieve::draw_key drawn{.seed = 1};

//! A batch, a full window, and what selecting needs of them.
struct given {
  std::span<const float> losses = bench::losses(n);
  gradsieve::loss_window window{h};
  std::vector<loss_key> keys;
  std::vector<std::uint32_t> out = std::vector<std::uint32_t>(n);

  given() {
    window.push(losses);
    for (const float loss : losses) keys.push_back(gradsieve::to_key(loss));
  }

  std::vector<std::uint64_t> masses(const gradsieve::rule& rule) const {
    std::vector<std::uint64_t> result;
    for (const loss_key key : keys) result.push_back(rule.view().mass_of(window.view(), key));
    return result;
  }
  std::vector<double> probabilities(const gradsieve::rule& rule) const {
    std::vector<double> result;
    for (const std::uint64_t mass : masses(rule)) result.push_back(gradsieve::to_probability(mass));
    return result;
  }
};

const gradsieve::rule& square() {
  static const gradsieve::rule rule = gradsieve::compile(gradsieve::power{.beta = 2}, h);
  return rule;
}

//! Repeats `select(step)`, which returns how many of `data.out` it wrote; returns the last count.
template <class Select>
std::size_t repeat(benchmark::State& state, Select select) {
  double offered = 0;
  std::size_t count = 0;
  std::uint32_t step = 0;
  for (auto _ : state) {
    count = select(++step);
    benchmark::ClobberMemory();
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  return count;
}

//! Whether the first `count` of `out` are k positions in ascending order.
bool ascending_k(std::span<const std::uint32_t> out, std::size_t count) {
  return count == k && std::is_sorted(out.begin(), out.begin() + k, std::less_equal<>()) &&
         out[k - 1] < n;
}

// Independent draws.

void poisson(benchmark::State& state, const gradsieve::curve& policy) {
  given data;
  gradsieve::poisson select(gradsieve::compile(policy, h), {.seed = 1});
  repeat(state, [&](std::uint32_t step) {
    return select(data.losses, data.window.view(), {.step = step}, data.out);
  });
  const std::size_t count = select(data.losses, data.window.view(), {}, data.out);
  const auto expected = bench::reference(
      select.compiled(), data.window.view(), drawn, n, [&](std::size_t i) { return data.keys[i]; },
      [](std::size_t i) { return i; });
  const auto out = std::span(data.out).first(count);
  if (!std::equal(out.begin(), out.end(), expected.begin(), expected.end())) {
    return bench::fail(state, "not the positions that the rule defines");
  }
  bench::publish_checksum(state, bench::checksum(out));
}

void bernoulli(benchmark::State& state, const gradsieve::curve& policy) {
  given data;
  std::mt19937_64 engine(1);
  std::vector<float> sorted(data.losses.end() - h, data.losses.end());
  std::sort(sorted.begin(), sorted.end());
  double expected = 0;
  const std::size_t count = repeat(state, [&](std::uint32_t) {
    std::size_t selected = 0;
    expected = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto rank = std::lower_bound(sorted.begin(), sorted.end(), data.losses[i]);
      const double p = policy(static_cast<double>(rank - sorted.begin()) / h);
      expected += p;
      data.out[selected] = i;
      selected += std::size_t{std::bernoulli_distribution(p)(engine)};
    }
    return selected;
  });
  if (!bench::plausible(static_cast<double>(count) / n, expected / n, n, n)) {
    bench::fail(state, std::to_string(count) + " are selected");
  }
}

// The same when the probabilities are known.

void poisson_over(benchmark::State& state) {
  given data;
  const auto masses = data.masses(square());
  repeat(state, [&](std::uint32_t step) {
    return gradsieve::poisson_over(masses, {.seed = 1, .step = step}, data.out);
  });
  const std::size_t count = gradsieve::poisson_over(masses, drawn, data.out);
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (gradsieve::draw(drawn, i) >= masses[i]) continue;
    if (at >= count || data.out[at++] != i) return bench::fail(state, "a position is wrong");
  }
  if (at != count) bench::fail(state, "positions too many");
}

void bernoulli_over(benchmark::State& state) {
  given data;
  const auto probabilities = data.probabilities(square());
  std::mt19937_64 engine(1);
  const std::size_t count = repeat(state, [&](std::uint32_t) {
    std::size_t selected = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      data.out[selected] = i;
      selected += std::size_t{std::bernoulli_distribution(probabilities[i])(engine)};
    }
    return selected;
  });
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  if (!bench::plausible(static_cast<double>(count) / n, sum / n, n, n)) {
    bench::fail(state, std::to_string(count) + " are selected");
  }
}

// Exactly k.

void exactly_k(benchmark::State& state) {
  given data;
  gradsieve::exactly_k select(square(), {.seed = 1}, gradsieve::exactly_k_selector{k});
  repeat(state, [&](std::uint32_t step) {
    return select(data.losses, data.window.view(), {.step = step}, data.out);
  });
  const std::size_t count = select(data.losses, data.window.view(), {}, data.out);
  if (!ascending_k(data.out, count)) return bench::fail(state, "not k positions");
  bench::publish_checksum(state, bench::checksum(std::span(data.out).first(k)));
}

//! Efraimidis and Spirakis: the k smallest of exponential draws over their weights.
template <class WeightAt>
void exponential_nth_element(benchmark::State& state, given& data, WeightAt weight_at) {
  bench::standard_draws uniform;
  std::vector<std::pair<double, std::uint32_t>> order(n);
  const std::size_t count = repeat(state, [&](std::uint32_t) {
    for (std::uint32_t i = 0; i < n; ++i) order[i] = {-std::log(uniform()) / weight_at(i), i};
    std::nth_element(order.begin(), order.begin() + k, order.end());
    for (std::size_t i = 0; i < k; ++i) data.out[i] = order[i].second;
    std::sort(data.out.begin(), data.out.begin() + k);
    return k;
  });
  if (!ascending_k(data.out, count)) bench::fail(state, "not k positions");
}

void lower_bound_pow_exponential(benchmark::State& state) {
  given data;
  std::vector<float> sorted(data.losses.end() - h, data.losses.end());
  std::sort(sorted.begin(), sorted.end());
  volatile double beta = 2;  // known only at run time
  const double exponent = beta;
  exponential_nth_element(state, data, [&](std::uint32_t i) {
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), data.losses[i]);
    return std::pow(static_cast<double>(rank - sorted.begin()) / h, exponent);
  });
}

// The same when the probabilities are known.

void systematic(benchmark::State& state) {
  given data;
  const auto masses = data.masses(square());
  gradsieve::systematic draw;
  const auto select = [&](std::uint32_t step) {
    return draw(masses, k, {.seed = 1, .step = step}, data.out).selected;
  };
  repeat(state, select);
  if (!ascending_k(data.out, select(0))) return bench::fail(state, "not k positions");
  bench::publish_checksum(state, bench::checksum(std::span(data.out).first(k)));
}

void exponential_over(benchmark::State& state) {
  given data;
  const auto weights = data.probabilities(square());
  exponential_nth_element(state, data, [&](std::uint32_t i) { return weights[i]; });
}

void top_k(benchmark::State& state) {
  given data;
  gradsieve::top_k_selector select(k);
  const std::size_t count =
      repeat(state, [&](std::uint32_t) { return select.over(data.keys, data.out); });
  if (!ascending_k(data.out, count)) return bench::fail(state, "not k positions");
  bench::publish_checksum(state, bench::checksum(std::span(data.out).first(k)));
}

void top_k_nth_element(benchmark::State& state) {
  given data;
  std::vector<std::uint32_t> order(n);
  repeat(state, [&](std::uint32_t) {
    std::iota(order.begin(), order.end(), 0u);
    std::nth_element(
        order.begin(), order.begin() + k, order.end(), [&](std::uint32_t a, std::uint32_t b) {
          return data.losses[a] != data.losses[b] ? data.losses[a] > data.losses[b] : a < b;
        });
    std::copy_n(order.begin(), k, data.out.begin());
    std::sort(data.out.begin(), data.out.begin() + k);
    return k;
  });
  bench::publish_checksum(state, bench::checksum(std::span(data.out).first(k)));
}

void random_k(benchmark::State& state) {
  given data;
  gradsieve::random_k_selector select{k};
  const auto draw = [&](std::uint32_t step) {
    return select.select({}, {}, {.seed = 1, .step = step}, {data.keys}, data.out);
  };
  repeat(state, draw);
  if (!ascending_k(data.out, draw(0))) return bench::fail(state, "not k positions");
  bench::publish_checksum(state, bench::checksum(std::span(data.out).first(k)));
}

void random_k_sample(benchmark::State& state) {
  given data;
  std::mt19937_64 engine(1);
  std::vector<std::uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0u);
  const std::size_t count = repeat(state, [&](std::uint32_t) {
    return static_cast<std::size_t>(
        std::sample(all.begin(), all.end(), data.out.begin(), k, engine) - data.out.begin());
  });
  if (!ascending_k(data.out, count)) bench::fail(state, "not k positions");
}

// With replacement: the tables are built for each batch, then k are drawn.

//! Whether draws in proportion to the masses fall on examples of the right mean probability.
void check_replacement(benchmark::State& state, const std::vector<double>& p,
                       std::span<const std::uint32_t> positions) {
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  const double expected = std::inner_product(p.begin(), p.end(), p.begin(), 0.0) / sum;
  double mean = 0;
  for (const std::uint32_t i : positions) mean += p[i] / k;
  if (!bench::plausible(mean, expected, k, k)) {
    bench::fail(state, "the mean probability of the drawn is " + std::to_string(mean));
  }
}

void with_replacement(benchmark::State& state) {
  given data;
  const auto masses = data.masses(square());
  gradsieve::with_replacement draw(masses);
  const auto out = std::span(data.out).first(k);
  repeat(state, [&](std::uint32_t step) {
    draw.assign(masses);
    draw({.seed = 1, .step = step}, out);
    return k;
  });
  draw(drawn, out);
  check_replacement(state, data.probabilities(square()), out);
  bench::publish_checksum(state, bench::checksum(out));
}

void discrete_distribution(benchmark::State& state) {
  given data;
  const auto p = data.probabilities(square());
  std::mt19937_64 engine(1);
  const auto out = std::span(data.out).first(k);
  repeat(state, [&](std::uint32_t) {
    std::discrete_distribution<std::uint32_t> draw(p.begin(), p.end());
    for (std::uint32_t& position : out) position = draw(engine);
    std::sort(out.begin(), out.end());
    return k;
  });
  check_replacement(state, p, out);
}

const bench::suite all([](const bench::request&) {
  const auto add = [](const char* task, const char* who, void (*run)(benchmark::State&)) {
    bench::add(task, who, {{"N", n}, {"k", k}}, run);
  };
  const auto add_poisson = [](const gradsieve::curve& policy, const char* variant) {
    bench::add(
        "poisson", "gradsieve", {{"N", n}, {"H", h}},
        [policy](benchmark::State& s) { poisson(s, policy); }, variant);
    bench::add(
        "poisson", "bernoulli_distribution", {{"N", n}, {"H", h}},
        [policy](benchmark::State& s) { bernoulli(s, policy); }, variant);
  };
  add_poisson(gradsieve::power{.beta = 2}, "");
  add_poisson(gradsieve::band{.cap = 0.8}, "band");
  add_poisson([](double p) { return p * 16 - std::floor(p * 16); }, "general");
  bench::add("poisson_over_masses", "gradsieve", {{"N", n}}, &poisson_over);
  bench::add("poisson_over_masses", "bernoulli_distribution", {{"N", n}}, &bernoulli_over);
  add("exactly_k", "gradsieve", &exactly_k);
  add("exactly_k", "lower_bound_pow_exponential", &lower_bound_pow_exponential);
  add("exactly_k_over_masses", "gradsieve", &systematic);
  add("exactly_k_over_masses", "exponential_nth_element", &exponential_over);
  add("top_k", "gradsieve", &top_k);
  add("top_k", "nth_element", &top_k_nth_element);
  add("random_k", "gradsieve", &random_k);
  add("random_k", "sample", &random_k_sample);
  add("with_replacement", "gradsieve", &with_replacement);
  add("with_replacement", "discrete_distribution", &discrete_distribution);
});

}  // namespace
