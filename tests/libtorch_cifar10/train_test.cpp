// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Whole runs on the CPU: what they train, what they count, and that they can be resumed.
#include "train.hpp"

#include "planner.hpp"

#include <gradsieve/automatic.hpp>

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <numeric>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

using namespace libtorch_cifar10;

const training::method& method_of(std::string_view name) {
  return *std::ranges::find(methods(), name, &training::method::name);
}

struct laboratory {
  training::dataset train = clouds::make(120, 1), test = clouds::make(40, 2);
  configuration chosen{.width = 2};

  training::job job(std::string_view name, double epochs) const {
    const training::method& how = method_of(name);
    training::job task{.what = &how, .options = how.options, .training = {}};
    task.training.batch_size = 16;
    task.training.learning_rate = 0.05;
    task.training.optimiser = {.momentum = 0.9f};
    task.training.budget = epochs * static_cast<double>(train.size());
    return task;
  }
};

TEST_CASE("every method trains within its budget, and leaves a record") {
  const laboratory lab;
  for (const training::method& how : methods()) {
    CAPTURE(how.name);
    const training::job task = lab.job(how.name, 5);
    const training::outcome result = train(lab.chosen, {lab.train, lab.test, task});
    const record::run& run = result.run;
    CHECK(std::isfinite(run.test_nll));
    CHECK(run.test_error >= 0);
    CHECK(run.test_error <= 1);
    REQUIRE_FALSE(run.epochs.empty());
    const double work = static_cast<double>(run.forwards - 120) / 3 +  // 120: BatchNorm's estimate
                        static_cast<double>(run.backwards) * 2 / 3;
    CHECK(work >= 600);
    CHECK(work < 640);  // one step more at most, and its selection forward
    CHECK(run.backwards <= run.forwards - 120);
    CHECK(run.epochs.front().train_loss == Approx(2.3).margin(1));
    REQUIRE_FALSE(run.steps.empty());
    CHECK(run.steps.back().trained_ids != record::empty_fingerprint);
    const bool keeps_losses = how.name != "uniform" && how.name != "sb";
    CHECK(result.memory.size() == (keeps_losses ? 120 : 0));
    if (how.name == "automatic") continue;  // whether it selects is its gate's business
    const bool selects = how.name != "uniform";
    const auto least = std::ranges::min(run.epochs, {}, &record::epoch::keep_rate).keep_rate;
    CHECK((least < 0.9) == selects);
  }
}

TEST_CASE("training brings the error down") {
  laboratory lab;
  lab.chosen.width = 4;
  const training::job task = lab.job("plan", 25);
  const training::outcome result = train(lab.chosen, {lab.train, lab.test, task});
  CHECK(result.run.test_error < 0.5);  // 0.9 by chance
  const std::uint64_t selected = std::accumulate(
      result.memory.begin(), result.memory.end(), std::uint64_t{0},
      [](std::uint64_t sum, const training::remembered& each) { return sum + each.selected; });
  CHECK(selected == result.run.backwards);
}

TEST_CASE("selection picks exactly so many of a wider forward pass") {
  const laboratory lab;
  const training::job task = lab.job("sb", 4);
  const record::run run = train(lab.chosen, {lab.train, lab.test, task}).run;
  // Of 32 offered 16; of the 24 that an epoch's end leaves 16 as well.
  for (const record::epoch& epoch : run.epochs) {
    if (&epoch == &run.epochs.back()) break;
    CHECK(epoch.keep_rate == Approx(64.0 / 120));
  }
  CHECK(run.forwards - 120 > 2 * run.backwards);
}

TEST_CASE("a resumed run equals the unbroken one, wherever it was stopped") {
  const laboratory lab;
  for (const training::method& how : methods()) {
    CAPTURE(how.name);
    const training::job task = lab.job(how.name, 4);
    const record::run whole = train(lab.chosen, {lab.train, lab.test, task}).run;
    std::vector<training::snapshot> stops;
    const training::own_run saving{.train = lab.train,
                                   .test = lab.test,
                                   .task = task,
                                   .save_every = 7,
                                   .save = [&](training::snapshot now) { stops.push_back(now); }};
    const record::run watched = train(lab.chosen, saving).run;
    CHECK(watched.final_weights == whole.final_weights);
    REQUIRE(stops.size() >= 2);
    for (const training::snapshot& stop : stops) {
      const record::run rest =
          train(lab.chosen, {.train = lab.train, .test = lab.test, .task = task, .before = &stop})
              .run;
      CHECK(rest.final_weights == whole.final_weights);
      CHECK(rest.trained_ids == whole.trained_ids);
      CHECK(rest.test_error == whole.test_error);
      REQUIRE(rest.epochs.size() == whole.epochs.size());
      CHECK(rest.epochs.back().train_loss == whole.epochs.back().train_loss);
      CHECK(rest.steps.size() == whole.steps.size());
    }
  }
}

TEST_CASE("automatic learns at an epoch's end what it would have learnt batch by batch") {
  constexpr std::int64_t examples = 200;
  const auto ours =
      make_planner("automatic", method_of("automatic").options, examples, 1, at::kCPU);
  gradsieve::automatic theirs(
      {.examples = examples, .seed = 1, .policy = gradsieve::power{.beta = 3}, .max_age = 8});
  const auto loss = [](std::int64_t id, std::uint32_t epoch) {
    const float x = static_cast<float>((id * 37 + epoch * 11) % 101) / 100;
    return 5 * x * x * x * x;  // most are fitted: selection is worth it
  };
  std::size_t least = examples;
  for (std::uint32_t epoch = 0; epoch < 6; ++epoch) {
    const at::Tensor plan = ours->plan(epoch);
    std::vector<std::int64_t> expected;
    for (const auto ids : theirs.plan(epoch).batches(16)) {
      std::vector<float> losses;
      for (const std::int64_t id : ids) {
        expected.push_back(id);
        losses.push_back(loss(id, epoch));
      }
      theirs.observe(ids, losses);
      ours->observe(at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), at::kLong),
                    at::tensor(losses, at::kFloat));
    }
    CHECK(plan.equal(at::tensor(expected, at::kLong)));
    least = std::min(least, expected.size());
  }
  CHECK(least < examples / 2);
}

}  // namespace
