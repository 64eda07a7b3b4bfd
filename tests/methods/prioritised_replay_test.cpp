// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/prioritised_replay.hpp>

#include "catch.hpp"
#include "support/chi_squared.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

const std::vector<float> losses = {.1f, .4f, .2f, .3f};
const std::vector<std::int64_t> ids = {0, 1, 2, 3};

ms::replay with_losses(const ms::prioritised_replay& options, std::uint32_t epochs = 0) {
  auto method = options.make({.examples = 4, .epochs = epochs, .seed = 3});
  method.observe(ids, losses);
  method.begin_epoch(0);
  return method;
}

}  // namespace

TEST_CASE("prioritised_replay: the published probabilities and weights") {
  const ms::replay method = with_losses({.alpha = .7, .beta = .5});
  const double p[] = {.134749, .355605, .218901, .290744}, w[] = {1, .615572, .784584, .680781};
  double most = 0;
  for (const std::int64_t id : ids) most = std::max(most, method.importance(id));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(method.probability(ids[i]) == Approx(p[i]).margin(2e-6));
    CHECK(method.importance(ids[i]) / most == Approx(w[i]).margin(1e-5));
  }
}

// alpha = 1e-4, n = 40000 draws, 3 degrees of freedom.
TEST_CASE(
    "prioritised_replay: draws with replacement in proportion, weights over the batch's largest") {
  ms::replay method = with_losses({.alpha = .7, .beta = .5});
  std::vector<std::uint64_t> counts(4, 0);
  for (int i = 0; i < 10000; ++i) {
    const auto batch = method.draw(4);
    REQUIRE(batch.ids.size() == 4);
    float most = 0;
    for (const float weight : batch.weights) most = std::max(most, weight);
    CHECK(most == 1.0f);
    for (const std::int64_t id : batch.ids) ++counts[static_cast<std::size_t>(id)];
  }
  const std::vector<double> expected = {5389.96, 14224.2, 8756.04, 11629.76};
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(3));
}

TEST_CASE("prioritised_replay: ranked by the epoch's start, 1 / rank^alpha") {
  auto method = with_losses(ms::prioritised_replay::ranked());
  const double z = 1 + std::pow(2, -.7) + std::pow(3, -.7) + std::pow(4, -.7);
  const double ranks[] = {4, 1, 3, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(method.probability(ids[i]) == Approx(std::pow(ranks[i], -.7) / z));
  }
  method.observe(std::vector{0}, std::vector<float>{9});
  CHECK(method.probability(1) == Approx(1 / z));
  method.begin_epoch(1);
  CHECK(method.probability(0) == Approx(1 / z));
}

TEST_CASE("prioritised_replay: beta rises to 1 over the epochs, and stays where there are none") {
  auto method = with_losses({}, 10);
  CHECK(method.beta() == Approx(0.4));
  method.begin_epoch(5);
  CHECK(method.beta() == Approx(0.7));
  method.begin_epoch(10);
  CHECK(method.beta() == Approx(1.0));
  method.begin_epoch(20);
  CHECK(method.beta() == Approx(1.0));
  auto fixed = with_losses({});
  fixed.begin_epoch(7);
  CHECK(fixed.beta() == 0.4);
}

TEST_CASE("prioritised_replay: what was never seen has the priority 1; NaN changes none") {
  auto method = ms::prioritised_replay{.alpha = 1}.make({.examples = 3, .seed = 1});
  CHECK(method.probability(0) == Approx(1.0 / 3));
  method.observe(std::vector{0, 1}, std::vector<float>{2, 0.5f});
  // 2 of 2 + .5 + 1.
  CHECK(method.probability(2) == Approx(1 / 3.5).epsilon(1e-4));
  const double before = method.probability(0);
  method.observe(std::vector{0, 2}, std::vector<float>{support::nan_f(), support::infinity_f()});
  CHECK(method.probability(0) == before);
  CHECK(method.work().non_finite == 2);
  method.observe(std::vector{1}, std::vector<float>{0});
  CHECK(method.probability(1) > 0);  // a loss of 0 keeps a priority
}

