// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Built with -fno-exceptions -fno-rtti: bad input reaches the failure handler.
//!
//! `test_no_exceptions <case>` runs one case and exits with 0 when the process ended as the case
//! says: through the handler with the expected words, through std::abort, or not at all.
#include <gradsieve/automatic.hpp>
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/methods.hpp>
#include <gradsieve/sieve/shared_sieve.hpp>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

namespace {

constexpr std::array<float, 4> losses{0.1f, 0.4f, 0.2f, 0.3f};
constexpr std::array<std::int64_t, 4> ids{0, 1, 2, 3};

enum class ending { returns, handler, abort };

struct test_case {
  std::string_view name;
  ending expected_ending;
  std::string_view expected_words;
  void (*run)();
};

gradsieve::sieve small_sieve() {
  return gradsieve::sieve({.examples = 4, .policy = gradsieve::power{.floor = 0.5}, .history = 4});
}

void valid_input() {
  auto sieve = small_sieve();
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    for (const auto batch : sieve.plan(epoch).batches(2)) {
      sieve.observe(batch, std::span(losses).first(batch.size()));
    }
  }
  if (sieve.pick(ids, losses).offered() != losses.size()) std::_Exit(1);
}

void empty_window() { const gradsieve::loss_window window(0); }
void sizes_differ() { small_sieve().observe(ids, std::span(losses).first(3)); }
void id_too_large() { small_sieve().observe(std::array<std::int64_t, 1>{4}, std::array{0.5f}); }
void policy_nan() {
  gradsieve::compile([](double) { return std::numeric_limits<double>::quiet_NaN(); }, 8);
}
void policy_above_one() {
  gradsieve::compile([](double percentile) { return percentile + 1.0; }, 8);
}
void loss_nan() {
  gradsieve::sieve sieve({.on_non_finite = gradsieve::non_finite::raise});
  sieve.pick(std::array{0.5f, std::numeric_limits<float>::quiet_NaN()});
}
void plan_without_ledger() { gradsieve::sieve({}).plan(0); }

void automatic_input() {
  gradsieve::automatic sieve({.examples = 4, .warm_up = 1, .history = 4});
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    for (const auto batch : sieve.plan(epoch).batches(2)) {
      sieve.observe(batch, std::span(losses).first(batch.size()));
    }
  }
  sieve.load(sieve.save());
  if (sieve.report().empty()) std::_Exit(1);
}
void automatic_without_examples() { const gradsieve::automatic sieve({}); }
void automatic_of_other_state() {
  gradsieve::automatic({.examples = 4})
      .load(gradsieve::automatic({.examples = 4, .seed = 1}).save());
}
void methods_input() {
  const gradsieve::methods::run_shape run{.examples = 4, .batch_size = 4, .epochs = 9};
  auto picking = gradsieve::methods::goss{}.make(run);
  auto planning = gradsieve::methods::info_batch{}.make(run);
  auto drawing = gradsieve::methods::prioritised_replay{}.make(run);
  planning.observe(ids, losses);
  if (picking.pick(losses).empty() || planning.plan(1).size() == 0 || drawing.draw(2).ids.empty()) {
    std::_Exit(1);
  }
}
void method_of_no_share() { gradsieve::methods::goss{.top = 0}.make({.batch_size = 4}); }
void method_without_epochs() { gradsieve::methods::progressive_dropout{}.make({.batch_size = 4}); }
void shared_input() {
  gradsieve::shared_sieve sieve({.examples = 4, .policy = gradsieve::uniform{1.0}});
  sieve.observe(ids, losses);
  if (sieve.plan(0).size() != 4) std::_Exit(1);
}
void shared_id_too_large() {
  gradsieve::shared_sieve sieve({.examples = 4});
  sieve.observe(std::array<std::int64_t, 1>{4}, std::array{0.5f});
}
void control_input() {
  auto sieve = small_sieve();
  gradsieve::keep_controller control(sieve, {.keep = 0.5});
  gradsieve::break_even_gate gate;
  gradsieve::label_guard guard;
  gradsieve::auditor auditor;
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    const auto train = control.plan(sieve, epoch).train();
    const std::vector<std::int64_t> planned(train.begin(), train.end());
    sieve.observe(planned, std::span(losses).first(planned.size()));
    guard.look(sieve.ledger());
    gate.decide(epoch, sieve.ledger(), {.offered = 4, .trained = 2}, {});
    auditor.end_epoch(sieve);
    control.after(sieve, sieve.pick(ids, losses));
  }
  control.load(sieve, control.save());
  if (to_string(guard).empty() || gate.reason().empty()) std::_Exit(1);
}
void controller_of_nothing() {
  auto sieve = small_sieve();
  const gradsieve::keep_controller control(sieve, {});
}
void gate_goes_back() {
  gradsieve::break_even_gate gate;
  const gradsieve::loss_ledger ledger(4);
  gate.decide(2, ledger, {}, {});
  gate.decide(1, ledger, {}, {});
}
void guard_of_all() { const gradsieve::label_guard guard({.most = 1}); }
void handler_returns() {
  gradsieve::set_failure_handler([](const char*) {});
  empty_window();
}
void default_handler() {
  gradsieve::set_failure_handler(nullptr);
  empty_window();
}

