// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/minimal_variance.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frequency.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

const std::vector<float> scores = {.1f, .4f, .2f, .3f};

auto make(double keep) { return ms::minimal_variance{.keep = keep}.make({.seed = 5}); }

std::vector<float> inclusions(ms::minimal_variance_selector& select,
                              const std::vector<gs::loss_key>& keys) {
  std::vector<std::uint32_t> all(keys.size()), out(keys.size());
  std::iota(all.begin(), all.end(), 0u);
  select.select({}, {}, {}, {keys}, out);
  std::vector<float> p(keys.size());
  select.inclusion({}, {}, {keys}, all, p);
  return p;
}

std::vector<gs::loss_key> keys_of(const std::vector<float>& values) {
  std::vector<gs::loss_key> keys;
  for (const float value : values) keys.push_back(gs::to_key(value));
  return keys;
}

}  // namespace

TEST_CASE("minimal_variance: mu .5 and p .2, .8, .4, .6 for two of the published four") {
  ms::minimal_variance_selector select(2);
  const auto p = inclusions(select, keys_of(scores));
  const float expected[] = {.2f, .8f, .4f, .6f};
  for (std::size_t i = 0; i < 4; ++i) CHECK(p[i] == Approx(expected[i]));
  CHECK(select.reached());
  // Of three .4 is certain: mu .3, and p 1/3, 1, 2/3, 1.
  ms::minimal_variance_selector three(3);
  const auto q = inclusions(three, keys_of(scores));
  CHECK(q[0] == Approx(1.0 / 3));
  CHECK(q[1] == 1.0f);
  CHECK(q[2] == Approx(2.0 / 3));
  CHECK(q[3] == 1.0f);
}

// alpha = 1e-4, n = 20000 picks, 4 degrees of freedom.
TEST_CASE("minimal_variance: independent draws with those probabilities") {
  auto method = make(0.5);
  const auto counts = picking::counts(method, scores, 20000);
  CHECK(support::chi_squared_binomial(counts, std::vector<double>{.2, .8, .4, .6}, 20000) <
        support::chi_squared_critical(4));
  // Independent: the number selected varies.
  std::size_t least = 4, most = 0;
  for (int i = 0; i < 200; ++i) {
    least = std::min(least, method.pick(scores).size());
    most = std::max(most, method.pick(scores).size());
  }
  CHECK(least < 2);
  CHECK(most > 2);
}

// 5 standard errors of the mean of 20000 estimates.
TEST_CASE("minimal_variance: weights 1 / p make the sum unbiased") {
  auto method = make(0.5);
  const std::vector<double> value = {3, -1, 4, 2};
  support::running_mean mean;
  for (int i = 0; i < 20000; ++i) {
    const auto picked = method.pick(scores);
    const auto weights = picked.weights(gs::normalisation::unbiased);
    double sum = 0;
    for (std::size_t j = 0; j < picked.size(); ++j) {
      sum += static_cast<double>(weights[j]) * value[picked.positions()[j]];
    }
    mean.add(sum);
  }
  CHECK(std::abs(mean.z(8)) < 5);
}

TEST_CASE("minimal_variance: too few positive scores are certain, the others out, and it says so") {
  ms::minimal_variance_selector select(3);
  CHECK(inclusions(select, keys_of({0, 2, -1, 1, 0})) == std::vector<float>{0, 1, 0, 1, 0});
  CHECK_FALSE(select.reached());
  CHECK(inclusions(select, keys_of({0, 0, 0})) == std::vector<float>{0, 0, 0});
  CHECK_FALSE(select.reached());
  CHECK(inclusions(select, keys_of({1, 2, 1})) == std::vector<float>{1, 1, 1});
  CHECK(select.reached());
  CHECK(inclusions(select, {}).empty());
  CHECK(make(0.5).pick(std::vector<float>(4, 0)).empty());
}

TEST_CASE("minimal_variance: what must be selected is; when they exceed k, alike") {
  std::vector<gs::loss_key> keys = keys_of({1, 1, 1, 1});
  keys[2] = gs::key_always;
  keys[3] = gs::key_never;
  ms::minimal_variance_selector two(2), one(1);
  CHECK(inclusions(two, keys) == std::vector<float>{.5f, .5f, 1, 0});
  keys[1] = gs::key_always;
  CHECK(inclusions(one, keys) == std::vector<float>{0, .5f, .5f, 0});
}

TEST_CASE("minimal_variance: the score of boosting, and shares outside (0, 1]") {
  CHECK(ms::minimal_variance_score(3, 4, 1) == 5.0f);
  CHECK(ms::minimal_variance_score(3, 2, 4) == 5.0f);
  CHECK_THROWS_WITH(make(0), contains("minimal_variance: keep is 0"));
}
