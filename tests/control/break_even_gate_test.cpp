// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/break_even_gate.hpp>

#include <functional>
#include <limits>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/noisy_losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::break_even_gate;
using gs::gate_reason;

namespace {

constexpr std::uint64_t examples = 10000;

gs::loss_ledger ledger_of(const std::vector<float>& losses) {
  gs::loss_ledger ledger(static_cast<std::int64_t>(losses.size()));
  ledger.observe(support::ids_from(0, losses.size()), losses, 0);
  return ledger;
}

gs::loss_ledger fitted() {
  return ledger_of(support::noisy_losses(examples, 0, support::noise::symmetric, 1).losses);
}
//! A network that guesses among ten classes, as on random labels.
gs::loss_ledger guessing() {
  auto losses = support::random_losses(examples);
  for (float& loss : losses) loss = 2.1f + 0.4f * loss;
  return ledger_of(losses);
}

constexpr gs::epoch_work a_third{.offered = examples, .trained = examples / 3};
constexpr gs::work_costs cheap{.forward = 1, .backward = 2, .selection = 0.01};

//! What a run costs relative to one that trains uniformly, if `costs` tells what each epoch costs
//! and the gate is told what the one before did.
double relative_cost(const gs::loss_ledger& ledger,
                     const std::function<gs::work_costs(std::uint32_t)>& costs,
                     std::uint32_t epochs, gs::epoch_work selective = a_third) {
  break_even_gate gate;
  double executed = 0, uniform = 0;
  gs::work_costs known = costs(0);
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const bool open = gate.decide(epoch, ledger, selective, known).open();
    const gs::epoch_work work =
        open ? selective : gs::epoch_work{.offered = examples, .trained = examples};
    known = costs(epoch);
    executed += work.cost(known, open);
    uniform += static_cast<double>(examples) * known.train();
    gate.executed(work, known);
  }
  return executed / uniform;
}

}  // namespace

TEST_CASE("break_even_gate: opens where most examples are fitted and selection is cheap") {
  break_even_gate gate;
  const auto& verdict = gate.decide(0, fitted(), a_third, cheap);
  CHECK(verdict.open());
  CHECK(verdict.saving == Approx(0.66).margin(0.01));
  CHECK(verdict.fitted > 0.4);
  CHECK(gate.reason().find("epoch 0: selective, saves 66 %") == 0);
}

TEST_CASE("break_even_gate: stays shut where there is nothing to skip, and says why") {
  break_even_gate gate;
  CHECK(gate.decide(0, gs::loss_ledger(9), a_third, cheap).reason == gate_reason::no_losses);
  CHECK(gate.reason() == "epoch 0: uniform, no losses are known yet");
  CHECK(gate.decide(1, guessing(), a_third, cheap).reason == gate_reason::few_fitted);
  CHECK(gate.reason() ==
        "epoch 1: uniform, 0.0 % of the examples are fitted and 20.0 % are needed");
  CHECK(gate.decide(2, ledger_of(std::vector<float>(100, 0.3f)), a_third, cheap).reason ==
        gate_reason::few_fitted);
  break_even_gate undemanding({.least_fitted = 0});
  CHECK(undemanding.decide(0, guessing(), a_third, cheap).reason == gate_reason::no_spread);
  CHECK(undemanding.reason().find("octaves and 1.00 are needed") != std::string::npos);
}

TEST_CASE("break_even_gate: stays shut where selection costs more than it saves") {
  break_even_gate gate;
  CHECK(gate.decide(0, fitted(), a_third, {.forward = 1, .backward = 2, .selection = 1.99}).open());
  CHECK(gate.decide(1, fitted(), a_third, {.forward = 1, .backward = 2, .selection = 2.1}).reason ==
        gate_reason::too_dear);
  CHECK(gate.reason() == "epoch 1: uniform, selection would cost 3.3 % more than it saves");
  // A scoring pass over everything, and two thirds kept: Selective-Backprop's own break-even.
  const auto scored = [](double keep) {
    return gs::epoch_work{.offered = examples,
                          .trained = static_cast<std::uint64_t>(keep * examples),
                          .scored = examples};
  };
  CHECK(gate.decide(2, fitted(), scored(0.65), {1, 2, 0}).open());
  CHECK_FALSE(gate.decide(3, fitted(), scored(0.68), {1, 2, 0}).open());
  // Nothing is offered, nothing is saved.
  CHECK_FALSE(gate.decide(4, fitted(), {}, cheap).open());
}

