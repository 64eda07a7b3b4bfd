// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/systematic.hpp>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

using masses = std::vector<std::uint64_t>;
using positions = std::vector<std::uint32_t>;

constexpr std::uint64_t one = std::uint64_t{1} << 32;

masses of(const std::vector<float>& scores) {
  masses out(scores.size(), 99);
  gs::write_masses(scores, out);
  return out;
}

}  // namespace

TEST_CASE("masses: in proportion to the scores, the largest is 2^32") {
  CHECK(of({1, 4, 2, 3}) == masses{one / 4, one, one / 2, one / 4 * 3});
  CHECK(of({1e-30f, 1e30f}) == masses{0, one});
  CHECK(of({3}) == masses{one});
  CHECK(of({7, 7, 7}) == masses(3, one));
  CHECK(of({}).empty());
}

TEST_CASE("masses: all zero when every score is, and minus zero is zero") {
  CHECK(of({0, -0.0f, 0}) == masses(3, 0));
  CHECK(of({-0.0f, 2}) == masses{0, one});
}

TEST_CASE("masses: a score that is negative, NaN or infinite is refused with its position") {
  for (const float bad : {-1.0f, -1e-38f, support::nan_f(), support::negative_nan_f(),
                          support::infinity_f(), support::negative_infinity_f()}) {
    masses out(3, 99);
    const std::vector<float> scores = {1, 2, bad};
    CHECK_THROWS_AS(gs::write_masses(scores, out), gs::invalid_argument);
    CHECK_THROWS_WITH(gs::write_masses(scores, out), contains("position 2"));
    CHECK(out == masses(3, 99));
  }
}

TEST_CASE("masses: too little room is refused with both sizes") {
  masses out(2, 99);
  const std::vector<float> scores = {1, 2, 3};
  CHECK_THROWS_AS(gs::write_masses(scores, out), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::write_masses(scores, out), contains("2") && contains("3"));
  CHECK(out == masses(2, 99));

  std::vector<std::uint32_t> positions(1, 77u);
  CHECK_THROWS_AS(gs::poisson_over(out, {}, positions), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::poisson_over(out, {}, positions),
                    contains("room for 1") && contains("2 masses"));
  CHECK(positions == std::vector<std::uint32_t>{77});
}

TEST_CASE("masses: minimal-variance sampling, from scores to inclusion probabilities") {
  const masses m = of({0.1f, 0.4f, 0.2f, 0.3f});
  gs::systematic draw;
  draw.prepare(m, 2);
  const double expected[] = {0.2, 0.8, 0.4, 0.6};
  for (std::size_t i = 0; i < 4; ++i) CHECK(draw.inclusion(m[i]) == Approx(expected[i]));
}

// alpha < 6 * 6e-7, n = 20000 draws.
TEST_CASE("masses: independent draws select each position with its probability") {
  const masses m = {0, one, one / 2, one / 4, 1, one / 10};
  std::vector<std::uint64_t> counts(m.size(), 0);
  positions out(m.size());
  for (std::uint32_t step = 0; step < 20000; ++step) {
    const std::size_t n = gs::poisson_over(m, {3, step}, out);
    for (std::size_t i = 0; i < n; ++i) ++counts[out[i]];
  }
  std::vector<double> p;
  for (const std::uint64_t mass : m) p.push_back(static_cast<double>(mass) / 4294967296.0);
  p[4] = 0;  // 2^-32: not once in 20000
  CHECK(support::worst_z(counts, p, 20000) < 5);
}

TEST_CASE("masses: independent draws belong to global positions, so halves make the whole") {
  masses m(37);
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = one / 37 * i;
  positions whole(m.size()), left(m.size()), right(m.size());
  whole.resize(gs::poisson_over(m, {3, 1}, whole, 100));
  left.resize(gs::poisson_over(std::span(m).first(13), {3, 1}, left, 100));
  right.resize(gs::poisson_over(std::span(m).subspan(13), {3, 1}, right, 113));
  for (const std::uint32_t position : right) left.push_back(position + 13);
  CHECK(left == whole);
  CHECK(std::is_sorted(whole.begin(), whole.end()));

  positions small(3, 99u);
  CHECK_THROWS_AS(gs::poisson_over(m, {}, small), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::poisson_over(m, {}, small), contains("3") && contains("37"));
  CHECK(gs::poisson_over({}, {}, small) == 0);
}
