// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Recording a batch of scattered ids, against a bare scatter of 8 bytes each; quantiles of a
//! ledger, against a sort, and against reading it once.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/sieve.hpp>

#include <map>

namespace {

constexpr std::size_t batch = 4096;
constexpr std::size_t scattered = std::size_t{1} << 22;  // more than any cache's lines

//! Calls `write` with one batch of ids after another.
template <class Write>
void walk(benchmark::State& state, std::size_t n, Write write) {
  const auto ids = bench::scattered_ids(scattered, n);
  const auto losses = bench::losses(batch);
  std::size_t at = 0;
  double written = 0;
  for (auto _ : state) {
    write(std::span(ids).subspan(at, batch), losses);
    at = at + batch < ids.size() ? at + batch : 0;
    written += static_cast<double>(batch);
  }
  bench::per_example(state, written);
}

//! Whether a batch that was recorded last is there; of an id given twice, the last loss.
template <class LossAt>
void check(benchmark::State& state, std::size_t n, LossAt loss_at) {
  const auto ids = bench::scattered_ids(batch, n);
  std::map<std::int64_t, float> last;
  for (std::size_t i = 0; i < batch; ++i) last[ids[i]] = bench::losses(batch)[i];
  for (const auto& [id, loss] : last) {
    if (loss_at(id) != loss) return bench::fail(state, "id " + std::to_string(id) + " is wrong");
  }
}

void observe(benchmark::State& state, std::size_t n) {
  gradsieve::loss_ledger ledger(static_cast<std::int64_t>(n));
  std::uint32_t epoch = 0;
  walk(state, n, [&](std::span<const std::int64_t> ids, std::span<const float> losses) {
    ledger.observe(ids, losses, ++epoch);
  });
  ledger.observe(bench::scattered_ids(batch, n), bench::losses(batch), ++epoch);
  check(state, n, [&](std::int64_t id) { return ledger.at(id).loss(); });
}

//! As a trainer calls it: checks, counts the work and the selections too.
void observe_by_sieve(benchmark::State& state, std::size_t n) {
  gradsieve::sieve sieve({.examples = static_cast<std::int64_t>(n), .seed = 1});
  walk(state, n, [&](std::span<const std::int64_t> ids, std::span<const float> losses) {
    sieve.observe(ids, losses);
  });
  sieve.observe(bench::scattered_ids(batch, n), bench::losses(batch));
  check(state, n, [&](std::int64_t id) { return sieve.ledger().at(id).loss(); });
}

void scatter(benchmark::State& state, std::size_t n) {
  struct entry {
    float loss;
    std::uint32_t epoch;
  };
  std::vector<entry> entries(n);
  std::uint32_t epoch = 0;
  const auto write = [&](std::span<const std::int64_t> ids, std::span<const float> losses) {
    ++epoch;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      entries[static_cast<std::size_t>(ids[i])] = {losses[i], epoch};
    }
    benchmark::ClobberMemory();
  };
  walk(state, n, write);
  write(bench::scattered_ids(batch, n), bench::losses(batch));
  check(state, n, [&](std::int64_t id) { return entries[static_cast<std::size_t>(id)].loss; });
}

const gradsieve::loss_ledger& filled(std::size_t n) {
  static std::map<std::size_t, gradsieve::loss_ledger> kept;
  auto& ledger = kept[n];
  if (ledger.size() == 0) {
    ledger.grow(static_cast<std::int64_t>(n));
    bench::fill(ledger, 8);
  }
  return ledger;
}

constexpr std::size_t h = 1024;

void quantiles(benchmark::State& state, std::size_t n) {
  const auto& ledger = filled(n);
  gradsieve::key_quantiles workspace;
  std::vector<gradsieve::loss_key> out(h);
  double read = 0;
  for (auto _ : state) {
    ledger.quantiles(out, workspace);
    benchmark::DoNotOptimize(out.data());
    read += static_cast<double>(n);
  }
  bench::per_example(state, read);
  const auto entries = ledger.entries();
  const auto below = std::count_if(entries.begin(), entries.end(),
                                   [&](const auto& entry) { return entry.key < out[h / 2]; });
  const double rank = (2.0 * (h / 2) + 1) * static_cast<double>(n) / (2 * h);
  // Not more than a few losses are equal.
  if (std::fabs(static_cast<double>(below) - rank) > 1 + 1e-5 * static_cast<double>(n)) {
    bench::fail(state, "the middle quantile has rank " + std::to_string(below));
  }
  bench::publish_checksum(state, bench::checksum(out));
}

void quantiles_by_sort(benchmark::State& state, std::size_t n) {
  const auto losses = bench::losses(n);
  std::vector<float> sorted(n), out(h);
  double read = 0;
  for (auto _ : state) {
    sorted.assign(losses.begin(), losses.end());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t j = 0; j < h; ++j) out[j] = sorted[(2 * j + 1) * n / (2 * h)];
    benchmark::DoNotOptimize(out.data());
    read += static_cast<double>(n);
  }
  bench::per_example(state, read);
  std::vector<gradsieve::loss_key> keys;
  for (const float loss : out) keys.push_back(gradsieve::to_key(loss));
  bench::publish_checksum(state, bench::checksum(keys));
}

//! Only one quantile of the 1024.
void median_by_nth_element(benchmark::State& state, std::size_t n) {
  const auto losses = bench::losses(n);
  std::vector<float> copy(n);
  double read = 0;
  const auto middle = static_cast<std::ptrdiff_t>(n / 2);
  for (auto _ : state) {
    copy.assign(losses.begin(), losses.end());
    std::nth_element(copy.begin(), copy.begin() + middle, copy.end());
    benchmark::DoNotOptimize(copy.data());
    read += static_cast<double>(n);
  }
  bench::per_example(state, read);
  if (std::count_if(copy.begin(), copy.end(), [&](float loss) { return loss < copy[n / 2]; }) >
      middle) {
    bench::fail(state, "not the median");
  }
}

const bench::suite all([](const bench::request& asked) {
  for (const std::size_t n : bench::sizes(asked, {60'000, 1'000'000, 10'000'000, 100'000'000}, 8)) {
    const auto add = [n](const char* task, const char* who,
                         void (*run)(benchmark::State&, std::size_t), const char* variant = "") {
      bench::add(
          task, who, {{"N", n}}, [n, run](benchmark::State& s) { run(s, n); }, variant);
    };
    add("observe", "gradsieve", &observe);
    add("observe", "scatter_8_bytes", &scatter);
    add("observe", "gradsieve", &observe_by_sieve, "whole_sieve");
    add("observe", "scatter_8_bytes", &scatter, "whole_sieve");
    if (n > 10'000'000) continue;
    add("quantiles", "gradsieve", &quantiles);
    add("quantiles", "read_once", &bench::read_once);
    add("quantiles", "sort", &quantiles_by_sort);
    add("quantiles", "nth_element_median_only", &median_by_nth_element);
  }
});

}  // namespace
