// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selection's share of real training: the demo's network and methods on images of noise.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <description.hpp>
#include <trainer.hpp>

namespace {

using namespace training;

//! Images like Fashion-MNIST's in all but what is on them.
const dataset& noise(std::size_t examples) {
  static dataset data;
  if (data.size() != static_cast<std::int64_t>(examples)) {
    data = {};
    data.class_names.resize(10);
    data.height = data.width = 28;
    data.scale = {{127.5f, 73.9f}};
    for (std::size_t i = 0; i < examples * data.image_size(); ++i) {
      data.pixels.push_back(static_cast<std::uint8_t>(bench::word_at(i) >> 56));
    }
    for (std::size_t i = 0; i < examples; ++i) {
      data.labels.push_back(static_cast<std::uint8_t>(bench::word_at(i) % 10));
    }
    data.true_labels = data.labels;
  }
  return data;
}

void train(benchmark::State& state, const method& how, std::size_t examples) {
  const dataset& data = noise(examples);
  training_options options;
  options.budget = 2.5 * static_cast<double>(examples);  // some epochs of which all but one choose
  static const program demo = eigen_mlp::describe();
  options.learning_rate = demo.best_for(how).learning_rate;
  record::run run;
  double trained = 0;
  for (auto _ : state) {
    trainer trainer(demo.make, data, options);
    trainer.start();
    how.train(trainer, how.options);
    run = trainer.finish();
    state.SetIterationTime(run.seconds);
    trained += static_cast<double>(run.backwards);
  }
  bench::per_example(state, trained);
  state.counters["share"] = run.selection_seconds / run.seconds;
  const auto offered = static_cast<double>(run.forwards);
  if (run.epochs.size() < 2 || static_cast<double>(run.backwards) > offered) {
    bench::fail(state, "it did not come to select");
  }
}

const bench::suite all([](const bench::request& asked) {
  // Only where the network is fastest, and the share largest.
  if (std::string(GRADSIEVE_BENCH_BUILD) != "native") return;
  const std::size_t n = asked.quick ? 6'000 : 60'000;
  for (const char* name : {"plan", "sb", "skip"}) {
    const method* how = find_method(name);
    bench::add(
        "training", "gradsieve", {{"N", n}},
        [how, n](benchmark::State& state) {
          if (how == nullptr) return bench::fail(state, "the demo has no such method");
          train(state, *how, n);
        },
        name)
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(3)
        ->Unit(benchmark::kMillisecond);
  }
});

}  // namespace