TEST_CASE("break_even_gate: a run costs at most 2 % more than uniform epochs") {
  const auto price = [](double selection) {
    return gs::work_costs{.forward = 1, .backward = 2, .selection = selection};
  };
  // Worth it: well below. Too dear, or nothing to skip: uniform.
  CHECK(relative_cost(
            fitted(), [&](auto) { return price(0.01); }, 100) < 0.4);
  CHECK(relative_cost(
            fitted(), [&](auto) { return price(3); }, 100) <= 1.02);
  CHECK(relative_cost(
            guessing(), [&](auto) { return price(0.01); }, 100) <= 1.0 + 1e-12);
  // Forecasts that are wrong: one epoch dearer than was known, now and then or from some point on.
  CHECK(relative_cost(
            fitted(), [&](auto e) { return price(e % 2 == 0 ? 0.01 : 9); }, 400) <= 1.02);
  CHECK(relative_cost(
            fitted(), [&](auto e) { return price(e < 50 ? 0.01 : 9); }, 100) <= 1.02);
  CHECK(relative_cost(
            fitted(), [&](auto e) { return price(e == 0 ? 0.01 : 9); }, 200) <= 1.02);
  // Keeping everything saves nothing.
  CHECK(relative_cost(fitted(), [&](auto) { return price(0.01); }, 100,
                      {.offered = examples, .trained = examples}) <= 1.0 + 1e-12);
}

TEST_CASE("break_even_gate: what was overspent is earned back before selection goes on") {
  break_even_gate gate;
  const auto ledger = fitted();
  REQUIRE(gate.decide(0, ledger, a_third, cheap).open());
  gate.executed(a_third, {.forward = 1, .backward = 2, .selection = 2.3001});  // 10 % of an epoch
  CHECK(gate.decide(1, ledger, a_third, cheap).reason == gate_reason::overspent);
  CHECK(gate.reason() ==
        "epoch 1: uniform, selection might cost 10.0 % more than it saves and 2.0 % are allowed");
  std::uint32_t epoch = 2;
  for (;; ++epoch) {
    gate.executed({.offered = examples, .trained = examples}, cheap);
    if (gate.decide(epoch, ledger, a_third, cheap).open()) break;
    REQUIRE(epoch < 20);
  }
  CHECK(epoch == 9);  // twice a tenth of an epoch is 2 % of ten
}

TEST_CASE("break_even_gate: a decision is made once, and a resumed run repeats it") {
  break_even_gate gate;
  const auto ledger = fitted();
  REQUIRE(gate.decide(3, ledger, a_third, cheap).open());
  gate.executed(a_third, cheap);
  CHECK_FALSE(gate.decide(4, guessing(), a_third, cheap).open());
  const auto saved = gate.save();

  break_even_gate resumed;
  resumed.load(saved);
  CHECK(resumed.save() == saved);
  CHECK(resumed.reason() == gate.reason());
  for (auto* each : {&gate, &resumed}) {
    // Whatever the clock and the ledger say by now.
    CHECK(each->decide(3, guessing(), a_third, {1, 2, 100}).open());
    CHECK_FALSE(each->decide(4, ledger, a_third, cheap).open());
    CHECK(each->verdicts().size() == 2);
  }
  gate.executed(a_third, cheap);
  resumed.executed(a_third, cheap);
  CHECK(gate.decide(5, ledger, a_third, cheap).overhead ==
        resumed.decide(5, ledger, a_third, cheap).overhead);
  CHECK_THROWS_AS(gate.decide(2, ledger, a_third, cheap), gs::invalid_argument);
  CHECK_THROWS_WITH(gate.decide(2, ledger, a_third, cheap), contains("epoch 2 after epoch 5"));
}

TEST_CASE("break_even_gate: shut for good after a selective epoch in which the losses rose") {
  const auto ledger = fitted();
  const gs::loss_change uniform{.examples = examples, .overall = 0.5};
  const auto selective = [](double before, double after, double error = 0.001) {
    return gs::loss_change{
        .examples = 1000, .before = before, .after = after, .error = error, .overall = after};
  };
  break_even_gate gate;
  gate.trained(uniform);
  for (std::uint32_t epoch = 1;
       const auto& harmless : {selective(0.5, 0.4), selective(0.4, 0.49), selective(0.4, 0.6, 0.1),
                               selective(0.5, 0.54), gs::loss_change{}}) {
    CHECK(gate.decide(epoch++, ledger, a_third, cheap).open());
    gate.trained(harmless);
  }
  CHECK(gate.decide(6, ledger, a_third, cheap).open());
  gate.trained(selective(0.5, 0.6));
  CHECK(gate.decide(7, ledger, a_third, cheap).reason == gate_reason::losses_rose);
  CHECK(gate.reason() ==
        "epoch 7: uniform, losses rose by 20 % in a selective epoch and 10 % are allowed");
  gate.trained(uniform);
  break_even_gate resumed;
  resumed.load(gate.save());
  for (auto* each : {&gate, &resumed}) {
    CHECK(each->decide(8, ledger, a_third, cheap).reason == gate_reason::losses_rose);
    CHECK(each->verdicts().back().rise == Approx(0.2));
  }
  // In an epoch over everything it is not selection's doing.
  break_even_gate patient({.most_rise = std::numeric_limits<double>::infinity()}), uniform_only;
  patient.decide(1, ledger, a_third, cheap);
  patient.trained(selective(0.5, 50));
  CHECK(patient.decide(2, ledger, a_third, cheap).open());
  uniform_only.decide(1, guessing(), a_third, cheap);
  uniform_only.trained(selective(0.5, 50));
  CHECK(uniform_only.decide(2, ledger, a_third, cheap).open());
}

