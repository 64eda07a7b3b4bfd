// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/automatic.hpp>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/noisy_losses.hpp"

namespace gs = gradsieve;
using gs::automatic;
using ids = std::vector<std::int64_t>;

namespace {

constexpr std::int64_t examples = 20000;

//! A trainer whose network gives each example the loss that it is going to keep.
struct stand_in {
  support::labelled_losses data;
  explicit stand_in(double noise, double skill = 4)
      : data(support::noisy_losses(examples, noise, support::noise::symmetric, 2, skill)) {}
  //! A network that learns nothing.
  static stand_in guessing() {
    stand_in result(0);
    support::random_source source(1);
    for (float& loss : result.data.losses) loss = 2.1f + 0.4f * source.unit();
    return result;
  }

  std::vector<float> losses(std::span<const std::int64_t> of) const {
    std::vector<float> result;
    for (const std::int64_t id : of) result.push_back(data.losses[static_cast<std::size_t>(id)]);
    return result;
  }
};

ids epoch_of(automatic& sieve, const stand_in& trainer, std::uint32_t epoch) {
  ids seen;
  for (const auto batch : sieve.plan(epoch).batches(128)) {
    seen.insert(seen.end(), batch.begin(), batch.end());
    sieve.observe(batch, trainer.losses(batch));
  }
  return seen;
}

}  // namespace

TEST_CASE("automatic: a warm-up over everything, then epochs of the wanted length") {
  automatic sieve({.examples = examples, .seed = 1});
  const stand_in trainer(0);
  CHECK(epoch_of(sieve, trainer, 0).size() == examples);
  CHECK(epoch_of(sieve, trainer, 1).size() == examples);
  double sum = 0;
  for (std::uint32_t epoch = 2; epoch < 12; ++epoch) {
    sum += static_cast<double>(epoch_of(sieve, trainer, epoch).size());
    CHECK(sieve.gate().verdicts().back().open());
  }
  CHECK(sum / (10 * examples) == Approx(0.35).epsilon(0.01));
  CHECK_FALSE(sieve.guard().found());
  // High losses are trained nearly always, low ones seldom, none never.
  const auto report = gs::audit(sieve.sieve().ledger(), 11);
  CHECK(report.never_selected == 0);
  CHECK(report.ages[0] + report.ages[1] + report.ages[2] + report.ages[3] == examples);
  CHECK(sieve.report().find("saves 65 %") != std::string::npos);
  CHECK(sieve.report().find("no evidence of wrong labels") != std::string::npos);
}

// All that nobody trained since the warm-up is of one age; due at once, it would fill an epoch and
// leave no room for the highest losses.
TEST_CASE("automatic: no epoch is full of what is overdue") {
  automatic sieve({.examples = examples, .seed = 1, .use_gate = false, .use_guard = false});
  stand_in trainer(0);
  for (std::size_t id = 0; id < examples; ++id) {
    const float x = static_cast<float>(id) / examples;
    trainer.data.losses[id] = x * x * x * x;
  }
  for (std::uint32_t epoch = 0; epoch < 24; ++epoch) {
    const double forced = static_cast<double>(sieve.plan(epoch).forced());
    const ids trained = epoch_of(sieve, trainer, epoch);
    if (epoch < 2) continue;
    CHECK(forced < 0.7 * static_cast<double>(trained.size()));
    double hardest = 0;
    for (const std::int64_t id : trained) hardest += id >= examples * 9 / 10 ? 1 : 0;
    CHECK(hardest > 0.65 * examples / 10);
  }
}

