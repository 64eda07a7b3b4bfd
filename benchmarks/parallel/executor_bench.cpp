// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A plan cut into tasks for an executor of one thread and of two: against the same plan
//! without an executor. What the cut and the threads cost, and what they bring.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"

#include <gradsieve/gradsieve.hpp>

#include <map>
#include <memory>

namespace {

constexpr std::uint32_t first_epoch = 8;

//! A sieve that has seen n examples, kept from one measurement to the next.
gradsieve::sieve& trained(std::size_t n) {
  static std::map<std::size_t, std::unique_ptr<gradsieve::sieve>> kept;
  auto& slot = kept[n];
  if (!slot) {
    slot = std::make_unique<gradsieve::sieve>(
        gradsieve::sieve_options{.examples = static_cast<std::int64_t>(n),
                                 .policy = gradsieve::power{.beta = 2},
                                 .seed = 1,
                                 .refresh = gradsieve::max_age{64}});
    bench::fill(slot->ledger(), first_epoch);
  }
  return *slot;
}

//! Plans two epochs in turn, whose losses are fresh enough; `plan` returns the ids to train.
template <class Plan>
void repeat(benchmark::State& state, std::size_t n, Plan plan) {
  gradsieve::sieve& sieve = trained(n);
  const auto alone = sieve.plan(first_epoch).train();
  const std::vector<std::int64_t> expected(alone.begin(), alone.end());
  double offered = 0;
  for (auto _ : state) {
    const bool odd = sieve.epoch() == first_epoch;
    benchmark::DoNotOptimize(plan(sieve, odd ? first_epoch + 1 : first_epoch).size());
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  plan(sieve, first_epoch + 1);  // or the plan of the first epoch would be there already
  const auto train = plan(sieve, first_epoch);
  if (!std::equal(train.begin(), train.end(), expected.begin(), expected.end())) {
    bench::fail(state, "other ids than without an executor");
  }
}

void with_threads(benchmark::State& state, std::size_t n, std::size_t threads) {
  bench::threads_of_a_call run{threads};
  repeat(state, n, [&](gradsieve::sieve& sieve, std::uint32_t epoch) {
    return sieve.plan(epoch, run).train();
  });
}

void without(benchmark::State& state, std::size_t n) {
  repeat(state, n,
         [](gradsieve::sieve& sieve, std::uint32_t epoch) { return sieve.plan(epoch).train(); });
}

const bench::suite all([](const bench::request& asked) {
  // The smallest that is cut into a few tasks, and one that is cut into more.
  for (const std::size_t n : bench::sizes(asked, {std::size_t{4} << 20, 20'000'000}, 1)) {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
      bench::add("parallel_plan", "gradsieve", {{"N", n}, {"threads", threads}},
                 [=](benchmark::State& s) { with_threads(s, n, threads); })
          ->UseRealTime();
      bench::add("parallel_plan", "no_executor", {{"N", n}, {"threads", threads}},
                 [=](benchmark::State& s) { without(s, n); })
          ->UseRealTime();
    }
  }
});

}  // namespace
