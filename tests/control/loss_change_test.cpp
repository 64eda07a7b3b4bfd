// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/loss_change.hpp>
#include <gradsieve/gradsieve.hpp>

#include <cmath>
#include <utility>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;

namespace {

using floats = std::vector<float>;

constexpr std::int64_t examples = 4000;

gs::sieve planner(std::uint64_t seed, const gs::curve& policy = gs::power{2.0, 0.02},
                  std::int64_t n = examples) {
  return gs::sieve(
      {.examples = n, .policy = policy, .history = 256, .seed = seed, .refresh = gs::max_age{8}});
}

floats of(const floats& losses, std::span<const std::int64_t> ids) {
  floats result;
  for (const std::int64_t id : ids) result.push_back(losses[static_cast<std::size_t>(id)]);
  return result;
}

//! Epoch 0 over everything with the losses `before`, then epoch 1 over its plan with `after`.
gs::loss_change change(gs::sieve sieve, const floats& before, const floats& after) {
  sieve.plan(0);
  sieve.observe(support::ids_from(0, before.size()), before);
  const auto ids = support::to_vector(sieve.plan(1).train());
  sieve.observe(ids, of(after, ids));
  return gs::change_of_losses(sieve);
}

double mean(const floats& losses) {
  double sum = 0;
  for (const float loss : losses) sum += double{loss};
  return sum / static_cast<double>(losses.size());
}

}  // namespace

// Over 400 seeds: |z| < 4.4, two-sided alpha 1.1e-5; the plain mean of those trained is far off, or
// the test would see nothing. The bias of a ratio is of the order of 1 / n, a tenth of the error.
TEST_CASE("loss_change: the mean over all examples, estimated from those trained") {
  const floats before = support::random_losses(examples, 1);
  floats after = support::random_losses(examples, 2);
  for (std::size_t i = 0; i < after.size(); ++i) after[i] = 0.5f * (after[i] + before[i]);
  support::running_mean old_loss, new_loss, overall, plain;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    gs::sieve sieve = planner(seed);
    const gs::loss_change found = change(sieve, before, after);
    old_loss.add(found.before);
    new_loss.add(found.after);
    overall.add(found.overall);
    sieve.plan(0);
    sieve.observe(support::ids_from(0, examples), before);
    plain.add(mean(of(after, sieve.plan(1).train())));
    REQUIRE(sieve.plan(1).size() == found.examples);
  }
  CHECK(std::abs(old_loss.z(mean(before))) < 4.4);
  CHECK(std::abs(new_loss.z(mean(after))) < 4.4);
  CHECK(std::abs(overall.z(mean(after))) < 4.4);
  CHECK(std::abs(plain.z(mean(after))) > 50);
}

// Epoch after epoch some are trained for their age: the whole is still all examples'.
TEST_CASE("loss_change: those forced count for themselves in the whole, and for nobody else") {
  const floats losses = support::random_losses(examples, 1);
  support::running_mean overall;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    gs::sieve sieve = planner(seed);
    for (std::uint32_t epoch = 0; epoch < 12; ++epoch) {
      const auto ids = support::to_vector(sieve.plan(epoch).train());
      sieve.observe(ids, of(losses, ids));
    }
    CHECK(sieve.last_plan().forced() > 0);
    overall.add(gs::change_of_losses(sieve).overall);
  }
  CHECK(std::abs(overall.z(mean(losses))) < 4.4);
}

TEST_CASE("loss_change: the standard error is that of the change, over many plans") {
  const floats before = support::random_losses(examples, 1);
  const floats after = support::random_losses(examples, 2);
  double sum = 0, squares = 0, told = 0;
  constexpr int plans = 200;
  for (std::uint64_t seed = 0; seed < plans; ++seed) {
    const gs::loss_change found = change(planner(seed), before, after);
    const double moved = found.after - found.before;
    sum += moved;
    squares += moved * moved;
    told += found.error;
  }
  const double spread = std::sqrt(squares / plans - sum / plans * (sum / plans));
  CHECK(told / plans == Approx(spread).epsilon(0.2));  // the spread is known to 5 %: alpha 6e-5
}

TEST_CASE("loss_change: a weight is 64 at most, so that no example stands for hundreds") {
  const floats before = support::random_losses(examples, 1);
  floats after = before;  // of those drawn with a probability below 1/256, 10
  for (float& loss : after) loss = loss < 0.25f ? 10.0f : loss;
  double drawn = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    gs::sieve sieve = planner(seed, gs::power{4.0});
    const double overall = change(sieve, before, after).overall;
    sieve.plan(0);
    sieve.observe(support::ids_from(0, examples), before);
    double here = 0;
    for (const float loss : of(after, sieve.plan(1).train())) here += loss == 10.0f ? 1 : 0;
    drawn += here;
    CHECK(overall < 0.52 + here * 64 * 10 / examples);
  }
  CHECK(drawn > 10);
}