TEST_CASE("automatic: wrong labels are left out by themselves, and told") {
  automatic sieve({.examples = examples, .seed = 1, .warm_up = 1});
  const stand_in trainer(0.2);
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) epoch_of(sieve, trainer, epoch);
  const ids trained = epoch_of(sieve, trainer, 5);
  REQUIRE(sieve.guard().found());
  CHECK(sieve.guard().share() == Approx(0.2).margin(0.05));
  double wrong = 0;
  for (const std::int64_t id : trained) {
    wrong += trainer.data.wrong[static_cast<std::size_t>(id)] != 0 ? 1 : 0;
  }
  CHECK(wrong / static_cast<double>(trained.size()) < 0.06);
  CHECK(static_cast<double>(trained.size()) / examples == Approx(0.35).epsilon(0.03));
  CHECK(sieve.report().find("of the labels look wrong") != std::string::npos);

  // Without the guard they are what is trained most.
  automatic blind({.examples = examples, .seed = 1, .warm_up = 1, .use_guard = false});
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) epoch_of(blind, trainer, epoch);
  wrong = 0;
  for (const std::int64_t id : epoch_of(blind, trainer, 5)) {
    wrong += trainer.data.wrong[static_cast<std::size_t>(id)] != 0 ? 1 : 0;
  }
  CHECK(wrong / static_cast<double>(trained.size()) > 0.4);
}

TEST_CASE("automatic: a capped policy has a shape of its own, also after a load") {
  const gs::automatic_options options{.examples = examples, .seed = 1, .warm_up = 1};
  // The mass in the middle below the cap, as a share of the one at the cap.
  const auto half = [](const automatic& sieve) {
    const auto& policy = sieve.controller().policy();
    const auto level = gs::steered_policy::given_level;
    return static_cast<double>(policy.mass_at(policy.cap() / 2, level)) /
           static_cast<double>(policy.mass_at(policy.cap(), level));
  };
  for (const bool noisy : {false, true}) {
    automatic sieve(options);
    const stand_in trainer(noisy ? 0.2 : 0.0);
    for (std::uint32_t epoch = 0; epoch < 4; ++epoch) epoch_of(sieve, trainer, epoch);
    REQUIRE(sieve.guard().found() == noisy);
    CHECK(half(sieve) == Approx(noisy ? 0.5 : 0.125).margin(0.01));
    automatic loaded(options);
    loaded.load(sieve.save());
    CHECK(half(loaded) == half(sieve));
  }
}

TEST_CASE("automatic: spared examples are named for a refresh, and may come back by it") {
  automatic sieve({.examples = examples, .seed = 1, .max_age = 3, .warm_up = 1});
  stand_in trainer(0.2);
  ids spared;
  for (std::uint32_t epoch = 0; epoch < 8; ++epoch) {
    const auto plan = sieve.plan(epoch);
    spared = support::to_vector(plan.refresh());
    if (spared.size() > 1000) break;
    const ids all = support::to_vector(plan.train());
    sieve.observe(all, trainer.losses(all));
  }
  REQUIRE(spared.size() > 1000);
  sieve.refresh(spared, std::vector<float>(spared.size(), 0.01f));
  for (const std::int64_t id : spared)
    REQUIRE(sieve.guard().suspicion(sieve.sieve().ledger().at(id)) < 0.5);
}

TEST_CASE("automatic: where nothing can be skipped it trains on everything and says so") {
  automatic sieve({.examples = examples, .seed = 1, .warm_up = 1});
  const auto trainer = stand_in::guessing();
  for (std::uint32_t epoch = 0; epoch < 6; ++epoch) {
    CHECK(epoch_of(sieve, trainer, epoch).size() == examples);
  }
  CHECK(sieve.gate().reason() ==
        "epoch 5: uniform, 0.0 % of the examples are fitted and 20.0 % are needed");
  // The gate opens when the network starts to learn, and shuts again.
  const stand_in learnt(0);
  CHECK(epoch_of(sieve, learnt, 6).size() == examples);
  CHECK(epoch_of(sieve, trainer, 7).size() < examples / 2);

  automatic ungated({.examples = examples, .seed = 1, .warm_up = 1, .use_gate = false});
  epoch_of(ungated, trainer, 0);
  CHECK(epoch_of(ungated, trainer, 1).size() < examples / 2);
}

