// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/rank_counts.hpp>

#include <gradsieve/policy/power.hpp>
#include <gradsieve/rule/rule.hpp>

#include "catch.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using gs::rank_counts;
using gs::steered_policy;

namespace {

double expected(const rank_counts& counts, const steered_policy& policy,
                std::uint64_t level = steered_policy::given_level) {
  return gs::to_probability(counts.expected(policy, level));
}

}  // namespace

TEST_CASE("rank_counts: even counts expect the table's mean") {
  const steered_policy policy(gs::power{3}, 256);
  rank_counts counts(256);
  counts.assume_even();
  CHECK(expected(counts, policy) ==
        Approx(gs::compile(gs::power{3}, 256).mean_probability()).margin(1e-6));
}

TEST_CASE("rank_counts: the expected share is the mean of the rule's masses, ties too") {
  const gs::ties tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const auto window = support::window_of(std::vector<float>{1, 2, 2, 2, 5, 6, 6, 8});
  const gs::rule rule = gs::compile(gs::power{1}, 8, tied);
  const steered_policy policy(gs::power{1}, 8);
  rank_counts counts(8);
  double sum = 0;
  const std::vector<float> losses{0.5f, 1, 2, 2, 5, 5.5f, 6, 9};
  for (const float loss : losses) {
    counts.add(window.view(), gs::to_key(loss), tied);
    sum += gs::to_probability(rule.view().mass_of(window.view(), gs::to_key(loss)));
  }
  counts.settle();
  CHECK(expected(counts, policy) == Approx(sum / 8).margin(1e-5));
}

TEST_CASE("rank_counts: examples that must or must not be selected count as such") {
  const auto window = support::ladder(4);
  const steered_policy policy(gs::power{1}, 4);
  rank_counts counts(4);
  counts.add(window.view(), gs::key_always, gs::ties::strict);
  counts.add(window.view(), gs::key_never, gs::ties::strict);
  counts.add_certain();
  counts.add(window.view(), support::rung(2), gs::ties::strict);
  counts.settle();
  CHECK(expected(counts, policy) == Approx((1 + 0 + 1 + 0.5) / 4));
  CHECK(expected(counts, policy, 0) == Approx(0.5).margin(1e-6));
}

TEST_CASE("rank_counts: old counts fade") {
  const auto window = support::ladder(4);
  const steered_policy policy(gs::power{1}, 4);
  rank_counts counts(4);
  for (int i = 0; i < 100; ++i) counts.add(window.view(), support::rung(0), gs::ties::strict);
  for (int step = 0; step < 60; ++step) {
    counts.fade();
    for (int i = 0; i < 10; ++i) counts.add(window.view(), support::rung(4), gs::ties::strict);
    counts.settle();
  }
  CHECK(expected(counts, policy) > 0.99);
  CHECK(counts.total() < 90 * rank_counts::unit);
}

TEST_CASE("rank_counts: nothing is expected of nothing") {
  CHECK(rank_counts(4).expected(steered_policy(gs::power{1}, 4), steered_policy::most_level) == 0);
}

TEST_CASE("rank_counts: the largest counts do not overflow") {
  const auto window = support::ladder(4);
  const steered_policy policy(gs::power{0}, 4);
  rank_counts counts(4);
  for (std::size_t i = 0; i < rank_counts::most_examples; ++i) {
    counts.add(window.view(), support::rung(4), gs::ties::strict);
  }
  CHECK(expected(counts, policy) == Approx(1));
}

TEST_CASE("rank_counts: a state that no losses lead to is refused") {
  rank_counts counts(1);
  const auto reads = [&](std::uint64_t certain, std::uint64_t total,
                         std::vector<std::uint64_t> of_ranks) {
    gs::byte_writer out;
    out.put(certain);
    out.put(total);
    out.put(std::span<const std::uint64_t>(of_ranks));
    gs::byte_reader in(out.view().data(), out.view().size());
    counts.read(in);
  };
  CHECK_NOTHROW(reads(1, 9, {3, 5}));
  CHECK(counts.total() == 9);
  CHECK_THROWS_AS(reads(10, 9, {3, 5}), gs::state_error);
  CHECK_THROWS_AS(reads(1, 9, {3, 10}), gs::state_error);
  CHECK_THROWS_AS(reads(1, 9, {3}), gs::state_error);
  CHECK_THROWS_AS(reads(1, std::uint64_t{1} << 40, {3, 5}), gs::state_error);
  CHECK(counts.total() == 9);
}
