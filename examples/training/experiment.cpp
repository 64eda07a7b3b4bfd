// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "experiment.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

namespace training {
namespace {

constexpr std::int64_t probed_examples = 400;

record::series probe_gradients(network& trained, const dataset& train, double point) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(std::min(probed_examples, train.size())));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  char name[32];
  std::snprintf(name, sizeof name, "at %.0f %% of training", 100 * point);
  record::series cloud{.name = name, .points = {}};
  for (const auto& [loss, norm] : trained.gradient_norms(ids)) {
    // A log axis has no place for what has underflowed.
    if (loss > 0 && norm > 0) cloud.points.emplace_back(loss, norm);
  }
  return cloud;
}

//! By the program's own trainer, from its beginning or from where it was saved.
outcome run_own(const laboratory& lab, const job& task, const std::optional<saved_job>& before,
                const std::function<void(saved_job)>& save) {
  return lab.here.what.own->train({.train = lab.train,
                                   .test = lab.test,
                                   .task = task,
                                   .before = before ? &*before->rest : nullptr,
                                   .save_every = lab.here.saved.every(),
                                   .save = [&](snapshot now) {
                                     save({{}, std::move(now)});
                                   }});
}

//! By the shared trainer.
outcome run_shared(const laboratory& lab, const job& task, std::optional<saved_job> before,
                   const std::function<void(saved_job)>& save) {
  outcome result = before ? std::move(before->result) : outcome{};
  trainer run(lab.here.what.make, lab.train, task.training);
  if (task.watch_epochs) {
    run.evaluate_epoch = [&](network& trained) {
      trained.prepare_evaluation();
      return trained.evaluate(lab.test).error;
    };
  }
  const auto probed = static_cast<std::ptrdiff_t>(result.gradient_norms.size());
  run.probe_points.assign(task.probe_points.begin() + probed, task.probe_points.end());
  run.probe = [&](network& trained, double point) {
    result.gradient_norms.push_back(probe_gradients(trained, lab.train, point));
  };
  run.save_every = lab.here.saved.every();
  run.save = [&](snapshot now) { save({result, std::move(now)}); };
  if (before) {
    run.resume(std::move(*before->rest));
  } else {
    run.start();
  }
  task.what->train(run, task.options);
  result.run = run.finish();
  const score final_score = run.trained().evaluate(lab.test);
  result.run.test_error = final_score.error;
  result.run.test_nll = final_score.nll;
  result.memory = run.memory();
  return result;
}

outcome run_one(const laboratory& lab, const job& task, std::size_t number) {
  const checkpoint& kept = lab.here.saved;
  auto before = kept.load(number, task);
  if (before && !before->rest) return std::move(before->result);

  const auto save = [&](const saved_job& so_far) { kept.save(number, task, so_far); };
  saved_job done{lab.here.what.own ? run_own(lab, task, before, save)
                                   : run_shared(lab, task, std::move(before), save),
                 {}};
  record::run& run = done.result.run;
  run.method = task.what->name;
  run.budget_seconds = task.budget_seconds;
  if (!run.epochs.empty()) run.epochs.back().test_error = run.test_error;
  save(done);
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

}  // namespace training