// Two classes that overlap, and a model of two weights: the highest losses are chance. Trained on
// them alone it would turn around and be wrong about three of four.
TEST_CASE("automatic: where classes overlap, it finds out and ends where plain training does") {
  constexpr std::uint32_t epochs = 10;
  const float distance = GENERATE(0.7f, 0.9f, 1.2f);
  support::random_source source(3);
  std::vector<float> x(examples), sign(examples);
  for (std::size_t i = 0; i < x.size(); ++i) {
    sign[i] = source.below(2) == 0 ? -1.0f : 1.0f;
    float normal = -6;  // of twelve uniform ones
    for (int each = 0; each < 12; ++each) normal += source.unit();
    x[i] = normal + distance * sign[i];
  }
  struct model {
    double slope = 0, offset = 0;
  };
  const auto loss = [&](const model& of, std::size_t i) {
    return std::log1p(std::exp(-double{sign[i]} * (of.slope * double{x[i]} + of.offset)));
  };
  const auto mean_loss = [&](const model& of) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += loss(of, i);
    return sum / examples;
  };
  const auto train = [&](bool use_gate, std::uint32_t warm_up) {
    automatic sieve({.examples = examples, .seed = 1, .warm_up = warm_up, .use_gate = use_gate});
    model net;
    double trained = 0;
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      for (const auto batch : sieve.plan(epoch).batches(64)) {
        std::vector<float> losses;
        double slope = 0, offset = 0;
        for (const std::int64_t id : batch) {
          const auto i = static_cast<std::size_t>(id);
          losses.push_back(static_cast<float>(loss(net, i)));
          const double gradient = -double{sign[i]} * (1 - std::exp(-double{losses.back()}));
          slope += gradient * double{x[i]};
          offset += gradient;
        }
        const double rate = 0.5 * (1 - trained / (epochs * double{examples}));
        net.slope -= rate * slope / static_cast<double>(batch.size());
        net.offset -= rate * offset / static_cast<double>(batch.size());
        trained += static_cast<double>(batch.size());
        sieve.observe(batch, losses);
      }
    }
    return std::pair(mean_loss(net), sieve.gate().reason());
  };
  const double plain = train(false, epochs).first;
  const auto guarded = train(true, 2);
  CHECK(guarded.first < plain + 0.002);
  CHECK_THAT(guarded.second, contains("losses rose by"));
  CHECK(train(false, 2).first > plain + 0.015);
}

TEST_CASE("automatic: measured times shut the gate") {
  automatic sieve({.examples = examples, .seed = 1, .warm_up = 1});
  const stand_in trainer(0);
  epoch_of(sieve, trainer, 0);
  sieve.meter().trained(examples, 1.0);
  sieve.meter().selected(examples, 0.7);
  CHECK(epoch_of(sieve, trainer, 1).size() == examples);
  CHECK(sieve.gate().verdicts().back().reason == gs::gate_reason::too_dear);
}

TEST_CASE("automatic: the same epoch gives the same plan; an earlier one is refused") {
  automatic sieve({.examples = examples, .seed = 1, .warm_up = 1});
  const stand_in trainer(0.1);
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) epoch_of(sieve, trainer, epoch);
  const ids once = support::to_vector(sieve.plan(4).train());
  sieve.observe(once, trainer.losses(once));
  CHECK(support::to_vector(sieve.plan(4).train()) == once);
  CHECK_THROWS_AS(sieve.plan(3), gs::invalid_argument);
  CHECK_THROWS_WITH(sieve.plan(3), contains("epoch 3 after epoch 4"));
  CHECK(support::to_vector(sieve.plan(4).train()) == once);
}