TEST_CASE("loss_change: of many examples a part is looked at") {
  constexpr std::size_t many = 300000;
  const floats before = support::random_losses(many, 1);
  floats after = before;
  for (float& loss : after) loss *= 1.5f;
  const gs::loss_change found = change(planner(1, gs::power{1.0, 0.1}, many), before, after);
  CHECK(found.examples <= 65536);
  CHECK(found.examples > 30000);
  CHECK(found.rise() == Approx(0.5).epsilon(0.01));
  CHECK(found.overall == Approx(mean(after)).epsilon(0.01));
}

TEST_CASE("loss_change: by the probabilities of each example's own group") {
  const floats losses = support::random_losses(examples, 1);
  std::vector<int> groups(examples);
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = losses[i] < 0.5f ? 0 : 1;
  support::running_mean overall;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    gs::sieve sieve({.examples = examples,
                     .history = 256,
                     .seed = seed,
                     .per_group = {gs::uniform{0.1}, gs::uniform{0.9}}});
    sieve.assign_groups(groups);
    overall.add(change(std::move(sieve), losses, losses).overall);
  }
  CHECK(std::abs(overall.z(mean(losses))) < 4.4);
}

TEST_CASE("loss_change: a rise is told beyond three standard errors, a fall and chance are not") {
  const floats before = support::random_losses(examples, 1);
  floats noise = support::random_losses(examples, 2), higher = before, lower = before;
  for (std::size_t i = 0; i < before.size(); ++i) {
    higher[i] *= 1.25f;
    lower[i] *= 0.75f;
  }
  CHECK(change(planner(1), before, higher).rise() == Approx(0.25).epsilon(1e-3));
  CHECK(change(planner(1), before, lower).rise() == 0);
  CHECK(change(planner(1), before, before).rise() == 0);
  int told = 0;  // other losses of the same mean
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    told += change(planner(seed), before, noise).rise() > 0;
  CHECK(told == 0);
}

TEST_CASE("loss_change: in the losses' own scale, whatever that is") {
  const floats before = support::random_losses(examples, 1);
  const gs::loss_change plain = change(planner(3), before, before);
  for (const float scale : {0x1p-100f, 0x1p-20f, 0x1p60f}) {
    floats scaled = before;
    for (float& loss : scaled) loss *= scale;
    const gs::loss_change found = change(planner(3), scaled, scaled);
    CHECK(found.before / double{scale} == plain.before);
    CHECK(found.after / double{scale} == plain.after);
    CHECK(found.error == 0);
  }
  floats negative = before;
  for (float& loss : negative) loss = -loss;
  const gs::loss_change found = change(planner(3), negative, negative);
  CHECK(found.before == Approx(-mean(before)).epsilon(0.05));
  CHECK(found.rise() == 0);
}

TEST_CASE("loss_change: one monstrous loss hides nothing and makes no rise") {
  const floats before = support::random_losses(examples, 1);
  floats monster = before, higher = before;
  for (float& loss : higher) loss *= 1.25f;
  for (std::size_t i = 0; i < before.size(); i += 400) monster[i] = higher[i] = 1e30f;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(change(planner(seed), monster, monster).rise() == 0);
    CHECK(change(planner(seed), monster, monster).before < 2);
    CHECK(change(planner(seed), before, higher).rise() > 0.1);
  }
}

TEST_CASE("loss_change: of an epoch over everything only the mean afterwards") {
  gs::sieve sieve = planner(1);
  const floats losses = support::random_losses(examples, 1);
  sieve.plan(0);
  CHECK(gs::change_of_losses(sieve).examples == 0);  // nothing trained
  sieve.observe(support::ids_from(0, examples), losses);
  const gs::loss_change found = gs::change_of_losses(sieve);
  CHECK(found.examples == examples);
  CHECK(found.before == 0);
  CHECK(found.after == 0);
  CHECK(found.error == 0);
  CHECK(found.overall == Approx(mean(losses)).epsilon(1e-5));
  CHECK(found.rise() == 0);
}

TEST_CASE("loss_change: who is retired or not trained yet has no part in it") {
  const floats losses = support::random_losses(examples, 1);
  gs::sieve sieve = planner(1);
  sieve.plan(0);
  sieve.observe(support::ids_from(0, examples), losses);
  auto ids = support::to_vector(sieve.plan(1).train());
  ids.resize(100);
  sieve.observe(ids, of(losses, ids));
  CHECK(gs::change_of_losses(sieve).examples == 100);
  sieve.retire(std::span(ids).first(10));
  CHECK(gs::change_of_losses(sieve).examples == 90);
}

TEST_CASE("loss_change: without a plan, and of a sieve that ranks by scores, it is refused") {
  CHECK_THROWS_WITH(gs::change_of_losses(planner(1)), contains("last_plan: there is none"));
  gs::sieve scored(
      {.examples = 4,
       .policy = gs::uniform{1},
       .by = [](std::int64_t, float loss, std::uint32_t, gs::group_id) { return loss; }});
  scored.plan(0);
  CHECK_THROWS_AS(gs::change_of_losses(scored), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::change_of_losses(scored), contains("scores"));
}
