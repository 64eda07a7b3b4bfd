// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/random_k.hpp>

#include <map>
#include <numeric>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/frequency.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

using positions = std::vector<std::uint32_t>;

positions draw_keys(std::size_t k, const std::vector<gs::loss_key>& keys, std::uint32_t step = 0) {
  gs::random_k_selector select{k};
  positions out(keys.size(), 99u);
  out.resize(select.select({}, {}, {7, step}, {keys}, out));
  return out;
}

std::vector<float> inclusions(std::size_t k, const std::vector<gs::loss_key>& keys) {
  positions all(keys.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> p(keys.size(), -1.0f);
  gs::random_k_selector{k}.inclusion({}, {}, {keys}, all, p);
  return p;
}

const std::vector<gs::loss_key> mixed = {1, gs::key_never, gs::key_always, 5, 2, 9, gs::key_always,
                                         3};

}  // namespace

TEST_CASE("random k: exactly min(k, n), ascending, for every k and n") {
  for (std::size_t n = 0; n < 12; ++n) {
    for (std::size_t k = 0; k < 14; ++k) {
      for (std::uint32_t step = 0; step < 20; ++step) {
        const positions at = draw_keys(k, std::vector<gs::loss_key>(n, 4), step);
        REQUIRE(at.size() == std::min(k, n));
        REQUIRE(std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end());
      }
    }
  }
}

// alpha = 1e-4, n = 50000 draws, 9 degrees of freedom.
TEST_CASE("random k: all ten pairs of five are equally likely") {
  std::map<positions, std::uint64_t> seen;
  for (std::uint32_t step = 0; step < 50000; ++step) {
    ++seen[draw_keys(2, {9, 1, 1, 7, 3}, step)];
  }
  std::vector<std::uint64_t> counts;
  for (const auto& [pair, count] : seen) counts.push_back(count);
  REQUIRE(counts.size() == 10);
  CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(9));
}

// alpha < 8 * 6e-7 each, n = 20000 draws.
TEST_CASE("random k: what must be comes first, what must not never, the rest alike") {
  const std::size_t k = GENERATE(0u, 1u, 2u, 4u, 7u, 9u);
  std::vector<std::uint64_t> counts(mixed.size(), 0);
  for (std::uint32_t step = 0; step < 20000; ++step) {
    const positions at = draw_keys(k, mixed, step);
    REQUIRE(at.size() == std::min<std::size_t>(k, 7));
    for (const std::uint32_t position : at) ++counts[position];
  }
  const std::vector<float> p = inclusions(k, mixed);
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) ==
        Approx(static_cast<double>(std::min<std::size_t>(k, 7))));
  CHECK(support::worst_z(counts, std::vector<double>(p.begin(), p.end()), 20000) < 5);
}

TEST_CASE("random k: inclusion probabilities by hand") {
  CHECK(inclusions(1, mixed) == std::vector<float>{0, 0, 0.5f, 0, 0, 0, 0.5f, 0});
  CHECK(inclusions(4, mixed) == std::vector<float>{0.4f, 0, 1, 0.4f, 0.4f, 0.4f, 1, 0.4f});
  CHECK(inclusions(3, std::vector<gs::loss_key>(3, 1)) == std::vector<float>{1, 1, 1});
}

TEST_CASE("random k: the losses do not matter, seed and step do") {
  const std::vector<gs::loss_key> up = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::vector<gs::loss_key> down(up.rbegin(), up.rend());
  CHECK(draw_keys(5, up) == draw_keys(5, down));
  bool differs = false;
  for (std::uint32_t step = 1; step < 9; ++step) {
    differs = differs || draw_keys(5, up, step) != draw_keys(5, up);
  }
  CHECK(differs);
}

TEST_CASE("random k: without keys, the draw of as many equal ones") {
  for (std::size_t n = 0; n < 12; ++n) {
    for (std::size_t k = 0; k < 14; ++k) {
      positions out(n, 99u);
      out.resize(gs::random_k_selector{k}.over(n, {7, 3}, out));
      REQUIRE(out == draw_keys(k, std::vector<gs::loss_key>(n, 4), 3));
    }
  }
  positions out(2, 99u);
  CHECK(gs::random_k_selector{2}.over(1000000, {7, 3}, out) == 2);
  CHECK(out[0] < out[1]);
}

TEST_CASE("random k: without keys, too little room or too many examples are refused") {
  positions out(2, 99u);
  const auto run = [&](std::size_t k, std::size_t n) {
    return gs::random_k_selector{k}.over(n, {}, out);
  };
  CHECK_THROWS_AS(run(3, 5), gs::invalid_argument);
  CHECK_THROWS_WITH(run(3, 5), contains("room for 2") && contains("3 are drawn of 5"));
  CHECK_THROWS_AS(run(2, std::size_t{1} << 32), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, std::size_t{1} << 32), contains("4294967296"));
  CHECK(out == positions(2, 99u));
}

TEST_CASE("random k: draws keyed by id are refused") {
  gs::random_k_selector select{1};
  const std::vector<gs::loss_key> keys = {1, 2};
  const std::vector<std::int64_t> ids = {1, 2};
  positions out(2);
  CHECK_THROWS_AS(select.select({}, {}, {}, {keys, ids}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(select.select({}, {}, {}, {keys, ids}, out), contains("random_k"));
}
