// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/shares.hpp>

#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"

namespace gs = gradsieve;
using gs::detail::tickets;

namespace {

constexpr std::uint64_t one = std::uint64_t{1} << 32;

//! floor((j total + start) / count), digit by digit.
std::uint64_t place_of(std::uint64_t j, std::uint64_t count, std::uint64_t total,
                       std::uint32_t word) {
  const auto start = gs::detail::multiply(word, total);
  auto [high, low] = gs::detail::multiply(j, total);
  const std::uint64_t offset = (start.high << 32) | (start.low >> 32);
  low += offset;
  high += low < offset ? 1 : 0;
  std::uint64_t quotient = 0, rest = high % count;
  for (int bit = 63; bit >= 0; --bit) {
    rest = 2 * rest + (low >> bit & 1);
    quotient = 2 * quotient + (rest >= count ? 1 : 0);
    if (rest >= count) rest -= count;
  }
  return quotient;
}

struct lot {
  std::uint64_t count, total;
};

}  // namespace

TEST_CASE("tickets: each lies at floor((j total + start) / count), wherever one starts") {
  const lot lots[] = {{1, 1},
                      {3, 3},
                      {5, 7},
                      {1000, one},
                      {999, 1000 * one},
                      {0xffffffff, ~std::uint64_t{0}},
                      {0x7fffffff, ~std::uint64_t{0} - 12345},
                      {1, ~std::uint64_t{0}}};
  support::random_source source(3);
  for (const auto& [count, total] : lots) {
    CAPTURE(count, total);
    for (int trial = 0; trial < 200; ++trial) {
      const auto word = static_cast<std::uint32_t>(trial == 0   ? one - 1
                                                   : trial == 1 ? 0
                                                                : source.below(one));
      tickets all(count, total, word);
      const std::uint64_t j = source.below(count), place = place_of(j, count, total, word);
      REQUIRE(place < total);
      REQUIRE(all.move_to(place) == j);
      // What is passed holds the ticket, just before it nothing does.
      REQUIRE(all.pass(1));
      if (place != 0) {
        const bool two = j != 0 && place_of(j - 1, count, total, word) == place - 1;
        REQUIRE(all.move_to(place - 1) == (two ? j - 1 : j));
      }
      REQUIRE(all.move_to(place + 1) == j + 1);
      REQUIRE(all.move_to(total) == count);
      REQUIRE(all.move_to(0) == 0);
    }
  }
}

TEST_CASE("tickets: those met by passing masses are those counted from anywhere") {
  support::random_source source(4);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::uint64_t> masses(1 + source.below(60));
    const std::uint64_t bound = std::uint64_t{1} << source.below(33);
    std::uint64_t total = 0, most = 0;
    for (std::uint64_t& mass : masses) {
      mass = 1 + source.below(bound);
      total += mass;
      most = mass > most ? mass : most;
    }
    const std::uint64_t count = total / most;
    const auto word = static_cast<std::uint32_t>(source.below(one));
    tickets passing(count, total, word), moving(count, total, word);
    std::uint64_t reached = 0, met = 0;
    for (const std::uint64_t mass : masses) {
      REQUIRE(moving.move_to(reached) == met);
      const bool here = passing.pass(mass);
      REQUIRE(moving.pass(mass) == here);
      met += here ? 1 : 0;
      reached += mass;
    }
    REQUIRE(met == count);
  }
}

TEST_CASE("tickets: none are met where there are none") {
  tickets none;
  CHECK(none.move_to(0) == 0);
  CHECK_FALSE(none.pass(5));
  tickets nobody(0, 17, 3);
  CHECK(nobody.move_to(17) == 0);
  CHECK_FALSE(nobody.pass(17));
}

TEST_CASE("shares: counted masses settle as the same masses one by one") {
  support::random_source source(5);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::uint64_t> masses(1 + source.below(9)), counts(masses.size());
    std::uint64_t n = 0, certain = 0;
    for (std::size_t i = 0; i < masses.size(); ++i) {
      masses[i] = i == 0 ? gs::certain_mass : (one >> source.below(34)) - source.below(2);
      if (masses[i] > gs::certain_mass) masses[i] = 0;
      counts[i] = source.below(6);
      n += counts[i];
    }
    certain = counts[0];
    for (std::uint64_t k = certain; k <= n + 1; ++k) {
      gs::detail::systematic_shares counted, single;
      gs::detail::mass_tally pass;
      do {
        pass = {};
        for (std::size_t i = 0; i < masses.size(); ++i) {
          pass.add(counted.certain_from, masses[i], counts[i]);
        }
      } while (counted.settle(pass, k));
      do {
        pass = {};
        for (std::size_t i = 0; i < masses.size(); ++i) {
          for (std::uint64_t c = 0; c < counts[i]; ++c) pass.add(single.certain_from, masses[i]);
        }
      } while (single.settle(pass, k));
      REQUIRE(counted.certain_from == single.certain_from);
      REQUIRE(counted.sum == single.sum);
      REQUIRE(counted.drawn == single.drawn);
      REQUIRE(counted.zeros == single.zeros);
      REQUIRE(counted.filled == single.filled);
      REQUIRE(counted.drawn + counted.filled + pass.certain == (k < n ? k : n));
    }
  }
}
