// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The optimiser, the work budget, the methods by name, and that a seed decides everything.
#include "methods.hpp"
#include "optimiser.hpp"
#include "schedule.hpp"
#include "trainer.hpp"

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

using namespace eigen_mlp;

TEST_CASE("plain descent, momentum, Nesterov and weight decay follow their definitions") {
  const std::array<float, 1> gradient{2.0f};
  const auto two_steps = [&](optimiser_options options) {
    std::array<float, 1> parameter{1.0f};
    optimiser rule(1, options);
    rule.step(parameter, gradient, 0.1f);
    rule.step(parameter, gradient, 0.1f);
    return parameter[0];
  };
  CHECK(two_steps({}) == Approx(1 - 0.1 * 2 - 0.1 * 2));
  // Velocities 2 and 2 + .5 * 2.
  CHECK(two_steps({.momentum = 0.5f, .nesterov = false}) == Approx(1 - 0.1 * 2 - 0.1 * 3));
  // Gradient + momentum * velocity.
  CHECK(two_steps({.momentum = 0.5f}) == Approx(1 - 0.1 * (2 + 1) - 0.1 * (2 + 1.5)));
  // 1 - .1 * (2 + .5) = .75, then .75 - .1 * (2 + .375).
  CHECK(two_steps({.weight_decay = 0.5f}) == Approx(0.75 - 0.1 * 2.375));
}

TEST_CASE("work is counted in trained examples, forwards at their price") {
  work_meter meter(100, 0.25);
  meter.add_forwards(40);
  CHECK(meter.progress() == Approx(0.1));
  meter.add_forwards(60);
  meter.add_backwards(60);
  CHECK(meter.done() == Approx(0.25 * 100 + 0.75 * 60));
  CHECK_FALSE(meter.finished());
  meter.add_backwards(40);
  CHECK(meter.finished());
  CHECK(meter.progress() == 1.0);
}

TEST_CASE("every method spends its budget, no more than a batch above it, and decays fully") {
  const dataset data = clouds();
  for (const method& each : methods()) {
    INFO(each.name);
    trainer run(data, small_training(6, data));
    run.start();
    each.train(run, each.options);
    const record::run result = run.finish();
    const double work =
        static_cast<double>(result.forwards) / 3 + static_cast<double>(result.backwards) * 2 / 3;
    CHECK(work >= 6 * 2000);
    CHECK(work <= 6 * 2000 + 200);
    REQUIRE_FALSE(result.epochs.empty());
    CHECK(result.epochs.back().learning_rate < 0.02 * small_training(6, data).learning_rate);
    CHECK(result.epochs.back().backwards == result.backwards);
  }
}

TEST_CASE("selective methods keep fewer examples than they are offered, after the first epoch") {
  const dataset data = clouds();
  for (const method& each : methods()) {
    if (each.name == "uniform") continue;
    INFO(each.name);
    trainer run(data, small_training(8, data));
    run.start();
    each.train(run, each.options);
    const record::run result = run.finish();
    REQUIRE(result.epochs.size() > 3);
    // Those that skip need no epoch of warm-up: only the first 1024 losses are all kept.
    if (!each.name.ends_with("skip")) CHECK(result.epochs[0].keep_rate == Approx(1.0));
    CHECK(result.epochs[2].keep_rate < 0.75);
    CHECK(result.epochs[2].keep_rate > 0.05);
  }
}

TEST_CASE("what was selected and skipped in the last epoch is recorded") {
  const dataset data = clouds();
  for (const method& each : methods()) {
    INFO(each.name);
    trainer run(data, small_training(8, data));
    run.start();
    each.train(run, each.options);
    const record::run result = run.finish();
    const auto& [epoch, selected, skipped] = result.decided;
    if (each.name == "uniform") {
      CHECK(selected.count == 0);
      continue;
    }
    CHECK(epoch + 2 >= result.epochs.size());
    CHECK(selected.count > 0);
    CHECK(skipped.count > 0);
    // The clouds' losses decide; but not for the two controls, and a band leaves the highest out.
    if (each.name == "random" || each.name == "plan-permuted" || each.name.starts_with("band")) {
      continue;
    }
    CHECK(selected.mean > skipped.mean);
    CHECK(selected.median > skipped.median);
    CHECK(result.selection_seconds >= 0);
    CHECK(result.selection_seconds < result.seconds);
  }
}

TEST_CASE("a step that skips nothing is a step of plain SGD") {
  const dataset data = clouds();
  const auto trained = [&](const char* name) {
    const method& what = *find_method(name);
    method_options options = what.options;
    options.skip = 0;
    trainer run(data, small_training(4, data));
    run.start();
    what.train(run, options);
    return run.finish();
  };
  const record::run plain = trained("uniform"), skipping = trained("skip");
  REQUIRE(skipping.epochs.size() == plain.epochs.size());
  CHECK(skipping.backwards == plain.backwards);
  for (std::size_t i = 0; i < plain.epochs.size(); ++i) {
    CHECK(skipping.epochs[i].train_loss == Approx(plain.epochs[i].train_loss).epsilon(1e-3));
  }
}