TEST_CASE("automatic: a plan whose executor throws is made by the next call, and booked once") {
  constexpr std::int64_t many = 1 << 21;  // so many that the executor is called
  const gs::automatic_options options{.examples = many, .seed = 1, .warm_up = 1};
  automatic calm(options), disturbed(options);
  int thrown = 0;
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    for (const int fatal : {1, 2}) {
      int calls = 0;
      const auto failing = [&](std::size_t tasks, const gs::task_body& body) {
        if (++calls == fatal) throw std::runtime_error("no thread is left");
        gs::serial{}(tasks, body);
      };
      try {
        disturbed.plan(epoch, failing);
      } catch (const std::runtime_error&) {
        ++thrown;
      }
    }
    const ids planned = support::to_vector(calm.plan(epoch).train());
    const bool same_plan = support::to_vector(disturbed.plan(epoch).train()) == planned;
    REQUIRE(same_plan);  // a bool, since Catch would print millions
    CHECK((planned.size() < many) == (epoch == 1 || epoch == 2));
    std::vector<float> losses;
    for (const std::int64_t id : planned)
      losses.push_back((epoch == 2 ? 2 : 1) *  // a rise that must be told once, and of epoch 2
                       (id % 2 == 0 ? 0.01f : static_cast<float>(id % 999 + 1)));
    for (automatic* each : {&calm, &disturbed}) each->observe(planned, losses);
    const bool same_state = disturbed.save() == calm.save();
    REQUIRE(same_state);
  }
  CHECK(thrown >= 4);
}

TEST_CASE("automatic: a run that is stopped between any two batches equals the unbroken one") {
  const double noise = GENERATE(0.0, 0.2);
  const stand_in trainer(noise);
  const gs::automatic_options options{.examples = examples, .seed = 9, .max_age = 4, .warm_up = 1};
  std::vector<ids> unbroken, resumed;
  automatic sieve(options);
  for (std::uint32_t epoch = 0; epoch < 7; ++epoch) {
    unbroken.push_back(epoch_of(sieve, trainer, epoch));
  }
  automatic stopped(options);
  for (std::uint32_t epoch = 0; epoch < 7; ++epoch) {
    ids seen;
    const std::size_t batches = stopped.plan(epoch).batch_count(999);
    for (std::size_t batch = 0; batch < batches; ++batch) {
      const auto saved = stopped.save();
      automatic fresh(options);
      fresh.load(saved);
      REQUIRE(fresh.save() == saved);
      stopped = std::move(fresh);
      const ids now = support::to_vector(stopped.plan(epoch).batches(999)[batch]);
      seen.insert(seen.end(), now.begin(), now.end());
      stopped.observe(now, trainer.losses(now));
    }
    resumed.push_back(seen);
  }
  CHECK(unbroken == resumed);
  CHECK(stopped.report() == sieve.report());
}

TEST_CASE("automatic: retired examples are no longer offered") {
  automatic sieve({.examples = examples, .seed = 1, .warm_up = 1});
  const stand_in trainer(0);
  epoch_of(sieve, trainer, 0);
  sieve.sieve().retire(support::ids_from(0, 10000));
  const ids trained = epoch_of(sieve, trainer, 1);
  CHECK(static_cast<double>(trained.size()) == Approx(3500).epsilon(0.06));
  for (const std::int64_t id : trained) REQUIRE(id >= 10000);
}

TEST_CASE("automatic: bad options are refused") {
  CHECK_THROWS_WITH(automatic({}), contains("examples is 0"));
  CHECK_THROWS_WITH(automatic({.examples = 9, .keep = 0.1}),
                    contains("keep is 0.1") && contains("max_age of 8") && contains("0.1448"));
  CHECK_THROWS_AS(automatic({.examples = 9, .keep = 1.5}), gs::invalid_argument);
  CHECK_THROWS_AS(automatic({.examples = 9, .max_age = 5000}), gs::invalid_argument);
  CHECK_THROWS_AS(automatic({.examples = 9, .history = 0}), gs::invalid_argument);
  CHECK_THROWS_AS(automatic({.examples = 9, .gate = {.least_fitted = 2}}), gs::invalid_argument);
  CHECK_THROWS_AS(automatic({.examples = 9, .guard = {.most = 2}}), gs::invalid_argument);
  CHECK_THROWS_AS(automatic({.examples = 9, .costs = {.forward = -1}}), gs::invalid_argument);
}

