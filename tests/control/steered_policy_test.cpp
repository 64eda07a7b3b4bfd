// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/steered_policy.hpp>

#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/rule/rule.hpp>

#include "catch.hpp"

namespace gs = gradsieve;
using gs::steered_policy;

namespace {

std::vector<std::uint64_t> table_of(const gs::curve& policy, std::uint32_t size) {
  std::vector<std::uint64_t> masses(size + 1);
  gs::tabulate(policy, masses);
  return masses;
}

}  // namespace

TEST_CASE("steered_policy: as given it is the policy's own table") {
  const gs::curve policy =
      GENERATE(gs::curve(gs::power{3}), gs::curve(gs::power{2, 0.1}), gs::curve(gs::uniform{0.3}));
  const steered_policy steered(policy, 100);
  CHECK(table_of(steered.view(), 100) == table_of(policy, 100));
}

TEST_CASE("steered_policy: a level is a factor, cut off at 1") {
  steered_policy steered(gs::power{1}, 8);
  steered.set_level(2 * steered_policy::given_level);
  const auto masses = table_of(steered.view(), 8);
  for (std::size_t rank = 0; rank <= 8; ++rank) {
    CHECK(masses[rank] == (std::min)(rank * (gs::full_mass / 4), gs::full_mass));
  }
  steered.set_level(steered_policy::given_level / 2);
  CHECK(table_of(steered.view(), 8)[4] == gs::full_mass / 4);
}

TEST_CASE("steered_policy: every mass rises with the level, from next to nothing to one") {
  const gs::curve policy = GENERATE(gs::curve(gs::power{3}), gs::curve(gs::uniform{0}),
                                    gs::curve([](double p) { return p > 0.5 ? 0.0 : 1 - p; }));
  const steered_policy steered(policy, 32);
  for (std::uint32_t rank = 0; rank <= 32; ++rank) {
    std::uint64_t before = 0;
    for (std::uint64_t level = 0; level < steered_policy::most_level; level += 77'777'777) {
      const std::uint64_t mass = steered.mass_at(rank, level);
      REQUIRE(mass >= before);
      REQUIRE(mass <= gs::full_mass);
      before = mass;
    }
    CHECK(steered.mass_at(rank, 0) <= 1);
    CHECK(steered.mass_at(rank, steered_policy::most_level) == gs::full_mass);
  }
}

TEST_CASE("steered_policy: another policy comes in at the same level, under the same cap") {
  steered_policy steered(gs::power{3}, 64), other(gs::power{1}, 64);
  for (steered_policy* each : {&steered, &other}) {
    each->set_cap(48);
    each->set_level(steered_policy::given_level / 4);
  }
  CHECK(table_of(steered.view(), 64) != table_of(other.view(), 64));
  const gs::curve view = steered.view();
  steered.set_policy(gs::power{1});
  CHECK(table_of(view, 64) == table_of(other.view(), 64));  // the same table, not one that is gone
  CHECK(table_of(steered.view(), 64) == table_of(other.view(), 64));
  const auto broken = [](double percentile) { return percentile > 0.5 ? 2.0 : 0.5; };
  CHECK_THROWS_AS(steered.set_policy(broken), gs::policy_error);
  CHECK(table_of(steered.view(), 64) == table_of(other.view(), 64));
  CHECK(steered.cap() == 48);
}

TEST_CASE("steered_policy: what has any probability keeps some") {
  const steered_policy steered(gs::power{1, 0.001}, 16);
  for (std::uint32_t rank = 0; rank <= 16; ++rank) CHECK(steered.mass_at(rank, 0) == 1);
}

TEST_CASE("steered_policy: a cap makes the band of any policy, at every level") {
  steered_policy steered(gs::power{1}, 100);
  steered.set_cap(80);
  CHECK(steered.capped());
  CHECK(table_of(steered.view(), 100) == table_of(gs::band{.cap = 0.8, .beta = 1}, 100));
  for (const std::uint64_t level : {std::uint64_t{0}, steered_policy::most_level}) {
    steered.set_level(level);
    const auto masses = table_of(steered.view(), 100);
    for (std::size_t rank = 81; rank <= 100; ++rank) CHECK(masses[rank] == 0);
    // A rule finds the cap in the table.
    CHECK(gs::compile(steered.view(), 100).guarded_rank() == 81);
  }
  steered.set_level(steered_policy::given_level);
  steered.set_cap(100);
  CHECK_FALSE(steered.capped());
  CHECK(table_of(steered.view(), 100) == table_of(gs::power{1}, 100));
}

TEST_CASE("steered_policy: caps out of range are the nearest that there are") {
  steered_policy steered(gs::power{1}, 10);
  steered.set_cap(0);
  CHECK(steered.cap() == 1);
  steered.set_cap(99);
  CHECK(steered.cap() == 10);
}

TEST_CASE("table_policy: a window of another size takes the nearest lower entry") {
  const std::vector<std::uint64_t> masses{0, 10, 20, 30, 40};
  const gs::table_policy policy{masses.data(), 4};
  CHECK(policy.mass(1, 2) == 20);
  CHECK(policy.mass(1, 3) == 10);
  CHECK(policy.mass(3, 3) == 40);
  CHECK(policy.mass(7, 8) == 30);
  CHECK(policy(0.5) == Approx(gs::to_probability(20)));
}

TEST_CASE("steered_policy: bad sizes and bad policies are refused") {
  CHECK_THROWS_AS(steered_policy(gs::power{1}, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(steered_policy(gs::power{1}, 0), contains("history is 0"));
  CHECK_THROWS_AS(steered_policy(gs::uniform{2}, 8), gs::policy_error);
}

TEST_CASE("steered_policy: a state that is none is refused") {
  steered_policy policy(gs::power{1}, 2);
  const auto reads = [&](std::uint64_t level, std::uint32_t cap,
                         std::vector<std::uint64_t> masses) {
    gs::byte_writer out;
    out.put(level);
    out.put(cap);
    out.put(std::span<const std::uint64_t>(masses));
    gs::byte_reader in(out.view().data(), out.view().size());
    policy.read(in);
  };
  const gs::curve view = policy.view();
  CHECK_NOTHROW(reads(7, 2, {0, 1, 2}));
  CHECK(table_of(view, 2) == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(policy.level() == 7);
  CHECK(table_of(policy.view(), 2) == std::vector<std::uint64_t>{0, 1, 2});
  CHECK_THROWS_AS(reads(steered_policy::most_level + 1, 2, {0, 1, 2}), gs::state_error);
  CHECK_THROWS_AS(reads(7, 0, {0, 1, 2}), gs::state_error);
  CHECK_THROWS_AS(reads(7, 3, {0, 1, 2}), gs::state_error);
  CHECK_THROWS_AS(reads(7, 2, {0, 1}), gs::state_error);
  CHECK_THROWS_AS(reads(7, 2, {0, 1, gs::full_mass + 1}), gs::state_error);
  CHECK(policy.level() == 7);
}