constexpr test_case cases[] = {
    {"valid_input", ending::returns, "", valid_input},
    {"empty_window", ending::handler, "capacity is 0", empty_window},
    {"sizes_differ", ending::handler, "4 ids and 3 losses", sizes_differ},
    {"id_too_large", ending::handler, "id 4 at position 0 is outside of [0, 4)", id_too_large},
    {"policy_nan", ending::handler, "NaN at percentile 0", policy_nan},
    {"policy_above_one", ending::handler, "1.125 at percentile 0.125", policy_above_one},
    {"loss_nan", ending::handler, "finite", loss_nan},
    {"plan_without_ledger", ending::handler, "examples", plan_without_ledger},
    {"automatic_input", ending::returns, "", automatic_input},
    {"automatic_without_examples", ending::handler, "examples is 0", automatic_without_examples},
    {"automatic_of_other_state", ending::handler, "state: ", automatic_of_other_state},
    {"methods_input", ending::returns, "", methods_input},
    {"method_of_no_share", ending::handler, "goss: top", method_of_no_share},
    {"method_without_epochs", ending::handler, "needs epochs", method_without_epochs},
    {"shared_input", ending::returns, "", shared_input},
    {"shared_id_too_large", ending::handler, "id 4 at position 0", shared_id_too_large},
    {"control_input", ending::returns, "", control_input},
    {"controller_of_nothing", ending::handler, "one of keep and per_epoch", controller_of_nothing},
    {"gate_goes_back", ending::handler, "epoch 1 after epoch 2", gate_goes_back},
    {"guard_of_all", ending::handler, "most is 1", guard_of_all},
    {"handler_returns", ending::abort, "", handler_returns},
    {"default_handler", ending::abort, "", default_handler},
};

const test_case* running = nullptr;

void finish(ending reached, std::string_view message = {}) {
  const bool expected = reached == running->expected_ending &&
                        message.find(running->expected_words) != std::string_view::npos;
  std::printf("%s: '%.*s'\n", expected ? "as expected" : "UNEXPECTED",
              static_cast<int>(message.size()), message.data());
  std::fflush(stdout);
  std::_Exit(expected ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& candidate : cases) {
    if (argc == 2 && candidate.name == argv[1]) running = &candidate;
  }
  if (running == nullptr) {
    std::fputs("usage: test_no_exceptions <case>\n", stderr);
    return 2;
  }
  gradsieve::set_failure_handler([](const char* message) { finish(ending::handler, message); });
  std::signal(SIGABRT, [](int) { finish(ending::abort); });
  running->run();
  finish(ending::returns);
}