TEST_CASE("only methods without a selection forward have as many forwards as backwards") {
  const dataset data = clouds();
  const auto scoring = [&](const char* name) {
    const method& what = *find_method(name);
    trainer run(data, small_training(8, data));
    run.start();
    what.train(run, what.options);
    const record::run result = run.finish();
    return static_cast<double>(result.forwards - result.backwards) /
           static_cast<double>(result.backwards);
  };
  CHECK(scoring("uniform") == 0.0);
  CHECK(scoring("plan") == 0.0);
  CHECK(scoring("sb") > 0.5);
  CHECK(scoring("stale-sb") < scoring("sb"));
  CHECK(scoring("sb-reuse") > 0.5);
}

TEST_CASE("the same seed gives the same final weights twice, another seed others") {
  const dataset data = clouds();
  const auto weights = [&](const method& what, std::uint64_t seed) {
    trainer run(data, small_training(4, data, seed));
    run.start();
    what.train(run, what.options);
    const auto final_weights = run.network().parameters();
    return std::vector<float>(final_weights.begin(), final_weights.end());
  };
  for (const method& each : methods()) {
    INFO(each.name);
    CHECK(weights(each, 1) == weights(each, 1));
    CHECK(weights(each, 1) != weights(each, 2));
  }
}

TEST_CASE("a ledger is handed over by the planned methods") {
  const dataset data = clouds();
  trainer run(data, small_training(6, data));
  run.start();
  train_plan(run, find_method("plan")->options);
  REQUIRE(run.memory().size() == 2000);
  std::uint64_t visits = 0;
  for (const remembered& each : run.memory()) {
    CHECK(each.seen == each.selected);
    visits += each.selected;
  }
  CHECK(visits == run.finish().backwards);
}

TEST_CASE("probes see the network at their points of the budget, and once") {
  const dataset data = clouds();
  trainer run(data, small_training(2, data));
  std::vector<double> seen;
  run.probe_points = {0.1, 0.5, 1.0};
  run.probe = [&](mlp&, double point) {
    CHECK(run.progress() >= point);
    seen.push_back(point);
  };
  run.start();
  train_uniform(run, {});
  CHECK(seen == std::vector<double>{0.1, 0.5, 1.0});
}

TEST_CASE("methods have unique names, a description, and are found by name") {
  std::set<std::string_view> names;
  for (const method& each : methods()) {
    CHECK(names.insert(each.name).second);
    CHECK_FALSE(each.description.empty());
    CHECK(find_method(each.name) == &each);
    CHECK(method_names().find(each.name) != std::string::npos);
  }
  for (const char* name : {"uniform", "random", "sb", "sb-reuse", "stale-sb", "plan", "plan-power",
                           "plan-permuted", "band", "band-reuse"}) {
    CHECK(names.contains(name));
  }
  CHECK(methods().front().name == "uniform");
  CHECK(find_method("no such method") == nullptr);
}

TEST_CASE("redrawn labels: the wrong share is stated truly and depends on the seed alone") {
  dataset data = clouds(20'000);
  data.images.resize(2, 20'000);
  dataset twin = data;
  const double wrong = redraw_labels(data, 0.2, 7);
  CHECK(data.noisy);
  CHECK(redraw_labels(twin, 0.2, 7) == wrong);
  CHECK(twin.labels == data.labels);
  std::int64_t differing = 0;
  for (std::int64_t id = 0; id < data.size(); ++id) differing += data.is_wrong(id) ? 1 : 0;
  CHECK(wrong == static_cast<double>(differing) / 20'000);
  // 20 000 examples, each wrong with probability .18: 5 standard errors, alpha about 1e-6.
  CHECK(std::abs(wrong - 0.18) < 5 * std::sqrt(0.18 * 0.82 / 20'000));
}

TEST_CASE("the hold-out is a fixed tenth, apart from the rest") {
  dataset data = clouds(1000);
  for (std::int64_t i = 0; i < 1000; ++i) data.images(0, i) = static_cast<float>(i);
  data.pixels.assign(2000, 0);
  const auto split = hold_out_tenth(data);
  CHECK(split.test.size() == 100);
  CHECK(split.train.size() == 900);
  std::set<float> seen;
  for (const auto* part : {&split.train, &split.test}) {
    for (std::int64_t i = 0; i < part->size(); ++i) seen.insert(part->images(0, i));
  }
  CHECK(seen.size() == 1000);
  CHECK(hold_out_tenth(data).test.images == split.test.images);
}

}  // namespace