TEST_CASE("automatic: foreign and damaged states are refused, and change nothing") {
  const gs::automatic_options options{.examples = 300, .seed = 1, .warm_up = 1, .history = 16};
  automatic sieve(options);
  const stand_in trainer(0);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) epoch_of(sieve, trainer, epoch);
  auto saved = sieve.save();
  CHECK(support::refuses(sieve, sieve.sieve().save()));
  automatic other({.examples = 300, .seed = 2, .warm_up = 1, .history = 16});
  CHECK(support::refuses(other, saved));
  automatic kept({.examples = 300, .seed = 1, .keep = 0.5, .warm_up = 1, .history = 16});
  CHECK(support::refuses(kept, saved));
  automatic ungated({.examples = 300, .seed = 1, .warm_up = 1, .history = 16, .use_gate = false});
  CHECK(support::refuses(ungated, saved));
  automatic unguarded(
      {.examples = 300, .seed = 1, .warm_up = 1, .history = 16, .use_guard = false});
  CHECK(support::refuses(unguarded, saved));
  automatic priced(
      {.examples = 300, .seed = 1, .warm_up = 1, .history = 16, .costs = {.forward = 2}});
  CHECK_THROWS_WITH(priced.load(saved), contains("a cost of 1") && contains("2"));
  for (std::size_t at = 0; at < saved.size(); at += 7) {
    saved[at] ^= std::byte{4};
    REQUIRE(support::refuses(sieve, saved));
    saved[at] ^= std::byte{4};
  }
}

TEST_CASE("automatic: a state whose parts contradict each other is refused, and changes nothing") {
  const gs::automatic_options options{.examples = 300, .seed = 1, .warm_up = 1, .history = 16};
  const auto reason = [&](const support::bytes& state) -> std::string {
    automatic fresh(options);
    const auto before = fresh.save();
    try {
      fresh.load(state);
    } catch (const gs::state_error& error) {
      return fresh.save() == before ? error.what() : "changed";
    }
    return "accepted";
  };
  automatic sieve(options);
  const stand_in trainer(0);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) epoch_of(sieve, trainer, epoch);
  const auto saved = sieve.save();
  CHECK(reason(saved) == "accepted");
  // More trained, then more refreshed, before this epoch than in all; then one byte too many.
  const auto payload = std::span(saved).subspan(24, saved.size() - 32);
  for (const std::size_t at : {std::size_t{15}, std::size_t{23}, payload.size()}) {
    support::bytes changed(payload.begin(), payload.end());
    changed.resize((std::max)(at + 1, changed.size()));
    changed[at] = std::byte{1};
    const auto state = support::frame(gs::state_kind::automatic, [&](gs::byte_writer& out) {
      out.put(std::span<const std::byte>(changed));
    });
    CHECK_THAT(reason(state), at == payload.size() ? contains("1 bytes") : contains("than in all"));
  }
  sieve.sieve().set_policy(gs::power{1.0});
  CHECK_THAT(reason(sieve.save()), contains("not its controller's"));
  // A gate that decided on an epoch to come.
  automatic ahead(options);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) epoch_of(ahead, trainer, epoch);
  ahead.sieve().begin_epoch(1);
  CHECK_THAT(reason(ahead.save()), contains("epoch 2 is decided") && contains("in epoch 1"));
}

TEST_CASE("automatic: with every example retired, its state still comes back") {
  const gs::automatic_options options{.examples = examples, .seed = 1, .max_age = 4, .warm_up = 1};
  automatic sieve(options);
  const stand_in trainer(0.2);
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) epoch_of(sieve, trainer, epoch);
  REQUIRE(sieve.guard().found());
  sieve.sieve().retire(support::ids_from(0, examples));
  CHECK(epoch_of(sieve, trainer, 4).empty());
  CHECK_FALSE(sieve.guard().found());  // so the policy is another, though no loss steers it
  automatic loaded(options);
  loaded.load(sieve.save());
  CHECK(loaded.save() == sieve.save());
}