TEST_CASE("prioritised_replay: equal losses are drawn alike, retired ones never") {
  auto method = ms::prioritised_replay{}.make({.examples = 5, .seed = 1});
  method.observe(support::ids_from(0, 5), std::vector<float>(5, 0.25f));
  for (std::int64_t id = 0; id < 5; ++id) CHECK(method.probability(id) == Approx(0.2));
  method.retire(std::vector{1, 3});
  method.observe(std::vector{1}, std::vector<float>{100});
  CHECK(method.probability(1) == 0.0);
  for (int i = 0; i < 100; ++i) {
    for (const std::int64_t id : method.draw(4).ids) CHECK((id != 1 && id != 3));
  }
  method.retire(std::vector{0, 2, 4});
  CHECK(method.draw(4).ids.empty());
  CHECK(ms::prioritised_replay{}.make({.examples = 5}).draw(0).ids.empty());
}

TEST_CASE("prioritised_replay: a resumed run equals the unbroken one, by losses and by ranks") {
  for (const auto& options : {ms::prioritised_replay{}, ms::prioritised_replay::ranked()}) {
    const ms::run_shape run{.examples = 30, .epochs = 8, .seed = 6};
    ms::replay whole = options.make(run);
    for (std::uint32_t step = 0; step < 40; ++step) {
      if (step % 5 == 0) whole.begin_epoch(step / 5);
      if (step == 17) whole.retire(std::vector{4});
      ms::replay resumed = options.make(run);
      resumed.load(whole.save());
      CHECK(resumed.save() == whole.save());
      const auto again = support::to_vector(resumed.draw(8).ids);
      const auto batch = whole.draw(8);
      CHECK(support::to_vector(batch.ids) == again);
      const auto drawn = support::to_vector(batch.ids);
      auto losses_now = support::random_losses(8, step);
      losses_now[0] *= 50;  // larger than the priority of what was never seen
      whole.observe(drawn, losses_now);
    }
  }
}

TEST_CASE("prioritised_replay: damaged states and those of other options are refused") {
  ms::replay method = with_losses(ms::prioritised_replay::ranked(), 4);
  CHECK(support::damages_accepted(method, method.save()) == 0);
  const auto state = method.save();
  ms::replay other = with_losses({}, 4);
  CHECK(support::refuses(other, state));
  ms::replay more = ms::prioritised_replay::ranked().make({.examples = 5, .epochs = 4, .seed = 3});
  CHECK(support::refuses(more, state));
  // Ranks that are no permutation.
  gs::byte_writer out;
  ms::replay clean = ms::prioritised_replay::ranked().make({.examples = 2});
  clean.write(out);
  auto bytes = support::to_vector(out.view());
  bytes[bytes.size() - 4] = std::byte{1};  // the second rank's id, 1, becomes … the first's is 0
  bytes[bytes.size() - 8] = std::byte{1};
  gs::byte_reader in(bytes.data(), bytes.size());
  CHECK_THROWS_WITH(clean.read(in), contains("not the ranks"));
}

TEST_CASE("prioritised_replay: numbers outside their ranges, ids and sizes are refused") {
  using method = ms::prioritised_replay;
  const ms::run_shape run{.examples = 4};
  CHECK_THROWS_WITH(method{.alpha = -1}.make(run), contains("alpha is -1"));
  CHECK_THROWS_WITH(method{.beta = 2}.make(run), contains("beta 2"));
  CHECK_THROWS_WITH(method{}.make({}), contains("examples is 0"));
  ms::replay good = with_losses({});
  const auto before = good.save();
  CHECK_THROWS_AS(good.observe(std::vector{4}, std::vector<float>{1}), gs::out_of_range);
  CHECK_THROWS_AS(good.observe(std::vector{1, 2}, std::vector<float>{1}), gs::invalid_argument);
  CHECK_THROWS_AS(good.probability(4), gs::out_of_range);
  CHECK_THROWS_AS(good.retire(std::vector{-1}), gs::out_of_range);
  CHECK(good.save() == before);
}
