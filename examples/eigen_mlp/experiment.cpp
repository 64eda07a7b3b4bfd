// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "experiment.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

namespace eigen_mlp {
namespace {

constexpr Eigen::Index probed_examples = 400;

record::series probe_gradients(mlp& network, const dataset& train, double point) {
  const Eigen::Index count = std::min<Eigen::Index>(probed_examples, train.size());
  network.input(count) = train.images.leftCols(count);
  const auto losses =
      network.forward(std::span(train.labels).first(static_cast<std::size_t>(count)));
  std::vector<float> norms(losses.size());
  network.gradient_norms(norms);
  char name[32];
  std::snprintf(name, sizeof name, "at %.0f %% of training", 100 * point);
  record::series cloud{.name = name, .points = {}};
  for (std::size_t i = 0; i < norms.size(); ++i) {
    // A log axis has no place for what has underflowed.
    if (losses[i] > 0 && norms[i] > 0) cloud.points.emplace_back(losses[i], norms[i]);
  }
  return cloud;
}

outcome run_one(const laboratory& lab, const job& task, std::size_t number) {
  const checkpoint& kept = lab.here.saved;
  auto before = kept.load(number, task);
  if (before && !before->rest) return std::move(before->result);

  outcome result = before ? std::move(before->result) : outcome{};
  trainer run(lab.train, task.training);
  if (task.watch_epochs) {
    run.evaluate_epoch = [&](mlp& network) { return evaluate(network, lab.test).error; };
  }
  const auto probed = static_cast<std::ptrdiff_t>(result.gradient_norms.size());
  run.probe_points.assign(task.probe_points.begin() + probed, task.probe_points.end());
  run.probe = [&](mlp& network, double point) {
    result.gradient_norms.push_back(probe_gradients(network, lab.train, point));
  };
  run.save_every = kept.every();
  run.save = [&](snapshot now) { kept.save(number, task, {result, std::move(now)}); };
  if (before) {
    run.resume(std::move(*before->rest));
  } else {
    run.start();
  }
  task.what->train(run, task.options);
  result.run = run.finish();
  const score final_score = evaluate(run.network(), lab.test);
  result.run.method = task.what->name;
  result.run.budget_seconds = task.budget_seconds;
  result.run.test_error = final_score.error;
  result.run.test_nll = final_score.nll;
  if (!result.run.epochs.empty()) result.run.epochs.back().test_error = final_score.error;
  result.memory = run.memory();
  saved_job done{std::move(result), {}};
  kept.save(number, task, done);
  return std::move(done.result);
}

}  // namespace

std::string describe(const record::run& run) {
  char text[160];
  std::snprintf(text, sizeof text,
                "%-13s seed %llu  %6.2f s  error %5.2f %%  nll %.3f  forwards %llu  backwards %llu",
                run.method.c_str(), static_cast<unsigned long long>(run.seed), run.seconds,
                100 * run.test_error, run.test_nll, static_cast<unsigned long long>(run.forwards),
                static_cast<unsigned long long>(run.backwards));
  return text;
}

std::vector<outcome> run_all(const laboratory& lab, const std::vector<job>& jobs) {
  const std::size_t first = lab.here.saved.reserve(jobs.size());
  std::vector<outcome> results(jobs.size());
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      const job& task = jobs[i];
      lab.here.progress.show("run " + std::to_string(i + 1) + " of " + std::to_string(jobs.size()) +
                             ": " + std::string(task.what->name) + ", seed " +
                             std::to_string(task.training.seed));
      try {
        results[i] = run_one(lab, task, first + i);
      } catch (...) {
        const std::scoped_lock lock(failure_mutex);
        failure = std::current_exception();
        next = jobs.size();
        return;
      }
      lab.here.progress.done(describe(results[i].run));
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < lab.threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return results;
}

}  // namespace eigen_mlp
