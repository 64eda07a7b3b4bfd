// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Statistics of a sieve's decisions, from each of its three ways.
#include <gradsieve/boost.hpp>
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::statistics::observer;

namespace {

using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("observer: a pick's losses are offered, and selected or skipped") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 4});
  observer losses;
  sieve.watch(losses);
  sieve.pick(floats{4, 1, 3, 2});
  CHECK(losses.all().count() == 4);
  CHECK(losses.all().mean() == Approx(2.5));
  CHECK(losses.selected().count() == 2);
  CHECK(losses.selected().minimum() == 3.0);
  CHECK(losses.selected().mean() == Approx(3.5));
  CHECK(losses.skipped().maximum() == 2.0);
  CHECK(losses.skipped().variance() == Approx(0.25));
}

TEST_CASE("observer: the two parts make the whole") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 64, .seed = 8});
  observer losses;
  sieve.watch(losses);
  std::size_t selected = 0;
  for (std::uint32_t step = 0; step < 50; ++step) {
    selected += sieve.pick(support::random_losses(32, step)).size();
  }
  const auto &all = losses.all(), &in = losses.selected(), &out = losses.skipped();
  CHECK(in.count() == selected);
  CHECK(all.count() == 50 * 32);
  CHECK(in.count() + out.count() == all.count());
  CHECK(in.mean() * static_cast<double>(in.count()) +
            out.mean() * static_cast<double>(out.count()) ==
        Approx(all.mean() * static_cast<double>(all.count())));
  CHECK(in.mean() > out.mean());
  CHECK(in.quantile(0.5) > out.quantile(0.5));
}

TEST_CASE("observer: examples without a loss are counted apart") {
  gs::sieve sieve({.examples = 4, .policy = gs::uniform{1.0}, .history = 2});
  observer losses;
  sieve.watch(losses);
  sieve.pick(floats{1, support::nan_f(), 2});
  CHECK(losses.all().count() == 2);
  CHECK(losses.all().rejected() == 1);
  CHECK(losses.skipped().rejected() == 1);  // a NaN is skipped
  CHECK(losses.skipped().count() == 0);
  CHECK_THROWS_AS(losses.skipped().mean(), gs::invalid_argument);
  sieve.pick_cached(ids{0, 1, 2});
  CHECK(losses.selected().rejected() == 3);  // never seen, so selected
  CHECK(losses.selected().count() == 2);
}

TEST_CASE("observer: a plan's losses are those of the ledger") {
  gs::sieve sieve(
      {.examples = 5000, .policy = gs::power{1.0}, .history = 64, .refresh = gs::max_age{3}});
  observer losses;
  sieve.watch(losses);
  sieve.plan(0);
  CHECK(losses.selected().rejected() == 5000);
  CHECK(losses.all().count() == 0);
  losses.reset();
  sieve.observe(support::ids_from(0, 5000), support::ramp(5000));
  const std::size_t trained = sieve.plan(1).size();
  CHECK(losses.selected().count() == trained);
  CHECK(losses.all().count() == 5000);
  CHECK(losses.all().mean() == Approx(2500.5));
  CHECK(losses.selected().mean() > losses.skipped().mean());
}

TEST_CASE("observer: a weighing skips nothing") {
  gs::sieve sieve({.policy = gs::step{0.5}, .history = 2});
  observer losses;
  sieve.watch(losses);
  sieve.weights(floats{1, 2, 3});
  CHECK(losses.selected().count() == 3);
  CHECK(losses.skipped().count() == 0);
}

TEST_CASE("observer: its state goes on as it would have") {
  const gs::statistics::options options{.quantiles = {0.2, 0.5}, .rolling = 7};
  for (std::uint32_t split = 0; split < 12; ++split) {
    gs::sieve sieve({.policy = gs::power{1.0}, .history = 8, .seed = 2});
    observer whole(options), second(options);
    sieve.watch(whole);
    for (std::uint32_t step = 0; step < split; ++step) sieve.pick(support::random_losses(3, step));
    second.load(whole.save());
    CHECK(second.save() == whole.save());
    gs::sieve twin = sieve;
    twin.watch(second);
    for (std::uint32_t step = split; step < 20; ++step) {
      const floats losses = support::random_losses(3, step);
      sieve.pick(losses);
      twin.pick(losses);
    }
    CHECK(second.save() == whole.save());
    CHECK(second.all().rolling_mean() == whole.all().rolling_mean());
  }
}

TEST_CASE("observer: foreign bytes are refused and change nothing") {
  gs::sieve sieve({.policy = gs::power{1.0}, .history = 8});
  observer losses({.quantiles = {0.5}, .rolling = 4});
  sieve.watch(losses);
  for (std::uint32_t step = 0; step < 5; ++step) sieve.pick(support::random_losses(9, step));
  const auto before = losses.save();

  CHECK_THROWS_AS(losses.load(sieve.save()), gs::state_error);
  CHECK_THROWS_AS(losses.load(observer().save()), gs::state_error);
  CHECK_THROWS_AS(losses.load(observer({.quantiles = {0.4}, .rolling = 4}).save()),
                  gs::state_error);
  observer wide({.quantiles = {0.5}, .rolling = 400});
  sieve.watch(wide);
  sieve.pick(support::random_losses(9));
  CHECK_THROWS_WITH(losses.load(wide.save()), contains("9 losses") && contains("of 5"));
  for (std::size_t i = 0; i < before.size(); ++i) {
    auto changed = before;
    changed[i] ^= std::byte{1};
    CHECK_THROWS_AS(losses.load(changed), gs::state_error);
  }
  CHECK(losses.save() == before);
}
