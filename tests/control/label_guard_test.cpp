// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/label_guard.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/noisy_losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::label_guard;
using support::noise;

namespace {

gs::loss_ledger ledger_of(const std::vector<float>& losses, int visits = 2) {
  gs::loss_ledger ledger(static_cast<std::int64_t>(losses.size()));
  for (int visit = 0; visit < visits; ++visit) {
    ledger.observe(support::ids_from(0, losses.size()), losses, static_cast<std::uint32_t>(visit));
  }
  return ledger;
}

//! What a cap leaves out: of the wrong labels, and of the right ones.
struct left_out {
  double wrong = 0, right = 0;
};
left_out above(const label_guard& guard, const support::labelled_losses& data) {
  double wrong = 0, right = 0, all_wrong = 0;
  for (std::size_t i = 0; i < data.losses.size(); ++i) {
    const bool out = data.losses[i] >= guard.threshold();
    all_wrong += data.wrong[i] != 0 ? 1.0 : 0.0;
    (data.wrong[i] != 0 ? wrong : right) += out ? 1.0 : 0.0;
  }
  const auto n = static_cast<double>(data.losses.size());
  return {all_wrong > 0 ? wrong / all_wrong : 0, right / (n - all_wrong)};
}

}  // namespace

TEST_CASE("label_guard: without wrong labels there is no cap, however far the training is") {
  const double skill = GENERATE(0.5, 2.0, 4.0, 6.0, 9.0);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto data = support::noisy_losses(30000, 0, noise::symmetric, seed, skill);
    label_guard guard;
    guard.look(ledger_of(data.losses));
    INFO("skill " << skill << " seed " << seed << ": " << to_string(guard));
    CHECK_FALSE(guard.found());
    CHECK(guard.cap() == Approx(1));
    CHECK(guard.cap(1024) == 1024);
    CHECK(guard.share() == Approx(0));
  }
}

TEST_CASE("label_guard: symmetric noise is estimated and left out") {
  const double rate = GENERATE(0.1, 0.2, 0.4);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto data = support::noisy_losses(30000, rate, noise::symmetric, seed);
    label_guard guard;
    guard.look(ledger_of(data.losses));
    const left_out out = above(guard, data);
    INFO("rate " << rate << " seed " << seed << ": " << to_string(guard) << ", of the wrong "
                 << out.wrong << ", of the right " << out.right);
    REQUIRE(guard.found());
    CHECK(guard.share() == Approx(rate).epsilon(0.25));
    CHECK(guard.cap() == Approx(1 - rate).margin(0.3 * rate));
    CHECK(out.wrong > 0.85);
    CHECK(out.right < 0.12);
  }
}

TEST_CASE("label_guard: one wrong label in a hundred does at most little harm") {
  for (const noise kind : {noise::symmetric, noise::pair}) {
    const auto data = support::noisy_losses(60000, 0.01, kind, 3);
    label_guard guard;
    guard.look(ledger_of(data.losses));
    CHECK(guard.cap() > 0.97);
  }
}

TEST_CASE("label_guard: pair flips are estimated where the losses tell them apart") {
  const double rate = GENERATE(0.1, 0.2);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto data = support::noisy_losses(30000, rate, noise::pair, seed);
    label_guard guard;
    guard.look(ledger_of(data.losses));
    const left_out out = above(guard, data);
    INFO("rate " << rate << " seed " << seed << ": " << to_string(guard) << ", of the wrong "
                 << out.wrong << ", of the right " << out.right);
    REQUIRE(guard.found());
    CHECK(guard.share() == Approx(rate).epsilon(0.35));
    CHECK(out.wrong > 0.8);
    CHECK(out.right < 0.15);
  }
}

TEST_CASE(
    "label_guard: where pairs swap nearly half of their labels it leaves out few right ones") {
  const auto data = support::noisy_losses(30000, 0.4, noise::pair, 3);
  label_guard guard;
  guard.look(ledger_of(data.losses));
  const left_out out = above(guard, data);
  CHECK(out.right < 0.15);
}

