// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "train.hpp"

#include "data.hpp"
#include "epoch_log.hpp"
#include "planner.hpp"

#include "../training/schedule.hpp"

#include <gradsieve/libtorch/loss.hpp>
#include <gradsieve/libtorch/sieve.hpp>
#include <gradsieve/random/bijection.hpp>

#include <ATen/Context.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace libtorch_cifar10 {
namespace {

using clock = std::chrono::steady_clock;
using training::place;

constexpr std::int64_t estimated_from = 5000;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

at::Tensor ids_on(const at::Device& device, std::span<const std::int64_t> ids) {
  const at::Tensor here = at::empty({static_cast<std::int64_t>(ids.size())}, at::kLong);
  std::ranges::copy(ids, here.mutable_data_ptr<std::int64_t>());
  return here.to(device);
}

//! Training images that BatchNorm's statistics are estimated on.
at::Tensor sample_of(const training::dataset& train, std::uint64_t seed, const at::Device& device) {
  const gradsieve::bijection place(static_cast<std::uint64_t>(train.size()),
                                   {.seed = seed, .use = gradsieve::purpose::user, .replica = 2});
  std::vector<std::int64_t> ids(static_cast<std::size_t>(std::min(estimated_from, train.size())));
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int64_t>(place(i));
  return ids_on(device, ids);
}

class run {
 public:
  run(const configuration& chosen, const training::own_run& asked)
      : asked_(asked),
        options_(asked.task.training),
        device_(chosen.device),
        train_(to_device(asked.train, device_)),
        model_(chosen.width, asked.train.classes(), options_.optimiser, chosen.type, device_,
               options_.seed),
        planner_(make_planner(asked.task.what->name, asked.task.options, train_.size(),
                              options_.seed, device_)),
        generator_(at::globalContext().defaultGenerator(device_).clone()),
        work_(options_.budget, options_.forward_share),
        log_(asked.train, options_, device_) {
    if (asked.task.what->name != "sb") return;
    const auto k = static_cast<std::size_t>(options_.batch_size);
    offered_ = static_cast<std::int64_t>(std::ceil(options_.batch_size / asked.task.options.keep));
    picker_.emplace(
        gradsieve::sieve_options{.policy = gradsieve::power{.beta = asked.task.options.beta},
                                 .history = asked.task.options.history,
                                 .max_batch = static_cast<std::size_t>(offered_),
                                 .seed = options_.seed},
        device_, gradsieve::exactly_k_selector{k});
  }

  training::outcome train() {
    place at = begin();
    while (!work_.finished()) {
      if (at.batch == 0) plan_ = selecting([&] { return planner_->plan(at.epoch); });
      const auto batches = plan_.split(offered_);
      while (at.batch < batches.size() && !work_.finished()) {
        step(batches[at.batch++]);
        const bool due = asked_.save_every > 0 && log_.steps() % asked_.save_every == 0;
        if (due && !work_.finished()) save(at);
      }
      log_.read_device();
      log_.end_epoch(train_.size(), seconds());
      if (asked_.task.watch_epochs)
        off_the_clock([&] { log_.last_epoch().test_error = test().error; });
      at = {at.epoch + 1, 0};
    }
    return finish();
  }

 private:
  //! Nothing in here waits for the device.
  void step(at::Tensor ids) {
    const double rate = options_.learning_rate * options_.schedule(work_.progress(), 1.0);
    // Draws of this step, whatever came before: a resumed run has the same.
    generator_.set_current_seed(options_.seed * 0x9e3779b97f4a7c15u + log_.steps());
    at::Tensor inputs = images(train_, ids, drawn_windows(ids.numel(), device_, generator_));
    at::Tensor labels = train_.labels.index_select(0, ids), kept;
    if (picker_) {
      const at::Tensor scores = model_.scoring_losses(inputs, labels);
      work_.add_forwards(static_cast<std::size_t>(ids.numel()));
      const auto picked = selecting([&] { return picker_->pick_static(scores); });
      ids = ids.index_select(0, picked.index);
      inputs = inputs.index_select(0, picked.index);
      labels = labels.index_select(0, picked.index);
      kept = picked.kept;
    }
    const at::Tensor losses = model_.losses(inputs, labels);
    model_.step(kept.defined() ? gradsieve::libtorch::weighted_mean(
                                     losses, kept, gradsieve::libtorch::denominator::weights)
                               : losses.mean(),
                rate);
    const at::Tensor seen = losses.detach();
    selecting([&] { planner_->observe(ids, seen); });
    const auto trained = static_cast<std::size_t>(ids.numel());
    work_.add_forwards(trained);
    work_.add_backwards(trained);
    log_.step(ids, seen, rate, selection_seconds_, seconds(), work_);
  }

