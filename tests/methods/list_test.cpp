// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What holds of all methods: descriptions, NaN, empty and equal losses, seeds, saved state.
#include <gradsieve/methods.hpp>

#include <algorithm>
#include <set>

#include "catch.hpp"
#include "methods/picking.hpp"
#include "support/frames.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

template <class Method>
std::vector<std::uint32_t> pick(Method& method, const std::vector<float>& losses) {
  return support::to_vector(method.pick(support::ids_from(0, losses.size()), losses).positions());
}

}  // namespace

TEST_CASE("methods: names are unique and found; every column is filled in") {
  std::set<std::string_view> names;
  for (const ms::method_info& each : ms::all) {
    CHECK(names.insert(each.name).second);
    CHECK(ms::find(each.name) == &each);
    CHECK_FALSE(each.source.empty());
    CHECK_FALSE(each.rule.empty());
    CHECK_FALSE(each.weights.empty());
    CHECK_FALSE(each.cost.empty());
    CHECK(each.hooks != ms::hook{});
  }
  CHECK(ms::find("no such method") == nullptr);
  static_assert(ms::find("info_batch") == ms::all + 11);
  std::set<std::string_view> picked;
  picking::for_each_method([&](const ms::method_info& info, auto) { picked.insert(info.name); });
  for (const ms::method_info& each : ms::all) {
    CHECK((picked.contains(each.name) || !ms::has(each.hooks, ms::hook::pick) ||
           each.name == "uniform"));
  }
}

TEST_CASE("methods: NaN is never picked, and neither it nor an empty batch disturbs what follows") {
  picking::for_each_method([](const ms::method_info& info, auto make) {
    INFO(info.name);
    auto method = make();
    CHECK(pick(method, {}).empty());
    const std::vector<float> faulty = {1, support::nan_f(), 2, support::infinity_f()};
    for (int i = 0; i < 30; ++i) {
      for (const std::uint32_t position : pick(method, faulty)) CHECK(position % 2 == 0);
    }
    CHECK(pick(method, std::vector<float>(5, support::nan_f())).empty());
    // With losses that all methods can tell apart, somebody is selected again.
    std::size_t selected = 0;
    for (int i = 0; i < 20; ++i) selected += pick(method, support::ramp(16)).size();
    CHECK(selected > 0);
  });
}

TEST_CASE("methods: of equal losses as many are picked as the method says") {
  picking::for_each_method([](const ms::method_info& info, auto make) {
    INFO(info.name);
    auto method = make();
    std::size_t selected = 0;
    for (int i = 0; i < 200; ++i) selected += pick(method, std::vector<float>(16, 2.0f)).size();
    const double share = static_cast<double>(selected) / (200 * 16);
    if (info.name == "selective_backprop")
      CHECK(share == 0.0);  // strict ties, as published
    else if (info.name.starts_with("progressive"))
      CHECK(share == 1.0);  // p = exp(-2) < .3
    else if (info.name == "ordered_sgd")
      CHECK(share == 1.0);
    else if (info.name == "goss")
      CHECK(share == Approx(4.0 / 16));  // int(.2 16) + int(.1 16)
    else if (info.name == "importance_sampling")
      CHECK(share == Approx(3.0 / 16));
    else if (info.name == "evolved_sampling")
      CHECK(share == Approx(0.25));
    else if (info.name == "ratio_schedule")
      CHECK(share == Approx(0.5).margin(0.001));
    else
      CHECK(share == Approx(0.5).margin(0.03));
  });
}

TEST_CASE("methods: the same seed picks the same; a resumed run equals the unbroken one") {
  picking::for_each_method([](const ms::method_info& info, auto make) {
    INFO(info.name);
    auto whole = make(), twin = make(), first = make();
    for (std::uint32_t step = 0; step < 12; ++step) {
      auto losses = support::random_losses(16, step);
      for (float& loss : losses) loss = loss * loss * 3;
      auto second = make();
      second.load(first.save());
      const auto selected = pick(whole, losses);
      CHECK(pick(twin, losses) == selected);
      CHECK(pick(second, losses) == selected);
      pick(first, losses);
      CHECK(second.save() == first.save());
    }
  });
}

TEST_CASE("methods: a damaged state is refused and changes nothing") {
  picking::for_each_method([](const ms::method_info& info, auto make) {
    INFO(info.name);
    auto method = make();
    pick(method, support::random_losses(16, 1));
    auto state = method.save();
    state[state.size() / 2] ^= std::byte{4};
    CHECK(support::refuses(method, state));
    state.resize(10);
    CHECK(support::refuses(method, state));
  });
}

TEST_CASE("methods: the saved state grows by the bytes stated for each example") {
  const auto growth = [](auto method) {
    const auto bytes = [&](std::int64_t n) {
      return method.make({.examples = n, .batch_size = 16, .epochs = 10}).save().size();
    };
    return bytes(200) - bytes(100);
  };
  CHECK(growth(ms::uniform{}) == 100 * ms::uniform::info.example_bytes);
  CHECK(growth(ms::stale_selective_backprop{}) ==
        100 * ms::stale_selective_backprop::info.example_bytes);
  CHECK(growth(ms::random_subsets{}) == 100 * ms::random_subsets::info.example_bytes);
  CHECK(growth(ms::info_batch{}) == 100 * ms::info_batch::info.example_bytes);
  CHECK(growth(ms::online_batch_selection{}) ==
        100 * ms::online_batch_selection::info.example_bytes);
  CHECK(growth(ms::prioritised_replay{}) == 100 * ms::prioritised_replay::info.example_bytes);
  CHECK(growth(ms::evolved_sampling{}) == 100 * ms::evolved_sampling::info.example_bytes);
  // The others do without: they are made without the number of examples, and pick.
  const auto without = [&](auto method) {
    INFO(method.info.name);
    CHECK(method.info.example_bytes == 0);
    auto made = method.make({.batch_size = 16, .epochs = 10});
    CHECK_NOTHROW(made.pick(support::ids_from(0, 16), support::ramp(16)));
    CHECK_THROWS_AS(made.retire(support::ids_from(0, 1)), gs::invalid_argument);  // no ledger
  };
  without(ms::selective_backprop{});
  without(ms::random_k{});
  without(ms::low_k{});
  without(ms::top_k{});
  without(ms::ordered_sgd{});
  without(ms::composer{});
  without(ms::goss{});
  without(ms::importance_sampling{});
  without(ms::minimal_variance{});
  without(ms::progressive_dropout{});
  without(ms::progressive_dropout_random{});
  without(ms::ratio_schedule{});
}

TEST_CASE("methods: those that say so can plan") {
  const ms::run_shape run{.examples = 40, .batch_size = 8, .epochs = 10, .seed = 2};
  std::size_t count = 0;
  const auto plans = [&](auto method) {
    INFO(method.info.name);
    CHECK(ms::has(method.info.hooks, ms::hook::plan));
    auto made = method.make(run);
    CHECK(made.plan(0).size() <= 40);
    made.observe(support::ids_from(0, 40), support::ramp(40));
    CHECK(made.plan(1).size() > 0);
    ++count;
  };
  plans(ms::uniform{});
  plans(ms::random_subsets{});
  plans(ms::stale_selective_backprop{});
  plans(ms::online_batch_selection{});
  plans(ms::info_batch{});
  for (const ms::method_info& each : ms::all) {
    count -= ms::has(each.hooks, ms::hook::plan) ? 1u : 0u;
  }
  CHECK(count == 0);
}