TEST_CASE("label_guard: suspicion ranks wrong labels above right ones") {
  const auto data = support::noisy_losses(30000, 0.2, noise::symmetric, 4);
  label_guard guard;
  const gs::loss_ledger ledger = ledger_of(data.losses);
  guard.look(ledger);
  double of_wrong = 0, of_right = 0, wrong = 0;
  for (std::int64_t id = 0; id < ledger.size(); ++id) {
    const double suspicion = guard.suspicion(ledger.at(id));
    REQUIRE((suspicion >= 0 && suspicion <= 1));
    const bool is_wrong = data.wrong[static_cast<std::size_t>(id)] != 0;
    (is_wrong ? of_wrong : of_right) += suspicion;
    wrong += is_wrong ? 1 : 0;
  }
  CHECK(of_wrong / wrong > 0.85);
  CHECK(of_right / (static_cast<double>(ledger.size()) - wrong) < 0.1);
  CHECK(guard.suspicion(gs::ledger_entry{}) == Approx(0));
}

TEST_CASE("label_guard: losses of an untrained network are no evidence") {
  // Half the first epoch is over when the network has learnt anything.
  auto data = support::noisy_losses(30000, 0, noise::symmetric, 4);
  for (std::size_t i = 0; i < 9000; ++i) data.losses[i] = 2.1f + 0.00005f * static_cast<float>(i);
  label_guard guard;
  guard.look(ledger_of(data.losses, 1));
  CHECK_FALSE(guard.found());
  label_guard hasty({.least_seen = 1});
  hasty.look(ledger_of(data.losses, 1));
  CHECK(hasty.found());
}

TEST_CASE("label_guard: a share that is too large to be believed is not") {
  const auto data = support::noisy_losses(30000, 0.4, noise::symmetric, 4);
  label_guard careful({.most = 0.3});
  careful.look(ledger_of(data.losses));
  CHECK_FALSE(careful.found());
  CHECK(careful.cap() == Approx(1));
  CHECK(gs::float_bits(careful.threshold()) == 0x7f800000u);  // infinite, under -ffast-math too
}

TEST_CASE("label_guard: losses that say the label is likely are no evidence") {
  // Two clear hills, both below ln 2.
  gs::loss_ledger ledger(10000);
  support::random_source random(3);
  std::vector<float> losses;
  for (int id = 0; id < 10000; ++id) {
    losses.push_back(id % 5 == 0 ? 0.3f + 0.05f * random.unit() : 0.01f + 0.01f * random.unit());
  }
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    ledger.observe(support::ids_from(0, losses.size()), losses, epoch);
  }
  label_guard blind({.least_loss = 0}), guard;
  blind.look(ledger);
  guard.look(ledger);
  CHECK(blind.found());
  CHECK(blind.threshold() < 0.5f);
  CHECK_FALSE(guard.found());
  CHECK(guard.cap() == 1);
}

// As a network fits all that it trains on, the labels left out are a hill whose foot sinks to 0.
TEST_CASE("label_guard: what was found stays found as the losses below it sink") {
  auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 1);
  label_guard guard;
  guard.look(ledger_of(data.losses));
  REQUIRE(guard.found());
  const float foot = guard.threshold();
  for (const float fitted : {0.3f, 0.1f, 0.03f}) {
    auto later = data.losses;
    for (float& loss : later) loss *= loss < foot ? fitted : 1.0f;
    const auto ledger = ledger_of(later);
    guard.look(ledger);
    CAPTURE(fitted, guard.threshold());
    CHECK(guard.found());
    CHECK(guard.threshold() >= 0.693147f);
    CHECK(guard.threshold() < foot);
    CHECK(guard.cap() == Approx(0.8).margin(0.05));
    CHECK(guard.cap(1000) == Approx(1000 * guard.cap()).margin(1));
    label_guard late;  // that never saw the foot above: no evidence is safer than much of it
    late.look(ledger);
    CHECK((!late.found() || late.threshold() >= 0.693147f));
    for (std::int64_t id = 0; id < ledger.size(); ++id) {
      if (ledger.at(id).loss() < 0.69f) REQUIRE(guard.suspicion(ledger.at(id)) == 0);
    }
  }
}

