// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/importance_sampling.hpp>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/frequency.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

const std::vector<float> scores = {.1f, .4f, .2f, .3f};

auto always_open(double keep = 0.5) {
  return ms::importance_sampling{.keep = keep, .threshold = 0}.make({.seed = 8});
}

}  // namespace

// alpha = 1e-4, n = 40000 draws, 3 degrees of freedom.
TEST_CASE("importance_sampling: draws with replacement in proportion to the scores") {
  auto method = always_open();
  const auto counts = picking::counts(method, scores, 20000);
  CHECK(support::chi_squared(counts, std::vector<double>{4000, 16000, 8000, 12000}) <
        support::chi_squared_critical(3));
  bool repeated = false;
  for (int i = 0; i < 20; ++i) {
    const auto at = support::to_vector(method.pick(scores).positions());
    REQUIRE(at.size() == 2);
    repeated = repeated || at[0] == at[1];
  }
  CHECK(repeated);
}

// 5 standard errors of the mean of 20000 estimates.
TEST_CASE("importance_sampling: weights 1 / (n p) make the mean unbiased, gate open or not") {
  const std::vector<double> value = {3, -1, 4, 2};
  for (const double threshold : {0.0, 10.0}) {
    auto method = ms::importance_sampling{.keep = 0.5, .threshold = threshold}.make({.seed = 8});
    support::running_mean mean;
    for (int i = 0; i < 20000; ++i) {
      const auto picked = method.pick(scores);
      const auto weights = picked.weights(gs::normalisation::unbiased);
      double sum = 0;
      for (std::size_t j = 0; j < picked.size(); ++j) {
        sum += static_cast<double>(weights[j]) * value[picked.positions()[j]];
      }
      mean.add(sum / 4);
    }
    CHECK(method.selector().inner().open() == (threshold < 1));
    CHECK(std::abs(mean.z(2)) < 5);
  }
}

TEST_CASE("importance_sampling: the gate opens when the smoothed gain exceeds the threshold") {
  // The gain of these scores is 1.09545; after t batches it is smoothed to (1 - .9^t) of that.
  auto method = ms::importance_sampling{.keep = 0.5, .threshold = 1.0}.make({.seed = 8});
  for (int t = 1; t <= 40; ++t) {
    method.pick(scores);
    const double smoothed = 1.09545 * (1 - std::pow(0.9, t));
    CHECK(method.selector().inner().gain() == Approx(smoothed).margin(5e-4));
    CHECK(method.selector().inner().open() == (smoothed > 1));
    auto resumed = ms::importance_sampling{.keep = 0.5, .threshold = 1.0}.make({.seed = 8});
    resumed.load(method.save());
    CHECK(resumed.selector().inner().gain() == method.selector().inner().gain());
  }
  for (int t = 0; t < 200; ++t) method.pick(std::vector<float>(4, 1.0f));
  CHECK_FALSE(method.selector().inner().open());
}

TEST_CASE("importance_sampling: zeros, negative and equal scores, and what must be selected") {
  auto method = always_open();
  for (int i = 0; i < 200; ++i) {
    for (const auto at : method.pick(std::vector<float>{0, 1, -5, 2}).positions()) {
      CHECK(at % 2 == 1);
    }
  }
  // Without any score the draw is at random: no repeats.
  for (int i = 0; i < 50; ++i) {
    const auto at = support::to_vector(method.pick(std::vector<float>(4, 0)).positions());
    CHECK(at[0] != at[1]);
  }
  std::vector<float> p(4);
  ms::importance_selector select(0, 0);
  select.k = 2;
  std::vector<gs::loss_key> keys = support::to_vector(std::vector<gs::loss_key>{0, 0, 0, 0});
  keys[1] = gs::key_always;
  keys[3] = gs::key_never;
  std::vector<std::uint32_t> out(4);
  REQUIRE(select.select({}, {}, {}, {keys}, out) == 2);
  CHECK(out[0] == 1);
  CHECK(out[1] == 1);
  select.inclusion({}, {}, {keys}, std::vector<std::uint32_t>{0, 1, 2, 3}, p);
  CHECK(p == std::vector<float>{0, 2, 0, 0});
}