  //! Counts what the library's calls take of the host. On a GPU the kernels' time is in the step's.
  template <class Call>
  auto selecting(Call&& call) -> decltype(call()) {
    const struct timer {
      double& sum;
      clock::time_point start = clock::now();
      ~timer() { sum += seconds_since(start); }
    } watch{selection_seconds_};
    return call();
  }
  template <class Call>
  void off_the_clock(Call&& call) {
    const auto start = clock::now();
    call();
    excluded_ += seconds_since(start);
  }
  double seconds() const { return seconds_since(start_) - excluded_; }

  training::score test() {
    if (!test_.labels.defined()) test_ = to_device(asked_.test, device_);
    return model_.evaluate(train_, sample_of(asked_.train, options_.seed, device_), test_);
  }

  place begin();
  void save(const place& at);
  training::outcome finish();

  const training::own_run& asked_;
  training::training_options options_;
  at::Device device_;
  device_data train_, test_;
  model model_;
  std::unique_ptr<planner> planner_;
  std::optional<gradsieve::libtorch::exactly_k_sieve> picker_;
  std::int64_t offered_ = options_.batch_size;  // ids of a step, before a pick
  at::Generator generator_;
  training::work_meter work_;
  epoch_log log_;
  at::Tensor plan_;  // this epoch's ids
  double selection_seconds_ = 0, excluded_ = 0;
  clock::time_point start_ = clock::now();
};

at::Tensor as_tensor(std::span<const std::byte> bytes) {
  const at::Tensor here = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  std::ranges::copy(bytes, static_cast<std::byte*>(here.mutable_data_ptr()));
  return here;
}
std::vector<std::byte> bytes_of(const at::Tensor& tensor) {
  const at::Tensor here = tensor.cpu().contiguous();
  const auto* const first = static_cast<const std::byte*>(here.const_data_ptr());
  return {first, first + here.nbytes()};
}

place run::begin() {
  if (!asked_.before) return {};
  const training::snapshot& saved = *asked_.before;
  planner_->load(saved.sieves.at(0));
  plan_ = as_tensor(saved.sieves.at(1)).view(at::kLong).to(device_);
  if (picker_) picker_->load(as_tensor(saved.sieves.at(2)));
  model_.load(saved.network);
  work_.add_forwards(saved.run.forwards);
  work_.add_backwards(saved.run.backwards);
  log_.resume(saved);
  selection_seconds_ = saved.run.selection_seconds;
  excluded_ = seconds_since(start_) - saved.run.seconds;
  return saved.at;
}

void run::save(const place& at) {
  log_.read_device();
  const double spent = seconds();
  off_the_clock([&] {
    training::snapshot now = log_.snapshot(spent);
    now.at = at;
    now.sieves = {planner_->save(), bytes_of(plan_)};
    if (picker_) now.sieves.push_back(bytes_of(picker_->save()));
    now.network = model_.save();
    asked_.save(std::move(now));
  });
}

training::outcome run::finish() {
  training::outcome result;
  result.run = log_.snapshot(seconds()).run;
  // The estimate of BatchNorm's statistics counts as work.
  result.run.forwards += static_cast<std::uint64_t>(std::min(estimated_from, train_.size()));
  const training::score final_score = test();
  result.run.test_error = final_score.error;
  result.run.test_nll = final_score.nll;
  result.run.final_weights = model_.fingerprint();
  result.memory = planner_->memory();
  return result;
}

}  // namespace

training::outcome train(const configuration& chosen, const training::own_run& asked) {
  return run(chosen, asked).train();
}

training::prices calibrate(const configuration& chosen, const training::dataset& data,
                           const training::training_options& options) {
  constexpr double warm_up_seconds = 1, measured_seconds = 2;
  const device_data train = to_device(data, chosen.device);
  model scratch(chosen.width, data.classes(), options.optimiser, chosen.type, chosen.device, 1);
  const std::int64_t n = std::min<std::int64_t>(options.batch_size, train.size());
  const at::Tensor ids = at::arange(n, train.labels.options());
  const at::Tensor labels = train.labels.index_select(0, ids);
  const auto inputs = [&] { return images(train, ids, plain_windows(n, chosen.device)); };
  // Seconds that one example takes of batches that are done, not only asked for.
  const auto sample = [&](auto batch) {
    const auto start = clock::now();
    at::Tensor last;
    for (int i = 0; i < 8; ++i) last = batch();
    last.sum().item<float>();
    return seconds_since(start) / 8 / static_cast<double>(n);
  };
  std::vector<double> forward, step;
  const auto start = clock::now();
  while (seconds_since(start) < warm_up_seconds + measured_seconds || step.empty()) {
    const double one = sample([&] { return scratch.scoring_losses(inputs(), labels); });
    const double other = sample([&] {
      const at::Tensor losses = scratch.losses(inputs(), labels);
      scratch.step(losses.mean(), 0.0);
      return losses.detach();
    });
    if (seconds_since(start) < warm_up_seconds) continue;
    forward.push_back(one);
    step.push_back(other);
  }
  const auto median = [](std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
  };
  const double train_seconds = median(step);
  return {.train_seconds = train_seconds,
          .forward_share = std::clamp(median(forward) / train_seconds, 0.05, 0.95)};
}

}  // namespace libtorch_cifar10
