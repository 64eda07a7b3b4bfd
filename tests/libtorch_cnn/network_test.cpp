// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The convolutional network behind the shared trainer's seam.
#include "cnn_network.hpp"
#include "methods.hpp"
#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"

namespace {

using namespace training;

//! Images of 12 by 12 whose bright row tells their class, with noise.
dataset stripes(std::size_t count) {
  support::random_source random(count);
  dataset data;
  data.class_names = {"a", "b", "c", "d"};
  data.height = data.width = 12;
  data.scale = {{80, 60}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t label = random.below(4);
    data.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::uint64_t pixel = 0; pixel < 144; ++pixel) {
      const std::uint64_t bright = pixel / 12 / 3 == label ? 60 : 0;
      data.pixels.push_back(static_cast<std::uint8_t>(bright + random.below(160)));
    }
  }
  data.true_labels = data.labels;
  return data;
}

training_options small_training(double epochs, const dataset& data, std::uint64_t seed = 1) {
  training_options options;
  options.batch_size = 50;
  options.learning_rate = 0.1;
  options.optimiser = {.momentum = 0.9f, .weight_decay = 5e-4f};
  options.budget = epochs * static_cast<double>(data.size());
  options.seed = seed;
  return options;
}

std::unique_ptr<network> small_network(const dataset& train, const training_options& options) {
  return libtorch_cnn::make_cnn({4, 8}, train, options);
}

std::vector<std::int64_t> first_ids(std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  return ids;
}

void train(network& of, int steps, const std::vector<std::int64_t>& ids) {
  for (int step = 0; step < steps; ++step) {
    of.forward(ids);
    of.backward();
    of.update(0.05);
  }
}

std::vector<float> copied(std::span<const float> values) { return {values.begin(), values.end()}; }

//! The largest difference of what two networks of the same shape would save.
double difference(const network& one, const network& other) {
  const auto floats = [](const network& of) {
    const auto bytes = of.save();
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
  };
  const auto a = floats(one), b = floats(other);
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  return largest;
}

const dataset data = stripes(300);
const auto ids = first_ids(50);

TEST_CASE("a scoring pass has the losses of a training pass and leaves no trace") {
  const auto one = small_network(data, small_training(1, data));
  train(*one, 3, ids);
  const auto before = one->save();
  const auto scored = copied(one->scoring_forward(ids));
  const std::int64_t wrong = one->mistakes();
  CHECK(one->save() == before);
  CHECK(copied(one->forward(ids)) == scored);
  CHECK(one->mistakes() == wrong);
  CHECK(one->save() != before);  // BatchNorm has seen the batch
}

TEST_CASE("a scoring pass between forward and update changes nothing") {
  const auto plain = small_network(data, small_training(1, data));
  const auto scoring = small_network(data, small_training(1, data));
  train(*plain, 5, ids);
  for (int step = 0; step < 5; ++step) {
    scoring->scoring_forward(first_ids(100));
    scoring->forward(ids);
    scoring->backward();
    scoring->update(0.05);
  }
  CHECK(plain->save() == scoring->save());
}

TEST_CASE("an example is augmented anew with every update") {
  const auto one = small_network(data, small_training(1, data));
  const auto first = copied(one->scoring_forward(ids));
  one->forward(ids);
  one->backward();
  one->update(0);
  CHECK(copied(one->scoring_forward(ids)) != first);
}

TEST_CASE("all positions give the whole batch's step, and each call says what it computed") {
  const auto whole = small_network(data, small_training(1, data));
  const auto parts = small_network(data, small_training(1, data));
  train(*whole, 1, ids);
  std::vector<std::uint32_t> all(ids.size());
  std::iota(all.begin(), all.end(), 0u);
  parts->forward(ids);
  CHECK(parts->backward(all, {}) == 50);
  parts->update(0.05);
  CHECK(difference(*whole, *parts) < 1e-6);
  parts->forward(ids);
  CHECK(parts->backward(std::vector<std::uint32_t>{3, 7}, {}) == 50);
}