TEST_CASE("label_guard: a foot that sinks below what a first finding needs is followed to there") {
  const auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 1);
  label_guard guard, late;
  guard.look(ledger_of(data.losses));
  REQUIRE(guard.found());
  auto later = data.losses;
  for (float& loss : later) loss *= 0.2f;
  guard.look(ledger_of(later));
  CHECK(guard.found());
  CHECK(guard.threshold() == Approx(0.693147f));
  late.look(ledger_of(later));
  CHECK_FALSE(late.found());
}

TEST_CASE("label_guard: the share is that of all with a loss, also of those it did not look at") {
  const auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 1);
  gs::loss_ledger ledger(40000);
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    ledger.observe(support::ids_from(0, 20000), data.losses, epoch);
  }
  ledger.observe(support::ids_from(20000, 20000), std::vector<float>(20000, 0.01f), 1);
  label_guard guard;
  guard.look(ledger);
  REQUIRE(guard.found());
  CHECK(guard.share() == Approx(0.1).margin(0.02));
}

// Losses of labels that are left out, looked at again by a refresh, grow and drift apart.
TEST_CASE("label_guard: what was found stays found as the losses above it drift apart") {
  const auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 1);
  label_guard guard;
  guard.look(ledger_of(data.losses));
  REQUIRE(guard.found());
  const float foot = guard.threshold();
  support::random_source source(2);
  auto later = data.losses;
  for (float& loss : later) loss = loss < foot ? loss : foot + 40 * source.unit();
  label_guard late;
  late.look(ledger_of(later));
  CHECK_FALSE(late.found());  // no hill any more
  guard.look(ledger_of(later));
  CHECK(guard.found());
  CHECK(guard.threshold() == foot);
  CHECK(guard.cap() == Approx(0.8).margin(0.05));
  // Most come to be fitted: they were not wrong.
  for (std::size_t i = 0; i < later.size(); ++i) later[i] = i % 8 == 0 ? later[i] : 0.01f;
  guard.look(ledger_of(later));
  CHECK_FALSE(guard.found());
}

TEST_CASE("label_guard: what was found is forgotten when the evidence is gone") {
  label_guard guard;
  guard.look(ledger_of(support::noisy_losses(30000, 0.2, noise::symmetric, 4).losses));
  REQUIRE(guard.found());
  CHECK(to_string(guard).find("of the labels look wrong") != std::string::npos);
  guard.look(ledger_of(support::noisy_losses(30000, 0, noise::symmetric, 4).losses));
  CHECK_FALSE(guard.found());
  CHECK(guard.cap(100) == 100);
  CHECK(to_string(guard) == "no evidence of wrong labels");
}

TEST_CASE("label_guard: its state comes back, damaged and foreign bytes do not") {
  label_guard guard;
  guard.look(ledger_of(support::noisy_losses(30000, 0.2, noise::symmetric, 4).losses));
  label_guard loaded;
  loaded.load(guard.save());
  CHECK(loaded.save() == guard.save());
  CHECK(loaded.cap(1000) == guard.cap(1000));
  CHECK(loaded.suspicion({.key = gs::to_key(2.0f)}) ==
        Approx(guard.suspicion({.key = gs::to_key(2.0f)})));
  label_guard other({.least_seen = 3});
  CHECK(support::refuses(other, guard.save()));
  CHECK_THROWS_WITH(other.load(guard.save()), contains("least_seen 2") && contains("3"));
  CHECK(support::refuses(loaded, gs::loss_ledger(3).save()));
}

TEST_CASE("label_guard: bad options are refused") {
  CHECK_THROWS_WITH(label_guard({.least_seen = 1024}), contains("1024") && contains("1023"));
  CHECK_THROWS_AS(label_guard({.most = 0}), gs::invalid_argument);
  CHECK_THROWS_AS(label_guard({.most = 1}), gs::invalid_argument);
  CHECK_THROWS_WITH(label_guard({.most = -2}), contains("most is -2"));
  CHECK_THROWS_AS(label_guard({.most = support::nan_d()}), gs::invalid_argument);
}
