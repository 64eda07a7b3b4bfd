// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/systematic.hpp>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

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

TEST_CASE("masses: subnormal scores count under every flag") {
  const auto tiny = [](std::uint32_t units) { return support::float_of(units); };
  CHECK(of({tiny(1), tiny(4), tiny(2), 0}) == masses{one / 4, one, one / 2, 0});
  CHECK(of({tiny(1)}) == masses{one});
  // Beside the least normal, 2^23 units, and one that is 2^33 times larger.
  CHECK(of({tiny(0x00400000), tiny(0x00800000)}) == masses{one / 2, one});
  CHECK(of({tiny(1), tiny(0x00800000)}) == masses{one >> 23, one});
  CHECK(of({0x1p-149f, 0x1p-116f}) == masses{1, one});  // 2^-33, a half, rounds up
  CHECK(of({0x1p-149f, 0x1p-115f}) == masses{0, one});
}

TEST_CASE("masses: the integer nearest to 2^32 score / largest, for scores of every size") {
  support::random_source source(50);
  for (int trial = 0; trial < 20000; ++trial) {
    const auto exponent = static_cast<std::uint32_t>(source.below(255));
    const auto low =
        exponent - static_cast<std::uint32_t>(source.below(std::min(exponent, 40u) + 1));
    const float a =
        support::float_of((exponent << 23) | static_cast<std::uint32_t>(source() >> 41));
    const float b = support::float_of((low << 23) | static_cast<std::uint32_t>(source() >> 41));
    const bool ordered = gs::to_key(b) <= gs::to_key(a);
    const float large = ordered ? a : b, small = ordered ? b : a;
    if (gs::float_bits(large) == 0) continue;
    // A float's subnormals are normal in a long double.
    const auto value = [](float score) {
      const gs::detail::float_parts parts = gs::detail::parts_of(gs::float_bits(score));
      return std::ldexp(static_cast<long double>(parts.significand),
                        static_cast<int>(parts.exponent));
    };
    const auto expected =
        static_cast<std::uint64_t>(std::llround(std::ldexp(value(small) / value(large), 32)));
    REQUIRE(of({small, large}) == masses{expected, one});
  }
}

TEST_CASE(
    "masses: of a policy, its table at each loss's rank; a loss that is not finite has none") {
  const gs::curve policy = GENERATE(gs::curve(gs::power{2.0}), gs::curve(gs::band{0.7, 1.0, 0.1}));
  const gs::ties tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const gs::rule rule = gs::compile(policy, 8, tied);
  const gs::sorted_window window = support::window_of(std::vector<float>{1, 2, 2, 4, 5, 6, 7, 8});
  const std::vector<double> losses = {2, 0, 9, 5.5, support::nan_d(), support::infinity_d()};
  masses out(7, 99);
  gs::write_masses(rule.view(), window.view(), losses, out);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(out[i] == rule.view().mass_of(window.view(), gs::to_key(losses[i])));
  }
  CHECK(out[1] == rule.masses()[0]);
  CHECK(out[2] == rule.masses()[8]);
  CHECK(out[3] == rule.masses()[5]);
  CHECK(out[4] == 0);
  CHECK(out[5] == 0);
  CHECK(out[6] == 99);
}

TEST_CASE("masses: of a policy, sizes that do not fit are refused and nothing written") {
  const gs::rule rule = gs::compile(gs::power{2.0}, 4);
  const gs::sorted_window window = support::ladder(4), other = support::ladder(3);
  const std::vector<float> losses = {1, 2, 3};
  masses out(3, 99);
  const auto run = [&](const gs::rule_view& by, const gs::sorted_window& in, std::size_t room) {
    gs::write_masses(by, in.view(), losses, std::span(out).first(room));
  };
  CHECK_THROWS_AS(run(rule.view(), window, 2), gs::invalid_argument);
  CHECK_THROWS_WITH(run(rule.view(), window, 2), contains("room for 2") && contains("3 losses"));
  CHECK_THROWS_AS(run(rule.view(), other, 3), gs::invalid_argument);
  CHECK_THROWS_WITH(run(rule.view(), other, 3), contains("window of 4") && contains("holds 3"));
  CHECK_THROWS_AS(run({}, gs::sorted_window(1), 3), gs::invalid_argument);
  CHECK(out == masses(3, 99));
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

TEST_CASE(
    "masses: of policies per group, each loss's by its own; groups that do not fit are refused") {
  const std::vector<gs::curve> policies = {gs::power{1.0}, gs::band{0.5, 1.0, 0.25}};
  const gs::rule rule(gs::power{3.0}, 4, gs::ties::strict, policies);
  const gs::sorted_window window = support::window_of(std::vector<float>{1, 2, 3, 4});
  const std::vector<float> losses = {3.5f, 3.5f, support::nan_f()};
  masses out(3, 99);
  const auto write = [&](const std::vector<gs::group_id>& groups) {
    gs::write_masses(rule.view(), window.view(), losses, out, groups);
  };
  CHECK_THROWS_AS(write({}), gs::invalid_argument);
  CHECK_THROWS_WITH(write({}), contains("0 groups and 3 losses"));
  CHECK_THROWS_WITH(write({0, 1}), contains("2 groups and 3 losses"));
  CHECK_THROWS_AS(write({0, 2, 1}), gs::out_of_range);
  CHECK_THROWS_WITH(write({0, 2, 1}), contains("group 2 at position 1"));
  CHECK(out == masses(3, 99));
  write({0, 1, 1});
  CHECK(out == masses{one / 4 * 3, one / 4, 0});
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