TEST_CASE("weights multiply each example's loss") {
  const auto weighted = small_network(data, small_training(1, data));
  const auto single = small_network(data, small_training(1, data));
  for (network* each : {weighted.get(), single.get()}) each->forward(ids);
  weighted->backward(std::vector<std::uint32_t>{2, 3}, std::vector<float>{2.0f, 0.0f});
  single->backward(std::vector<std::uint32_t>{2}, {});
  for (network* each : {weighted.get(), single.get()}) each->update(0.05);
  CHECK(difference(*weighted, *single) < 1e-6);
  const auto other = small_network(data, small_training(1, data));
  other->forward(ids);
  other->backward(std::vector<std::uint32_t>{3}, {});
  other->update(0.05);
  CHECK(difference(*other, *single) > 1e-4);
}

TEST_CASE("a gradient is of the last pass alone") {
  const auto twice = small_network(data, small_training(1, data));
  const auto once = small_network(data, small_training(1, data));
  twice->forward(first_ids(20));
  twice->backward();
  for (network* each : {twice.get(), once.get()}) {
    each->forward(ids);
    each->backward();
    each->update(0.05);
  }
  CHECK(twice->fingerprint() == once->fingerprint());
}

TEST_CASE("evaluation takes its statistics from the training set, and leaves training alone") {
  const auto watched = small_network(data, small_training(1, data));
  const auto plain = small_network(data, small_training(1, data));
  train(*watched, 5, ids);
  train(*plain, 5, ids);
  const score stale = watched->evaluate(data);
  CHECK(watched->prepare_evaluation() == 300);
  const score fresh = watched->evaluate(data);
  CHECK(stale.nll != fresh.nll);
  CHECK(watched->prepare_evaluation() == 300);
  CHECK(watched->evaluate(data).nll == fresh.nll);  // nothing is left of earlier statistics
  CHECK(fresh.error >= 0);
  CHECK(fresh.error <= 1);
  train(*watched, 3, ids);
  train(*plain, 3, ids);
  CHECK(watched->fingerprint() == plain->fingerprint());
}

TEST_CASE("a loaded network goes on as the saved one, of another shape it is refused") {
  for (const float momentum : {0.0f, 0.9f}) {
    training_options options = small_training(1, data);
    options.optimiser.momentum = momentum;
    const auto whole = small_network(data, options);
    train(*whole, 4, ids);
    const auto saved = whole->save();
    train(*whole, 4, ids);
    const auto resumed = small_network(data, options);
    resumed->load(saved);
    CHECK(resumed->save() == saved);
    train(*resumed, 4, ids);
    CHECK(resumed->save() == whole->save());
    const auto wider = libtorch_cnn::make_cnn({4, 9}, data, options);
    CHECK_THROWS_WITH(wider->load(saved), contains("weights"));
  }
}

TEST_CASE("each method trains on its budget of work; the same seed gives the same weights") {
  for (const method& each : methods()) {
    INFO(each.name);
    const auto trained = [&](std::uint64_t seed) {
      trainer run(small_network, data, small_training(3, data, seed));
      run.start();
      each.train(run, each.options);
      return run.finish();
    };
    const record::run one = trained(1), same = trained(1), other = trained(2);
    CHECK(one.final_weights == same.final_weights);
    CHECK(one.trained_ids == same.trained_ids);
    CHECK(one.final_weights != other.final_weights);
    const double work =
        static_cast<double>(one.forwards - 300) / 3 + static_cast<double>(one.backwards) * 2 / 3;
    CHECK(work >= 3 * 300);
    CHECK(work <= 3 * 300 + 200);
  }
}

TEST_CASE("it learns, planned or not") {
  const dataset many = stripes(1500), test = stripes(400);
  for (const char* name : {"uniform", "plan", "sb"}) {
    INFO(name);
    trainer run(small_network, many, small_training(8, many));
    run.start();
    const method& what = *find_method(name);
    what.train(run, what.options);
    run.finish();
    CHECK(run.trained().evaluate(test).error < 0.2);  // chance is .75
  }
}

TEST_CASE("three channels are three channels") {
  dataset colours = stripes(60);
  colours.channels = 3;
  colours.height = 4;
  colours.scale = {{80, 60}, {80, 60}, {80, 60}};
  const auto one = small_network(colours, small_training(1, colours));
  train(*one, 2, ids);
  for (const float loss : one->losses()) CHECK(std::isfinite(loss));
}

}  // namespace