TEST_CASE("importance_sampling: the last layer's bound is |softmax - onehot|") {
  const std::vector<float> logits = {1, 2, 3};
  const double e = std::exp(1.0), z = 1 + e + e * e;
  const double expected =
      std::sqrt(std::pow(1 / z, 2) + std::pow(1 - e / z, 2) + std::pow(e * e / z, 2));
  CHECK(ms::last_layer_bound(logits, 1) == Approx(expected));
  CHECK(ms::last_layer_bound(std::vector<float>{1000, 0}, 0) == 0.0f);
  CHECK(ms::last_layer_bound(std::vector<float>{1000, 0}, 1) == Approx(std::sqrt(2.0)));
  const float up = support::infinity_f(), down = support::negative_infinity_f();
  CHECK(ms::last_layer_bound(std::vector<float>{0, down}, 0) == 0.0f);
  CHECK(ms::last_layer_bound(std::vector<float>{0, down}, 1) == Approx(std::sqrt(2.0)));
  for (const auto& bad : {std::vector<float>{support::nan_f(), 0},
                          {0, support::nan_f()},
                          {up, 0},
                          {0, up},
                          {down, down}}) {
    CHECK_FALSE(gs::is_finite(gs::to_key(ms::last_layer_bound(bad, 1))));
  }
  CHECK_THROWS_AS(ms::last_layer_bound(logits, 3), gs::out_of_range);
  CHECK_THROWS_WITH(ms::last_layer_bound({}, 0), contains("label 0 of 0 classes"));
}

TEST_CASE("importance_sampling: (1 / (n p))^k weights") {
  // Two draws of p = .1 and .4 from a batch of four.
  const std::vector<float> expected = {.2f, .8f};
  std::vector<float> w(2);
  ms::write_biased_weights(expected, 4, 1, w);
  CHECK(w[0] == Approx(2.5));
  CHECK(w[1] == Approx(0.625));
  ms::write_biased_weights(expected, 4, 0.5, w);
  CHECK(w[0] == Approx(std::sqrt(2.5)));
  ms::write_biased_weights(expected, 4, 0, w);
  CHECK(w == std::vector<float>{1, 1});
  ms::write_biased_weights(expected, 4, -1, w);
  CHECK(w[0] == Approx(0.4));
  std::vector<float> kept = w;
  CHECK_THROWS_AS(ms::write_biased_weights(std::vector<float>{1}, 4, 1, w), gs::invalid_argument);
  CHECK_THROWS_WITH(ms::write_biased_weights(std::vector<float>{1, 0}, 4, 1, w),
                    contains("position 1"));
  CHECK(w == kept);
}

TEST_CASE("importance_sampling: numbers outside their ranges, and foreign states, are refused") {
  using method = ms::importance_sampling;
  CHECK_THROWS_WITH(method{.keep = 0}.make({}), contains("keep is 0"));
  CHECK_THROWS_WITH(method{.threshold = -1}.make({}), contains("threshold is -1"));
  CHECK_THROWS_AS(method{.threshold = support::nan_d()}.make({}), gs::invalid_argument);
  CHECK_THROWS_WITH(method{.smoothing = 1}.make({}), contains("smoothing is 1"));
  auto other = always_open();
  CHECK(support::refuses(other, method{.keep = 0.5, .threshold = 2}.make({.seed = 8}).save()));
  gs::byte_writer out;
  for (const std::uint64_t value : {0u, 58982u}) out.put(value);
  out.put(std::uint64_t{1} << 33);
  gs::byte_reader in(out.view().data(), out.view().size());
  ms::importance_selector select(0, 0.9);
  CHECK_THROWS_AS(select.read(in), gs::state_error);
}