TEST_CASE("break_even_gate: harm is pardoned once, a harmless epoch needs no pardon") {
  const auto ledger = fitted();
  const gs::loss_change harm{.examples = 9, .before = 1, .after = 2, .error = 0.1, .overall = 2};
  break_even_gate gate;
  gate.pardon();  // of nothing
  CHECK(gate.decide(1, ledger, a_third, cheap).open());
  gate.trained(harm);
  CHECK_FALSE(gate.decide(2, ledger, a_third, cheap).open());
  gate.pardon();
  CHECK(gate.decide(3, ledger, a_third, cheap).open());
  gate.trained(harm);
  gate.pardon();
  break_even_gate resumed;
  resumed.load(gate.save());
  resumed.pardon();
  for (auto* each : {&gate, &resumed}) {
    CHECK(each->decide(4, ledger, a_third, cheap).reason == gate_reason::losses_rose);
  }
}

TEST_CASE("break_even_gate: damaged and foreign states are refused") {
  break_even_gate gate;
  gate.decide(3, fitted(), a_third, cheap);
  break_even_gate other({.least_fitted = 0.3});
  CHECK(support::refuses(other, gate.save()));
  CHECK_THROWS_WITH(other.load(gate.save()), contains("least_fitted"));
  CHECK(support::damages_accepted(gate, gate.save()) == 0);
  const auto with = [](std::uint64_t count, std::uint8_t reason, std::uint32_t second, double cost,
                       double loss = 0, double rise = 0, std::uint8_t known = 1,
                       std::uint8_t pardoned = 0) {
    return support::frame(gs::state_kind::break_even_gate, [=](gs::byte_writer& out) {
      const gs::gate_options options;
      for (const double value : {options.least_fitted, options.least_spread, options.most_overhead,
                                 options.most_rise, cost, 1.0, 0.0, rise, loss}) {
        out.put(gs::detail::bit_cast<std::uint64_t>(value));
      }
      out.put(known);
      out.put(pardoned);
      out.put(count);
      for (const std::uint32_t epoch : {std::uint32_t{1}, second}) {
        out.put(epoch);
        out.put(reason);
        for (int i = 0; i < 5; ++i) out.put(std::uint64_t{0});
      }
    });
  };
  CHECK_NOTHROW(gate.load(with(2, 0, 2, 1)));
  CHECK(support::refuses(gate, with(2, 0, 1, 1)));
  CHECK(support::refuses(gate, with(2, 7, 2, 1)));
  CHECK(support::refuses(gate, with(2, 0, 2, 1, support::nan_d())));
  CHECK(support::refuses(gate, with(2, 0, 2, 1, support::infinity_d())));
  CHECK(support::refuses(gate, with(3, 0, 2, 1)));
  CHECK(support::refuses(gate, with(std::uint64_t{1} << 60, 0, 2, 1)));
  CHECK(support::refuses(gate, with(2, 0, 2, -1)));
  CHECK(support::refuses(gate, with(2, 0, 2, 1, 0, -1)));
  CHECK(support::refuses(gate, with(2, 0, 2, 1, 0, 0, 2)));
  CHECK(support::refuses(gate, with(2, 0, 2, 1, 0, 0, 1, 2)));
  CHECK(support::refuses(other, with(2, 0, 2, 1)));
  other = break_even_gate({.most_rise = 0.3});
  CHECK(support::refuses(other, with(2, 0, 2, 1)));
}

TEST_CASE("break_even_gate: bad options are refused") {
  CHECK_THROWS_WITH(break_even_gate({.least_fitted = 1.5}), contains("least_fitted is 1.5"));
  CHECK_THROWS_AS(break_even_gate({.least_fitted = support::nan_d()}), gs::invalid_argument);
  CHECK_THROWS_WITH(break_even_gate({.least_spread = -1}), contains("least_spread is -1"));
  CHECK_THROWS_AS(break_even_gate({.most_overhead = support::nan_d()}), gs::invalid_argument);
  CHECK_THROWS_WITH(break_even_gate({.most_rise = -1}), contains("most_rise -1"));
}
