// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A training run that goes on from any of its snapshots equals the run that was not stopped.
#include "job_json.hpp"

#include "../common/report_data.hpp"

#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

using namespace training;

//! All that a run leaves behind but its seconds, as text.
std::string record_of(record::run run) {
  run.seconds = run.selection_seconds = 0;
  for (record::epoch& line : run.epochs) line.seconds = 0;
  for (record::step& line : run.steps) line.seconds = line.selection_us = 0;
  record::experiment experiment;
  experiment.runs = {std::move(run)};
  return report::steps_jsonl(experiment) + report::epochs_csv(experiment) +
         report::run_json(experiment);
}

struct finished {
  std::string record;
  std::vector<float> weights;
  std::vector<std::uint32_t> seen;  // by the ledger, where the method has one
};

struct setup {
  const method& what;
  const dataset& data;
  training_options options;
  std::uint64_t save_every;
  network_factory make = small_network();
};

//! Trains to the end, from a snapshot if there is one; snapshots on the way go to `saved`.
finished train(const setup& setup, std::vector<snapshot>* saved, const snapshot* from = nullptr) {
  trainer run(setup.make, setup.data, setup.options);
  run.evaluate_epoch = [&](network& trained) { return trained.evaluate(setup.data).error; };
  if (saved != nullptr) {
    run.save_every = setup.save_every;
    run.save = [&](snapshot now) { saved->push_back(std::move(now)); };
  }
  if (from != nullptr) {
    run.resume(*from);
  } else {
    run.start();
  }
  setup.what.train(run, setup.what.options);
  finished result{record_of(run.finish()), {}, {}};
  result.weights = weights_of(run);
  for (const remembered& each : run.memory()) result.seen.push_back(each.seen);
  return result;
}

//! As it comes back from a file.
snapshot reread(const snapshot& saved) {
  const auto bytes = nlohmann::json::to_cbor(pack(saved_job{.result = {}, .rest = saved}));
  return *unpack(nlohmann::json::from_cbor(bytes)).rest;
}

void check_all_stops(const setup& setup) {
  std::vector<snapshot> stops;
  const finished whole = train(setup, &stops);
  REQUIRE(stops.size() >= 10);
  std::set<std::uint32_t> epochs;
  for (const snapshot& stop : stops) {
    INFO("epoch " << stop.at.epoch << ", batch " << stop.at.batch);
    epochs.insert(stop.at.epoch);
    const snapshot read = reread(stop);
    const finished resumed = train(setup, nullptr, &read);
    REQUIRE(resumed.weights == whole.weights);
    REQUIRE(resumed.record == whole.record);
    REQUIRE(resumed.seen == whole.seen);
  }
  CHECK(epochs.size() >= 3);
}

TEST_CASE("every method goes on from any stop as if there had been none") {
  dataset data = clouds(1000);
  data.noisy = true;
  for (std::size_t i = 0; i < data.labels.size(); i += 7) {
    data.labels[i] = static_cast<std::uint8_t>((data.labels[i] + 1) % 4);
  }
  for (const method& each : methods()) {
    INFO(each.name);
    training_options options = small_training(4, data, 3);
    options.optimiser = {.momentum = 0.5f, .weight_decay = 1e-3f};
    check_all_stops({each, data, options, 7});
  }
}

TEST_CASE("a run without momentum and with another decay is stopped at every step") {
  const dataset data = clouds(200);
  training_options options = small_training(5, data);
  options.schedule = gradsieve::cosine_decay{.warm_up = warm_up};
  for (const char* name : {"uniform", "plan", "sb", "stale-sb", "plan-skip"}) {
    INFO(name);
    check_all_stops({*find_method(name), data, options, 1});
  }
}

TEST_CASE("a run that was stopped twice saves at the same steps") {
  const dataset data = clouds(1000);
  const setup setup{*find_method("plan"), data, small_training(4, data), 7};
  std::vector<snapshot> whole, second, third;
  const finished end = train(setup, &whole);
  train(setup, &second, &whole[3]);
  const finished resumed = train(setup, &third, &second[2]);
  REQUIRE(second.size() == whole.size() - 4);
  REQUIRE(third.size() == second.size() - 3);
  CHECK(third.back().sums.steps == whole.back().sums.steps);
  CHECK(third.back().sieves == whole.back().sieves);
  CHECK(third.back().network == whole.back().network);
  CHECK(resumed.weights == end.weights);
}

TEST_CASE("seconds go on from where they stood") {
  const dataset data = clouds(200);
  trainer run(small_network(), data, small_training(2, data));
  snapshot saved{};
  run.save_every = 3;
  run.save = [&](const snapshot& now) { saved = now; };
  run.start();
  train_plan(run, find_method("plan")->options);
  saved.run.seconds = 1000;
  saved.run.selection_seconds = 500;
  trainer resumed(small_network(), data, small_training(2, data));
  resumed.resume(saved);
  train_plan(resumed, find_method("plan")->options);
  const record::run result = resumed.finish();
  CHECK(result.seconds > 1000);
  CHECK(result.seconds < 1100);
  CHECK(result.selection_seconds > 500);
  CHECK(result.epochs.back().seconds > 1000);
}

TEST_CASE("no seconds pass and nothing changes while a run is saved") {
  const dataset data = clouds(1000);
  const setup saving{*find_method("plan"), data, small_training(4, data), 1};
  std::vector<snapshot> many;
  CHECK(train(saving, &many).record == train(saving, nullptr).record);
  CHECK(many.size() > 100);
}

TEST_CASE("a snapshot of another network, optimiser or method is refused") {
  const dataset data = clouds(200);
  const setup plan{*find_method("plan"), data, small_training(2, data), 2};
  std::vector<snapshot> stops;
  train(plan, &stops);
  setup smaller = plan, faster = plan;
  smaller.make = small_network(8);
  CHECK_THROWS_WITH(train(smaller, nullptr, &stops[0]), contains("weights"));
  faster.options.optimiser.momentum = 0.9f;
  CHECK_THROWS_WITH(train(faster, nullptr, &stops[0]), contains("velocities"));
  const setup skipping{*find_method("skip"), data, plan.options, 2};
  CHECK_THROWS_WITH(train(skipping, nullptr, &stops[0]), contains("saved with 1 parts"));
  const setup seeded{*find_method("plan"), data, small_training(2, data, 9), 2};
  CHECK_THROWS_WITH(train(seeded, nullptr, &stops[0]), contains("seed"));
}

TEST_CASE("the ids' fingerprint is that of the ids back-propagated, in their order") {
  const dataset data = clouds(200);
  const std::vector<std::int64_t> first{5, 9, 2}, second{7};
  const std::vector<std::uint32_t> positions{2, 0};
  const std::vector<std::int64_t> expected{5, 9, 2, 2, 5, 7};
  trainer run(small_network(), data, small_training(2, data));
  run.start();
  run.train_step(first);
  run.forward(first);
  run.backward(positions);
  run.train_step(second);
  const record::run result = run.finish();
  CHECK(result.trained_ids == record::fingerprint(std::span<const std::int64_t>(expected)));
  CHECK(result.final_weights == record::fingerprint(std::span<const float>(weights_of(run))));
}

TEST_CASE("fingerprints are FNV-1a of 64 bits") {
  const std::vector<char> text{'f', 'o', 'o', 'b', 'a', 'r'};
  CHECK(record::fingerprint(std::span<const char>()) == 0xcbf29ce484222325u);
  CHECK(record::fingerprint(std::span<const char>(text)) == 0x85944171f73967e8u);
}

}  // namespace
